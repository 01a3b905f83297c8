import { rounded } from '../bench/statistics';
import type { Latency, PhaseFigures } from './figures';
import { linkNamed } from './links';
import type { PlannedPhase } from './profiles';
import { DELAY, DRAIN_SECONDS_MAX } from './session';
import type { Finding } from './verify';

/** One threshold and what was measured against it. */
export interface Verdict {
  phase: string;
  what: string;
  value: number;
  /** The highest value that passes. */
  max: number;
  unit: 'orders' | 'answers' | 'arrivals' | 's' | '× floor' | '× before' | 'round trips' | 'share' | '';
  ok: boolean;
  examples?: readonly string[];
}

export interface Judged {
  planned: PlannedPhase;
  figures: PhaseFigures;
}

/**
 * Bounds as multiples of an empty update-with-start alone on the same servers in the same run: an order does more than
 * nothing, but not by orders of magnitude. They catch a change that adds work, not a slow machine.
 */
const ACK_P50_TO_FLOOR_MAX = 6;
const ACK_P99_TO_FLOOR_MAX = 30;
/** After a peak, acknowledgements must be back at this multiple of what they took before it. */
const RECOVERED_TO_BEFORE_MAX = 3;
const RECOVERY_SECONDS_MAX = 60;
/**
 * Ten times base is more than the capacity, because changes, reads and streams come with the orders: what is too much is
 * refused in good order, and hardly anything waits so long that its outcome is not known.
 */
const REFUSED_SHARE_AT_PEAK_MAX = 0.5;
const OPEN_SHARE_AT_PEAK_MAX = 0.05;
const ROUND_TRIP_MS = 2 * DELAY.latencyMs;
/** Fewer samples make no percentile that could be compared. */
const SAMPLES_MIN = 10;

type Limit = Omit<Verdict, 'ok' | 'phase'>;

const atMost = (what: string, value: number, max: number, unit: Verdict['unit'] = ''): Limit => ({
  what,
  value: rounded(value, 3),
  max,
  unit,
});

const sum = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** What holds in every phase: nothing is unanswered, unexplained, stuck or missing. */
function always({ planned, figures }: Judged): Limit[] {
  const { isOverload, disturbance, peak } = planned;
  const mayRefuse = isOverload || disturbance?.kind === 'cuts';
  const errors = Object.entries(figures.errors).map(([name, count]) => `${name}: ${count}`);
  const refusedMax = mayRefuse ? 1 : peak === undefined ? 0 : REFUSED_SHARE_AT_PEAK_MAX;
  return [
    {
      ...atMost(
        'wrong answers',
        disturbance?.kind === 'cuts' ? severe(figures) : sum(figures.errors),
        0,
        'answers',
      ),
      examples: errors,
    },
    atMost('refusals without Retry-After', figures.refusedWithoutRetryAfter, 0, 'answers'),
    ...(mayRefuse ? [] : [openAnswers(figures, peak !== undefined)]),
    atMost('orders whose outcome stayed open', isOverload ? 0 : figures.doubtful, 0, 'orders'),
    atMost('share of refused orders', figures.refused / Math.max(1, figures.arrivals), refusedMax, 'share'),
    atMost('arrivals that the generator dropped', isOverload ? 0 : figures.droppedArrivals, 0, 'arrivals'),
    atMost('time until the backlog was gone', figures.drainSeconds ?? Infinity, DRAIN_SECONDS_MAX, 's'),
    atMost('acknowledged orders that no stream showed to the end', figures.streamed.missing, 0, 'orders'),
  ];
}

const openAnswers = ({ openAnswers: count, arrivals }: PhaseFigures, isPeak: boolean): Limit =>
  atMost(
    'answers that left the outcome open, for each order',
    count / Math.max(1, arrivals),
    isPeak ? OPEN_SHARE_AT_PEAK_MAX : 0,
    'share',
  );

/** While a connection is cut, an answer may say that it is not known; what may never happen is a fault of ours. */
const severe = ({ errors }: PhaseFigures): number =>
  sum(Object.fromEntries(Object.entries(errors).filter(([name]) => / (500|404) /.test(`${name} `))));

/** A load well under capacity is answered in a small multiple of the floor. */
function againstFloor({ planned, figures }: Judged, floor: Latency): Limit[] {
  if (planned.isOverload || planned.peak !== undefined || planned.disturbance !== undefined) return [];
  if (figures.ack.count < SAMPLES_MIN) return [];
  return [
    atMost('acknowledgement p50', figures.ack.p50Ms / floor.p50Ms, ACK_P50_TO_FLOOR_MAX, '× floor'),
    atMost('acknowledgement p99', figures.ack.p99Ms / floor.p50Ms, ACK_P99_TO_FLOOR_MAX, '× floor'),
  ];
}

/** After the peak: how long until a second's median is back, and that it stays there in the end. */
function recovery({ planned, figures }: Judged): Limit[] {
  const { peak } = planned;
  if (peak === undefined) return [];
  const medians = figures.moments.flatMap(({ second, ack }) =>
    ack === undefined ? [] : [{ second, p50Ms: ack.p50Ms }],
  );
  const before = medians.filter(({ second }) => second < peak.fromSeconds);
  const after = medians.filter(({ second }) => second >= peak.toSeconds);
  const reference = middle(before.map(({ p50Ms }) => p50Ms));
  const isSlow = ({ p50Ms }: { p50Ms: number }): boolean => p50Ms > reference * RECOVERED_TO_BEFORE_MAX;
  const lastSlow = after.filter(isSlow).at(-1);
  // Without an acknowledgement after the peak nothing has recovered.
  const recovered = lastSlow === undefined ? 0 : lastSlow.second + 1 - peak.toSeconds;
  const seconds = after.length === 0 ? Infinity : Math.max(0, recovered);
  const end = middle(after.slice(Math.floor(after.length / 2)).map(({ p50Ms }) => p50Ms));
  return [
    atMost('time until acknowledgements recovered', seconds, RECOVERY_SECONDS_MAX, 's'),
    atMost('acknowledgement p50 in the end', end / reference, RECOVERED_TO_BEFORE_MAX, '× before'),
  ];
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A delayed connection costs an acknowledgement, and the risk check in it, only the round trips that the design has. */
function roundTrips({ planned, figures }: Judged, undisturbed: PhaseFigures | undefined): Limit[] {
  const { disturbance } = planned;
  if (disturbance?.kind !== 'delay' || undisturbed === undefined) return [];
  const link = linkNamed(disturbance.link);
  const trips = (withMs: number, withoutMs: number): number =>
    Math.max(0, (withMs - withoutMs) / ROUND_TRIP_MS);
  const limits = [
    atMost(
      'round trips in an acknowledgement',
      trips(figures.ack.p50Ms, undisturbed.ack.p50Ms),
      link.ackRoundTripsMax,
      'round trips',
    ),
  ];
  if (figures.risk !== undefined && undisturbed.risk !== undefined)
    limits.push(
      atMost(
        'round trips in the risk check',
        trips(figures.risk.meanMs, undisturbed.risk.meanMs),
        link.riskRoundTripsMax,
        'round trips',
      ),
    );
  return limits;
}

/** NaN is no figure, and no figure is no pass. */
const passes = ({ value, max }: Limit): boolean => value <= max;

/** Judges a whole run. The order is that of the phases, then that of the final checks. */
export function judge(phases: readonly Judged[], findings: readonly Finding[], floor: Latency): Verdict[] {
  const undisturbed = phases.find(({ planned }) => planned.disturbance === undefined)?.figures;
  const ofPhases = phases.flatMap((phase): Verdict[] =>
    [
      ...always(phase),
      ...againstFloor(phase, floor),
      ...recovery(phase),
      ...roundTrips(phase, undisturbed),
    ].map((limit) => ({ ...limit, phase: phase.figures.name, ok: passes(limit) })),
  );
  const ofFindings = findings.map(({ what, count, examples }): Verdict => ({
    phase: 'in the end',
    what,
    value: count,
    max: 0,
    unit: '',
    ok: count === 0,
    examples,
  }));
  return [...ofPhases, ...ofFindings];
}

/** One verdict as a line: what, value, bound, and the first examples of a breach. */
export function verdictText({ phase, what, value, max, unit, ok, examples = [] }: Verdict): string {
  const more = ok || examples.length === 0 ? '' : ` (${examples.join('; ')})`;
  return `${ok ? 'ok    ' : 'BREACH'} ${phase}: ${what} ${value}${unit === '' ? '' : ` ${unit}`}, at most ${max}${more}`;
}
