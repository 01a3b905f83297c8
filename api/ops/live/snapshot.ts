import type { ProcessReading } from './process-reader';

interface Series {
  key: string;
  process: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

export type LabelFilter = Readonly<Record<string, string>>;

const matches = (labels: Readonly<Record<string, string>>, filter: LabelFilter): boolean =>
  Object.entries(filter).every(([label, wanted]) => labels[label] === wanted);

/** The metrics of all processes at one moment. */
export class Snapshot {
  readonly atMs: number;
  readonly readings: readonly ProcessReading[];
  private readonly byName = new Map<string, Series[]>();
  private readonly values = new Map<string, number>();
  private readonly answered: ReadonlySet<string>;

  constructor(atMs: number, readings: readonly ProcessReading[]) {
    this.atMs = atMs;
    this.readings = readings;
    this.answered = new Set(
      readings.filter(({ cause }) => cause === undefined).map((reading) => reading.process),
    );
    for (const { process, samples } of readings) {
      for (const { name, labels, value } of samples) {
        const key = `${process} ${name} ${JSON.stringify(labels)}`;
        const series = this.byName.get(name) ?? [];
        series.push({ key, process, labels, value });
        this.byName.set(name, series);
        this.values.set(key, value);
      }
    }
  }

  /** True when every process that answered in `other` answered here too. */
  covers(other: Snapshot): boolean {
    return [...other.answered].every((process) => this.answered.has(process));
  }

  /** Current values of a gauge. */
  gauges(name: string, filter: LabelFilter = {}): readonly Series[] {
    return (this.byName.get(name) ?? []).filter(({ labels }) => matches(labels, filter));
  }

  /**
   * How much each series of a counter grew since `before`. A process that restarted began at zero; one that did not
   * answer then has no growth that could be told.
   */
  growth(name: string, before: Snapshot, filter: LabelFilter = {}): Series[] {
    return this.gauges(name, filter).flatMap((series) => {
      if (!before.answered.has(series.process)) return [];
      const earlier = before.values.get(series.key) ?? 0;
      const value = series.value >= earlier ? series.value - earlier : series.value;
      return [{ ...series, value }];
    });
  }

  /** The sum of {@link growth}. */
  grown(name: string, before: Snapshot, filter: LabelFilter = {}): number {
    return this.growth(name, before, filter).reduce((sum, { value }) => sum + value, 0);
  }

  /**
   * Quantiles of a histogram over what was observed since `before`, interpolated in its buckets as Prometheus does;
   * undefined when nothing was observed.
   */
  quantiles(
    name: string,
    before: Snapshot,
    wanted: readonly number[],
    filter: LabelFilter = {},
  ): { count: number; quantiles: number[] } | undefined {
    const cumulative = new Map<number, number>();
    for (const { labels, value } of this.growth(`${name}_bucket`, before, filter)) {
      const bound = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
      cumulative.set(bound, (cumulative.get(bound) ?? 0) + value);
    }
    const buckets = [...cumulative].sort(([left], [right]) => left - right);
    const count = buckets.at(-1)?.[1] ?? 0;
    if (count === 0) return undefined;
    return { count, quantiles: wanted.map((quantile) => interpolate(buckets, quantile * count)) };
  }
}

function interpolate(
  buckets: readonly (readonly [bound: number, cumulative: number])[],
  rank: number,
): number {
  let lower = 0;
  let below = 0;
  for (const [bound, cumulative] of buckets) {
    if (cumulative >= rank) {
      // Above the last bound nothing more is known than that it was passed.
      if (!Number.isFinite(bound)) return lower;
      return cumulative === below ? bound : lower + (bound - lower) * ((rank - below) / (cumulative - below));
    }
    lower = bound;
    below = cumulative;
  }
  return lower;
}
