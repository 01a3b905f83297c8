import { METRICS } from '../../observability/metrics/catalog';

const SCRAPE_MS_MAX = 5_000;
const SECOND_MS = 1_000;

/** How long risk took to decide, on entry and on amendment, as the worker measures it. */
export interface RiskLatency {
  count: number;
  meanMs: number;
  /** Upper bounds of the buckets in milliseconds, ascending, with how many lie at or below; the last is all. */
  buckets: readonly { upToMs: number; count: number }[];
}

export interface RiskTotals {
  count: number;
  sumMs: number;
  buckets: ReadonlyMap<number, number>;
}

/**
 * Totals since the worker started, from its Prometheus endpoint. Throws when it does not answer; the totals are zero
 * while no order has been checked.
 */
export async function readRiskTotals(metricsUrl: string): Promise<RiskTotals> {
  const response = await fetch(metricsUrl, { signal: AbortSignal.timeout(SCRAPE_MS_MAX) });
  if (!response.ok) throw new Error(`${metricsUrl} answered ${response.status}`);
  return parseRiskTotals(await response.text());
}

/** Reads the totals from the text format of Prometheus. */
export function parseRiskTotals(text: string): RiskTotals {
  let count = 0;
  let sumMs = 0;
  const buckets = new Map<number, number>();
  const pattern = new RegExp(`^${METRICS.riskCheck.name}_(sum|count|bucket)\\{([^}]*)\\} (\\S+)`, 'gm');
  for (const [, part, labels = '', value] of text.matchAll(pattern)) {
    const amount = Number(value);
    if (part === 'count') count += amount;
    else if (part === 'sum') sumMs += amount * SECOND_MS;
    else {
      const bound = /le="([^"]+)"/.exec(labels)?.[1];
      const upToMs = bound === '+Inf' ? Infinity : Number(bound) * SECOND_MS;
      buckets.set(upToMs, (buckets.get(upToMs) ?? 0) + amount);
    }
  }
  return { count, sumMs, buckets };
}

/** What happened between two looks; undefined when nothing did. */
export function riskBetween(before: RiskTotals, after: RiskTotals): RiskLatency | undefined {
  const count = after.count - before.count;
  if (count <= 0) return undefined;
  const buckets = [...after.buckets]
    .map(([upToMs, total]) => ({ upToMs, count: total - (before.buckets.get(upToMs) ?? 0) }))
    .sort((a, b) => a.upToMs - b.upToMs);
  return { count, meanMs: (after.sumMs - before.sumMs) / count, buckets };
}

/** The bound of the bucket in which the percentile lies: it is at most this; milliseconds. */
export function atMostMs({ buckets, count }: RiskLatency, share: number): number {
  return buckets.find((bucket) => bucket.count >= share * count)?.upToMs ?? Infinity;
}
