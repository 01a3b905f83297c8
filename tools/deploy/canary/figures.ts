/** Counts of durations by upper bound in seconds, ascending; the last count is of what is above every bound. */
export interface Durations {
  bounds: readonly number[];
  counts: readonly number[];
}

/** What one build did in one span of time, without probe orders. Counts are of orders. */
export interface BuildFigures {
  buildId: string;
  /** ISO 8601 UTC; orders that began from `since` on and were seen at `until`. */
  since: string;
  until: string;
  orders: number;
  /** Of `orders`, those whose workflow still runs. */
  open: number;
  /** Workflows that ended by a fault of ours: failed without a code of a refusal, timed out or terminated. */
  failed: number;
  /** Orders that have had no answer for longer than an answer may take. */
  unanswered: number;
  /** Refused orders by `<who>:<code of the first reason>`, such as `risk:ORDER_VALUE_LIMIT`. */
  rejects: Readonly<Record<string, number>>;
  /** Orders whose histories were read, and those among them with a workflow task that failed or timed out. */
  examined: number;
  taskFailures: number;
  /** From the start of an order to its durable answer. */
  acknowledgement: Durations;
  /** From the start of the order's first task to the decision of risk, validation included. */
  risk: Durations;
  /** What could not be read, one sentence each: nothing can be promoted on figures with gaps. */
  gaps: readonly string[];
}

export function countOf({ counts }: Durations): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

export function rejectsOf({ rejects }: BuildFigures): number {
  return Object.values(rejects).reduce((sum, count) => sum + count, 0);
}

const FINEST_SECONDS = 0.0005;
const COARSEST_SECONDS = 120;
const STEP = 1.1;
/** Bounds a tenth apart: what a bucket hides is smaller than any difference that is judged. */
export const FINE_BOUNDS: readonly number[] = Array.from(
  { length: Math.ceil(Math.log(COARSEST_SECONDS / FINEST_SECONDS) / Math.log(STEP)) + 1 },
  (_, index) => FINEST_SECONDS * STEP ** index,
);

/** Durations in seconds, counted by the fine bounds. */
export function durationsOf(seconds: readonly number[], bounds: readonly number[] = FINE_BOUNDS): Durations {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const value of seconds) {
    const index = bounds.findIndex((bound) => value <= bound);
    const bucket = index < 0 ? bounds.length : index;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return { bounds, counts };
}
