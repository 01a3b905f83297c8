import { chanceOfSoMany, quantileBounds, shareAtLeast, shareAtMost, type Share } from './statistics';
import { countOf, type Durations } from './figures';

/** A bound that is told with a share holds 95 times in 100. */
const BOUND_ALPHA = 0.05;

/** What one figure says about the candidate, in a sentence with its numbers. */
export interface Verdict {
  level: 'fine' | 'suspicious' | 'worse';
  text: string;
}

export interface ShareTerms {
  /** Chance of a false alarm at most, in this one comparison. */
  alpha: number;
  suspicionMax: number;
  /** The candidate's share may be greater by this much. */
  margin: number;
  /** The greatest share that is tolerated when there is nothing to compare with. */
  shareMax: number;
  ordersMin: number;
}

/** Compares how often something unwanted happened, by Fisher's exact test; it needs no large numbers. */
export function compareShares(name: string, current: Share, candidate: Share, terms: ShareTerms): Verdict {
  const figures = `${name}: ${shareText(candidate)} of the candidate, ${shareText(current)} of the current build`;
  const chance = chanceOfSoMany(candidate, current);
  const exceeds = ratio(candidate) - ratio(current) > terms.margin;
  if (exceeds && chance < terms.alpha)
    return { level: 'worse', text: `${figures}; by chance ${chanceText(chance)}` };
  const least = shareAtLeast(candidate, terms.alpha);
  if (current.trials < terms.ordersMin && least > terms.shareMax && exceeds) {
    const text = `${figures}; that is at least ${percent(least)}, where ${percent(terms.shareMax)} is the most`;
    return { level: 'worse', text };
  }
  if (exceeds && (chance <= terms.suspicionMax || current.trials === 0))
    return { level: 'suspicious', text: `${figures}; by chance ${chanceText(chance)}, which is no proof` };
  const most = shareAtMost(candidate, BOUND_ALPHA);
  return { level: 'fine', text: `${figures}; at most ${percent(most)}` };
}

export interface LatencyTerms {
  alpha: number;
  latencyRatioMax: number;
  latencySlackSeconds: number;
  latenciesMin: number;
}

/** Compares one quantile of two latencies by what it surely is at least, and at most. */
export function compareLatencies(
  name: string,
  quantile: number,
  current: Durations,
  candidate: Durations,
  terms: LatencyTerms,
): Verdict {
  const [now, next] = [current, candidate].map((side) => quantileBounds(side, quantile, terms.alpha));
  if (now === undefined || next === undefined) throw new Error('two sides have two bounds');
  const allowed = (seconds: number): number => seconds * terms.latencyRatioMax + terms.latencySlackSeconds;
  const label = `${name} p${quantile * 100}`;
  const samples = `of ${countOf(candidate)} and ${countOf(current)} orders`;
  if (next.atLeast > allowed(now.atMost)) {
    const text = `${label}: surely at least ${ms(next.atLeast)}, the current build's at most ${ms(now.atMost)}`;
    return { level: 'worse', text: `${text}, ${samples}` };
  }
  const text = `${label}: ${ms(next.estimate)}, the current build's ${ms(now.estimate)}, ${samples}`;
  const enough = countOf(candidate) >= terms.latenciesMin && countOf(current) >= terms.latenciesMin;
  if (enough && next.estimate > allowed(now.estimate))
    return { level: 'suspicious', text: `${text}, which is no proof` };
  return { level: 'fine', text };
}

function ratio({ hits, trials }: Share): number {
  return trials === 0 ? 0 : hits / trials;
}

function shareText(share: Share): string {
  const { hits, trials } = share;
  return trials === 0 ? 'none of none' : `${hits} of ${trials} (${percent(ratio(share))})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function chanceText(chance: number): string {
  return chance < 0.0001 ? `less than 1 in 10,000` : `${(chance * 100).toFixed(2)} %`;
}

function ms(seconds: number): string {
  return Number.isFinite(seconds) ? `${(seconds * 1_000).toFixed(1)} ms` : 'unknown';
}
