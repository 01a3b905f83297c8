import { compareLatencies, compareShares, type Verdict } from './compare';
import { countOf, rejectsOf, type BuildFigures, type Durations } from './figures';

export interface CanaryRules {
  /** Chance at most that a build which is as good as the current one is rolled back in the whole ramp. */
  falseAlarmMax: number;
  /** Looks of one ramp at most: each look is a chance to be fooled, and they share `falseAlarmMax`. */
  looksMax: number;
  /** Chance below which a difference keeps a build from being promoted, though it is not proven. */
  suspicionMax: number;
  /** Orders that each build needs before the candidate can be promoted. */
  ordersMin: number;
  /** Latencies that each build needs before the candidate can be promoted. */
  latenciesMin: number;
  /** Refusals may be more by this share of orders before it matters; faults of ours have no such margin. */
  rejectShareMargin: number;
  /** A quantile may be longer by this factor and by these seconds. */
  latencyRatioMax: number;
  latencySlackSeconds: number;
  /** With no current build to compare with: shares of faults and of refusals that no build may exceed. */
  faultShareMax: number;
  rejectShareMax: number;
}

export const CANARY_RULES: CanaryRules = {
  falseAlarmMax: 0.05,
  looksMax: 20,
  suspicionMax: 0.05,
  ordersMin: 20,
  latenciesMin: 20,
  rejectShareMargin: 0.02,
  latencyRatioMax: 1.5,
  latencySlackSeconds: 0.05,
  faultShareMax: 0.01,
  rejectShareMax: 0.5,
};

export interface CanaryDecision {
  decision: 'promote' | 'hold' | 'rollback';
  /** One sentence each, with its figures. */
  reasons: string[];
}

/**
 * Whether the candidate goes on. It is rolled back as soon as one figure is worse beyond chance, which for a build that
 * refuses everything takes a handful of orders; it is promoted when there are enough figures and none is suspicious;
 * until then it is held. Both builds took their orders in the same time and by chance, so nothing else explains a
 * difference.
 */
export function decideCanary(
  current: BuildFigures,
  candidate: BuildFigures,
  rules: CanaryRules = CANARY_RULES,
): CanaryDecision {
  const verdicts = compareAll(current, candidate, rules);
  const proven = verdicts.filter(({ level }) => level === 'worse');
  if (proven.length > 0) return { decision: 'rollback', reasons: proven.map(({ text }) => text) };
  const missing = missingFigures(current, candidate, rules);
  const suspicious = verdicts.filter(({ level }) => level === 'suspicious').map(({ text }) => text);
  if (missing.length > 0 || suspicious.length > 0)
    return { decision: 'hold', reasons: [...suspicious, ...missing] };
  return { decision: 'promote', reasons: verdicts.map(({ text }) => text) };
}

interface Measure {
  name: string;
  hitsOf: (figures: BuildFigures) => number;
  trialsOf: (figures: BuildFigures) => number;
  kind: 'fault' | 'reject';
}

const ordersOf = ({ orders }: BuildFigures): number => orders;

const FAULTS: readonly Measure[] = [
  { name: 'failed workflows', hitsOf: ({ failed }) => failed, trialsOf: ordersOf, kind: 'fault' },
  {
    name: 'orders without an answer',
    hitsOf: ({ unanswered }) => unanswered,
    trialsOf: ordersOf,
    kind: 'fault',
  },
  {
    name: 'orders with failed workflow tasks',
    hitsOf: ({ taskFailures }) => taskFailures,
    trialsOf: ({ examined }) => examined,
    kind: 'fault',
  },
];

/** All refusals together, and each reason: a new reason may hide in a total that did not change. */
function rejectMeasures(current: BuildFigures, candidate: BuildFigures): Measure[] {
  const reasons = [...new Set([...Object.keys(candidate.rejects), ...Object.keys(current.rejects)])].sort();
  const total: Measure = { name: 'refused orders', hitsOf: rejectsOf, trialsOf: ordersOf, kind: 'reject' };
  return [
    total,
    ...reasons.map((reason): Measure => ({
      name: `orders refused ${reason}`,
      hitsOf: ({ rejects }) => rejects[reason] ?? 0,
      trialsOf: ordersOf,
      kind: 'reject',
    })),
  ];
}

const LATENCIES: readonly { name: string; of: (figures: BuildFigures) => Durations }[] = [
  { name: 'acknowledgement', of: ({ acknowledgement }) => acknowledgement },
  { name: 'risk', of: ({ risk }) => risk },
];
const QUANTILES = [0.5, 0.95] as const;

function compareAll(current: BuildFigures, candidate: BuildFigures, rules: CanaryRules): Verdict[] {
  const measures = [...FAULTS, ...rejectMeasures(current, candidate)];
  const count = measures.length + LATENCIES.length * QUANTILES.length;
  // Many looks at many figures would find a difference by chance alone, so each gets its part of the allowance.
  const alpha = rules.falseAlarmMax / rules.looksMax / count;
  const shares = measures.map(({ name, hitsOf, trialsOf, kind }) => {
    const shareOf = (figures: BuildFigures) => ({ hits: hitsOf(figures), trials: trialsOf(figures) });
    const margin = kind === 'fault' ? 0 : rules.rejectShareMargin;
    const shareMax = kind === 'fault' ? rules.faultShareMax : rules.rejectShareMax;
    // A fault of ours needs no statistics to be looked at: one that the current build does not have is suspicious.
    const suspicionMax = kind === 'fault' ? 1 : rules.suspicionMax;
    const terms = { ...rules, alpha, suspicionMax, margin, shareMax };
    return compareShares(name, shareOf(current), shareOf(candidate), terms);
  });
  const latencies = LATENCIES.flatMap(({ name, of }) =>
    QUANTILES.map((quantile) =>
      compareLatencies(name, quantile, of(current), of(candidate), { ...rules, alpha }),
    ),
  );
  return [...shares, ...latencies];
}

/** Why there is not enough to promote on, one sentence each. */
function missingFigures(current: BuildFigures, candidate: BuildFigures, rules: CanaryRules): string[] {
  const missing: string[] = [];
  const sides = [
    { who: 'the candidate', figures: candidate },
    { who: 'the current build', figures: current },
  ];
  for (const { who, figures } of sides) {
    if (figures.orders < rules.ordersMin)
      missing.push(`${who} has taken ${figures.orders} orders of the ${rules.ordersMin} needed`);
    for (const { name, of } of LATENCIES) {
      const count = countOf(of(figures));
      if (count < rules.latenciesMin)
        missing.push(`${who} has ${count} ${name} latencies of the ${rules.latenciesMin} needed`);
    }
    missing.push(...figures.gaps.map((gap) => `${who}: ${gap}`));
  }
  return missing;
}
