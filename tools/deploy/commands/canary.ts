import { setTimeout as pause } from 'node:timers/promises';
import { recordStep } from '../audit';
import { collectFigures } from '../canary/collect';
import { CANARY_RULES, decideCanary, type CanaryDecision, type CanaryRules } from '../canary/decide';
import { chooseCandidate, NO_CANDIDATE, requireWorker } from '../candidate';
import { EXIT, Refusal, type Outcome } from '../outcome';
import { passGates } from '../pass-gates';
import { passGuard, type GuardOptions } from '../pass-guard';
import { describeRouting, setRamp, type Routing } from '../routing/deployment';
import { readRunningBuilds, updateRunningBuilds } from '../state/running-builds';
import { lookTimesMs } from '../canary/look-times';
import { makeCurrent } from './promote';
import { rollback } from './rollback';
import type { BuildFigures } from '../canary/figures';
import type { DeployContext } from '../context';

export interface CanaryOptions extends GuardOptions {
  build?: string;
  /** Share of new orders for the candidate, above 0 and at most 100; what it has already, or 5, when left out. */
  percent?: number;
  /** False: ramps and ends; `canary` again watches and decides. */
  watch: boolean;
  /** Longest that it watches before it gives up undecided. */
  limitSeconds: number;
  /** Orders that each build needs before a promotion. */
  ordersMin?: number;
}

const PERCENT = 5;

/**
 * Gives the candidate a share of new orders, compares it with the current build while they come in, and promotes it or
 * takes it back by the figures. Given again, it goes on with the ramp that is on its way. Throws Refusal when guard or
 * gates refuse, with routing as it was.
 */
export async function canary(context: DeployContext, options: CanaryOptions): Promise<Outcome> {
  const before = await describeRouting(context);
  const running = await readRunningBuilds(context.home);
  const { current } = before;
  if (current === undefined)
    throw new Refusal('No build takes orders yet; "npm start" brings the first one.');
  const build = await chooseCandidate(context, before, running, options.build);
  if (build === undefined) throw new Refusal(NO_CANDIDATE);
  const { buildId } = build;
  if (buildId === current) return unchanged(`Build ${buildId} takes all new orders already.`, buildId);
  if (before.ramping !== undefined && before.ramping !== buildId)
    throw new Refusal(`Build ${before.ramping} ramps; promote it, or roll it back first.`);
  await requireWorker(context, buildId);
  const percent = options.percent ?? (before.ramping === buildId ? before.percent : PERCENT);
  if (before.ramping !== buildId || before.percent !== percent) {
    await passGuard(context, 'canary', options);
    if (before.ramping !== buildId) await passGates(context, 'canary', build);
    if (context.dryRun)
      return unchanged(`Dry run: build ${buildId} would take ${percent} % of new orders.`, buildId);
    await ramp(context, buildId, percent);
  }
  if (context.dryRun) return unchanged(`Dry run: the canary of build ${buildId} would go on.`, buildId);
  if (options.watch) return await watch(context, { current, candidate: buildId }, options);
  const line = `Build ${buildId} takes ${percent} % of new orders; "canary" again watches it and decides.`;
  return { exitCode: EXIT.done, lines: [line], data: { changed: true, buildId, percent } };
}

const unchanged = (line: string, buildId: string): Outcome => ({
  exitCode: EXIT.done,
  lines: [line],
  data: { changed: false, buildId },
});

/** Based on the routing right before: a change that somebody else made meanwhile makes Temporal refuse this one. */
async function ramp(context: DeployContext, buildId: string, percent: number): Promise<void> {
  const basedOn = await describeRouting(context);
  await updateRunningBuilds(context.home, (now) => ({
    ...now,
    routedBy: 'deploy',
    canary: { buildId, percent },
  }));
  await setRamp(context, { buildId, basedOn }, percent);
  await recordStep(context, { command: 'canary', step: 'ramped', buildId, details: { percent } });
  context.say(`Build ${buildId} takes ${percent} % of new orders.`);
}

interface Sides {
  current: string;
  candidate: string;
}

interface Look extends CanaryDecision {
  figures: { current: BuildFigures; candidate: BuildFigures };
}

async function watch(context: DeployContext, sides: Sides, options: CanaryOptions): Promise<Outcome> {
  const rules: CanaryRules = {
    ...CANARY_RULES,
    ...(options.ordersMin !== undefined && { ordersMin: options.ordersMin }),
  };
  const startedAtMs = Date.now();
  let last: Look | undefined;
  for (const atMs of lookTimesMs(options.limitSeconds * 1_000, rules.looksMax)) {
    await pause(Math.max(0, startedAtMs + atMs - Date.now()));
    const routing = await describeRouting(context);
    if (routing.ramping !== sides.candidate) return await endedByOthers(context, routing, sides);
    last = await look(context, sides, routing, rules);
    context.say(`${last.decision}: ${last.reasons.join('; ')}`);
    if (last.decision !== 'hold') return await act(context, sides, { look: last, before: routing }, options);
  }
  const reasons = last?.reasons ?? [];
  await recordStep(context, {
    command: 'canary',
    step: 'undecided',
    buildId: sides.candidate,
    details: { reasons },
  });
  const line = `Undecided after ${options.limitSeconds} s; build ${sides.candidate} keeps its share. Give "canary" again, "promote" or "rollback".`;
  return { exitCode: EXIT.undecided, lines: [line, ...reasons], data: dataOf(sides, last) };
}

async function look(
  context: DeployContext,
  { current, candidate }: Sides,
  { rampingSince }: Routing,
  rules: CanaryRules,
): Promise<Look> {
  const since = rampingSince ?? new Date(context.nowMs()).toISOString();
  const [ofCurrent, ofCandidate] = await Promise.all([
    collectFigures(context, current, since),
    collectFigures(context, candidate, since),
  ]);
  const figures = { current: ofCurrent, candidate: ofCandidate };
  return { ...decideCanary(ofCurrent, ofCandidate, rules), figures };
}

async function act(
  context: DeployContext,
  sides: Sides,
  { look: taken, before }: { look: Look; before: Routing },
  options: CanaryOptions,
): Promise<Outcome> {
  const buildId = sides.candidate;
  const { decision, reasons, figures } = taken;
  const details = { decision, reasons, figures };
  await recordStep(context, { command: 'canary', step: 'decided', buildId, details });
  if (decision === 'rollback') {
    const done = await rollback(context, { reason: reasons.join('; ') });
    const data = { ...done.data, ...dataOf(sides, taken) };
    return { exitCode: EXIT.refused, lines: [...done.lines, ...reasons], data };
  }
  // A ramp that began before the open must not become a promotion inside the session.
  await passGuard(context, 'canary', options);
  const done = await makeCurrent(context, {
    command: 'canary',
    buildId,
    before,
    details: { decision, reasons },
  });
  return { ...done, lines: [...done.lines, ...reasons], data: { ...done.data, ...dataOf(sides, taken) } };
}

async function endedByOthers(context: DeployContext, routing: Routing, sides: Sides): Promise<Outcome> {
  const how = routing.current === sides.candidate ? 'promoted' : 'taken back';
  await recordStep(context, { command: 'canary', step: 'ended', buildId: sides.candidate, details: { how } });
  const line = `Build ${sides.candidate} was ${how} by another command; this canary is over.`;
  const exitCode = how === 'promoted' ? EXIT.done : EXIT.refused;
  return { exitCode, lines: [line], data: dataOf(sides, undefined) };
}

function dataOf({ candidate }: Sides, taken: Look | undefined): Record<string, unknown> {
  return {
    buildId: candidate,
    decision: taken?.decision ?? 'hold',
    reasons: taken?.reasons ?? [],
    figures: taken?.figures,
  };
}
