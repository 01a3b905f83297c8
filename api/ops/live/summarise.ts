import { METRICS } from '../../../observability/metrics/catalog';
import type { SystemState } from '../monitor/system-monitor';
import type { HistoryPoint } from './live-sampler';
import type { Snapshot } from './snapshot';
import type { Summary } from './summary.schemas';
import { verdictOf } from './verdict';

const MS = 1_000;
const QUANTILES = [0.5, 0.95, 0.99] as const;
const ACKNOWLEDGEMENT = METRICS.orderAcknowledgement.name;

/** What the page is made of: what the servers say, and what the processes say now and said a minute ago. */
export interface Observations {
  state: SystemState;
  now: Snapshot;
  /** To compare with; undefined while there is one snapshot only. */
  before: Snapshot | undefined;
  history: readonly HistoryPoint[];
  venues: readonly string[];
}

type Compared = Observations & { before: Snapshot };

export function summarise(observations: Observations): Omit<Summary, 'viewer'> {
  const { state, now, before } = observations;
  const compared: Compared | undefined = before === undefined ? undefined : { ...observations, before };
  const windowSeconds = before === undefined ? null : (now.atMs - before.atMs) / MS;
  const draft = {
    asOf: isoOf(state.atMs),
    windowSeconds,
    ...(compared === undefined ? NOTHING_COMPARED : flowOf(compared)),
    openOrders: state.openOrders,
    stuckOrders: state.stuck,
    reservedCash: reservedOf(state),
    breaks: breaksOf(state),
    queues: state.queues,
    builds: buildsOf(observations),
    buildsCause: state.builds.ok ? null : state.builds.cause,
    venues: observations.venues.map((venue) => venueOf(observations, venue)),
    processes: now.readings.map(({ process, cause }) => processOf(now, process, cause)),
    slots: slotsOf(now),
    history: observations.history.map(({ atMs, ordersPerSecond, acknowledgementP99Seconds }) => ({
      at: isoOf(atMs),
      ordersPerSecond,
      acknowledgementP99Ms: inMs(acknowledgementP99Seconds),
    })),
  };
  return { ...draft, verdict: verdictOf(draft) };
}

const isoOf = (atMs: number): string => new Date(atMs).toISOString();
const inMs = (seconds: number | undefined): number | null => (seconds === undefined ? null : seconds * MS);

const NOTHING_COMPARED: Pick<
  Summary,
  'ordersPerSecond' | 'outcomes' | 'denials' | 'transitions' | 'latencies'
> = { ordersPerSecond: null, outcomes: {}, denials: [], transitions: [], latencies: [] };

function flowOf({ now, before }: Compared): typeof NOTHING_COMPARED {
  const outcomes: Record<string, number> = {};
  for (const { labels, value } of now.growth(`${ACKNOWLEDGEMENT}_count`, before)) {
    const outcome = labels['outcome'] ?? '';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + value;
  }
  const answers = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  const denials = summed(now.growth(METRICS.ordersDenied.name, before), ['reason', 'by']);
  const transitions = summed(now.growth(METRICS.orderTransitions.name, before), ['state', 'venue']);
  return {
    ordersPerSecond: answers / ((now.atMs - before.atMs) / MS),
    outcomes,
    denials,
    transitions,
    latencies: [
      latencyOf(now, before, 'Acknowledgement', ACKNOWLEDGEMENT),
      latencyOf(now, before, 'Risk check', METRICS.riskCheck.name),
      latencyOf(now, before, 'Venue answer', METRICS.venueWire.name),
      latencyOf(now, before, 'View lag', METRICS.viewLag.name),
    ],
  };
}

/** Counts by two labels, the largest first, without those that did not grow. */
function summed<A extends string, B extends string>(
  growth: readonly { labels: Readonly<Record<string, string>>; value: number }[],
  [first, second]: readonly [A, B],
): (Record<A | B, string> & { count: number })[] {
  const rows = new Map<string, Record<A | B, string> & { count: number }>();
  for (const { labels, value } of growth) {
    if (value === 0) continue;
    const key = `${labels[first]} ${labels[second]}`;
    const count = (rows.get(key)?.count ?? 0) + value;
    rows.set(key, { [first]: labels[first], [second]: labels[second], count } as Record<A | B, string> & {
      count: number;
    });
  }
  return [...rows.values()].sort((left, right) => right.count - left.count);
}

function latencyOf(
  now: Snapshot,
  before: Snapshot,
  what: string,
  name: string,
): Summary['latencies'][number] {
  const found = now.quantiles(name, before, QUANTILES);
  const [p50, p95, p99] = found?.quantiles ?? [];
  return { what, count: found?.count ?? 0, p50Ms: inMs(p50), p95Ms: inMs(p95), p99Ms: inMs(p99) };
}

function reservedOf({ reservedCash }: SystemState): Summary['reservedCash'] {
  if (!reservedCash.ok) return reservedCash;
  return {
    ok: true,
    value: Object.entries(reservedCash.value).map(([currency, amount]) => ({ currency, amount })),
  };
}

function breaksOf({ reconciliation }: SystemState): Summary['breaks'] {
  if (!reconciliation.ok) return reconciliation;
  if (reconciliation.value === undefined) return { ok: true, value: null };
  const { breaks, checkedAtMs } = reconciliation.value;
  return { ok: true, value: { ...breaks, checkedAt: isoOf(checkedAtMs) } };
}

/** Builds that Temporal routes to, and builds that answered in the window whether or not it still does. */
function buildsOf({ state, now, before }: Observations): Summary['builds'] {
  const routed = state.builds.ok ? state.builds.value : [];
  const answers = new Map<string, number>(routed.map(({ buildId }) => [buildId, 0]));
  const growth = before === undefined ? [] : now.growth(`${ACKNOWLEDGEMENT}_count`, before);
  for (const { labels, value } of growth) {
    const build = labels['build'] ?? 'none';
    if (build !== 'none' && value > 0) answers.set(build, (answers.get(build) ?? 0) + value);
  }
  const total = [...answers.values()].reduce((sum, count) => sum + count, 0);
  return [...answers].map(([buildId, count]) => {
    const known = routed.find((candidate) => candidate.buildId === buildId);
    const found =
      before === undefined ? undefined : now.quantiles(ACKNOWLEDGEMENT, before, [0.99], { build: buildId });
    return {
      buildId,
      role: known?.role ?? 'other',
      status: known?.status ?? null,
      routedPercent: known?.rampPercent ?? null,
      sharePercent: total === 0 ? 0 : (100 * count) / total,
      answers: count,
      acknowledgementP99Ms: inMs(found?.quantiles[0]),
    };
  });
}

function venueOf({ now, before }: Observations, venue: string): Summary['venues'][number] {
  const { name } = METRICS.venueWire;
  const [session] = now.gauges(METRICS.venueSessionUp.name, { venue });
  const [waiting] = now.gauges(METRICS.reportsWaiting.name, { venue });
  const found = before === undefined ? undefined : now.quantiles(name, before, [0.5, 0.99], { venue });
  const unanswered =
    before === undefined
      ? 0
      : now.grown(`${name}_count`, before, { venue, outcome: 'unknown' }) +
        now.grown(`${name}_count`, before, { venue, outcome: 'notSent' });
  const sessionState = session === undefined ? 'unknown' : session.value === 1 ? 'up' : 'down';
  return {
    venue,
    session: sessionState,
    cause: session === undefined ? 'no gateway tells about this venue' : null,
    messages: found?.count ?? 0,
    wireP50Ms: inMs(found?.quantiles[0]),
    wireP99Ms: inMs(found?.quantiles[1]),
    unanswered,
    reportsWaiting: waiting?.value ?? null,
  };
}

function processOf(now: Snapshot, process: string, cause: string | undefined): Summary['processes'][number] {
  const figure = (name: string): number | null =>
    now.gauges(name).find((series) => series.process === process)?.value ?? null;
  const lag = figure(METRICS.eventLoopLag.name);
  return {
    process,
    answers: cause === undefined,
    cause: cause ?? null,
    cpuCores: figure(METRICS.processCpu.name),
    memoryBytes: figure(METRICS.processMemory.name),
    eventLoopLagMs: lag === null ? null : lag * MS,
  };
}

function slotsOf(now: Snapshot): Summary['slots'] {
  return now.gauges('temporal_worker_task_slots_used').map(({ process, labels, value }) => {
    const kind = labels['worker_type'] ?? '';
    const free = now.gauges('temporal_worker_task_slots_available', { worker_type: kind });
    const available = free.find((series) => series.process === process)?.value ?? 0;
    return { process, kind, used: value, available };
  });
}
