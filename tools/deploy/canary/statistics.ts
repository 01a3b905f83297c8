import { countOf, type Durations } from './figures';

/** Lanczos coefficients (g = 7, n = 9), good to fifteen digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const LANCZOS_G = 7;
const BISECTIONS = 60;

function logGamma(x: number): number {
  const z = x - 1;
  const sum = LANCZOS.reduce((total, c, index) => (index === 0 ? c : total + c / (z + index)), 0);
  const t = z + LANCZOS_G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/** `hits` of `trials`. */
export interface Share {
  hits: number;
  trials: number;
}

/**
 * Fisher's exact test, one-sided: how likely it is that `candidate` has so many hits or more when both have the same
 * chance of a hit. 1 when either side has no trials: nothing can be said then.
 */
export function chanceOfSoMany(candidate: Share, current: Share): number {
  const { hits: a, trials: n } = candidate;
  const { hits: c, trials: m } = current;
  if (n === 0 || m === 0 || a === 0) return 1;
  const hits = a + c;
  const all = logChoose(n + m, hits);
  let sum = 0;
  for (let k = a; k <= Math.min(n, hits); k += 1) {
    if (hits - k > m) continue;
    sum += Math.exp(logChoose(n, k) + logChoose(m, hits - k) - all);
  }
  return Math.min(1, sum);
}

/** Chance of at most `k` hits in `n` trials of chance `p`. */
export function binomialAtMost(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n || p <= 0) return 1;
  if (p >= 1) return 0;
  let sum = 0;
  for (let i = 0; i <= k; i += 1)
    sum += Math.exp(logChoose(n, i) + i * Math.log(p) + (n - i) * Math.log1p(-p));
  return Math.min(1, sum);
}

/** Clopper and Pearson's lower bound: the true share is below it with a chance of at most `alpha`. */
export function shareAtLeast({ hits, trials }: Share, alpha: number): number {
  if (hits === 0 || trials === 0) return 0;
  return bisect((p) => 1 - binomialAtMost(hits - 1, trials, p) < alpha);
}

/** Clopper and Pearson's upper bound: the true share is above it with a chance of at most `alpha`. */
export function shareAtMost({ hits, trials }: Share, alpha: number): number {
  if (trials === 0 || hits >= trials) return 1;
  return bisect((p) => binomialAtMost(hits, trials, p) >= alpha);
}

/** The greatest p in [0, 1] for which `holds`, given that it holds up to some p and not beyond. */
function bisect(holds: (p: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Bounds of a quantile in seconds; each fails with a chance of at most `alpha`. */
export interface QuantileBounds {
  atLeast: number;
  estimate: number;
  /** Infinity when there are too few durations to bound it from above. */
  atMost: number;
}

/**
 * Bounds of a quantile from order statistics: they hold whatever the distribution is, which for latencies nobody
 * knows. Within a bucket the lower bound takes its lower edge and the upper bound its upper one.
 */
export function quantileBounds(durations: Durations, quantile: number, alpha: number): QuantileBounds {
  const n = countOf(durations);
  if (n === 0) return { atLeast: 0, estimate: Number.NaN, atMost: Number.POSITIVE_INFINITY };
  const lowRank = greatestRank(n, (rank) => binomialAtMost(rank - 1, n, quantile) <= alpha);
  const highRank = greatestRank(n, (rank) => 1 - binomialAtMost(rank - 1, n, quantile) > alpha) + 1;
  return {
    atLeast: lowRank === 0 ? 0 : edgesOf(durations, lowRank).from,
    estimate: edgesOf(durations, Math.max(1, Math.ceil(quantile * n))).to,
    atMost: highRank > n ? Number.POSITIVE_INFINITY : edgesOf(durations, highRank).to,
  };
}

/** The greatest rank from 1 to n for which `holds`, which must hold up to some rank; 0 when for none. */
function greatestRank(n: number, holds: (rank: number) => boolean): number {
  let [low, high] = [0, n];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Edges of the bucket that the duration of that rank (1 is the shortest) lies in. */
function edgesOf({ bounds, counts }: Durations, rank: number): { from: number; to: number } {
  let before = 0;
  for (const [index, count] of counts.entries()) {
    before += count;
    if (before >= rank)
      return { from: bounds[index - 1] ?? 0, to: bounds[index] ?? Number.POSITIVE_INFINITY };
  }
  return { from: bounds.at(-1) ?? 0, to: Number.POSITIVE_INFINITY };
}
