import { recordStep } from '../audit';
import { chooseCandidate, NO_CANDIDATE, requireWorker } from '../candidate';
import { EXIT, Refusal, type Outcome } from '../outcome';
import { passGates } from '../pass-gates';
import { passGuard, type GuardOptions } from '../pass-guard';
import { describeRouting, setCurrent, type Routing } from '../routing/deployment';
import { readRunningBuilds, updateRunningBuilds, withCurrent } from '../state/running-builds';
import type { DeployContext } from '../context';

export interface PromoteOptions extends GuardOptions {
  build?: string;
}

/**
 * All new orders go to the candidate; open ones stay where they are. Without a ramp before it this is blue-green: the
 * gates run first. Throws Refusal when guard or gates refuse, with routing as it was.
 */
export async function promote(context: DeployContext, options: PromoteOptions): Promise<Outcome> {
  const before = await describeRouting(context);
  const running = await readRunningBuilds(context.home);
  const build = await chooseCandidate(context, before, running, options.build);
  // Given again, it finds the build that it promoted current, and none that is left to bring in.
  if (build === undefined && running.routedBy === 'deploy')
    return await alreadyPromoted(context, before.current);
  if (build === undefined) throw new Refusal(NO_CANDIDATE);
  const { buildId } = build;
  if (before.current === buildId && before.ramping === undefined)
    return await alreadyPromoted(context, buildId);
  if (before.ramping !== undefined && before.ramping !== buildId)
    throw new Refusal(`Build ${before.ramping} ramps; promote it, or roll it back first.`);
  await requireWorker(context, buildId);
  await passGuard(context, 'promote', options);
  if (before.ramping !== buildId) await passGates(context, 'promote', build);
  if (context.dryRun)
    return {
      exitCode: EXIT.done,
      lines: [`Dry run: build ${buildId} would take all new orders.`],
      data: { changed: false, buildId },
    };
  return await makeCurrent(context, { command: 'promote', buildId, before, details: {} });
}

export interface Promotion {
  command: 'promote' | 'canary';
  buildId: string;
  /** The routing that it was decided on. */
  before: Routing;
  details: Record<string, unknown>;
}

/**
 * The step itself, for `promote` and for a canary that decided so. Throws Refusal when routing is not what the decision
 * was made on: somebody may have taken the build back while guard and gates took their time.
 */
export async function makeCurrent(
  context: DeployContext,
  { command, buildId, before, details }: Promotion,
): Promise<Outcome> {
  const basedOn = await describeRouting(context);
  const { current: previous } = basedOn;
  if (previous !== before.current || basedOn.ramping !== before.ramping)
    throw new Refusal(`Routing was changed by another command meanwhile; build ${buildId} is not promoted.`);
  // First, so that a start after a crash between the two does not route to the checkout again.
  await updateRunningBuilds(context.home, (now) => ({ ...now, routedBy: 'deploy' }));
  await setCurrent(context, { buildId, basedOn });
  await noteCurrent(context, buildId);
  await recordStep(context, { command, step: 'promoted', buildId, details: { previous, ...details } });
  const line =
    `Build ${buildId} takes all new orders. Open orders of build ${previous} stay with it; ` +
    '"rollback" goes back to it.';
  return { exitCode: EXIT.done, lines: [line], data: { changed: true, buildId, previous, ...details } };
}

async function noteCurrent({ home }: DeployContext, buildId: string): Promise<void> {
  await updateRunningBuilds(home, (now) => ({
    ...withCurrent(now, buildId),
    routedBy: 'deploy',
    takenBack: now.takenBack.filter((other) => other !== buildId),
  }));
}

/** Temporal had the change when a command died before the file was written: put it right. */
async function alreadyPromoted(context: DeployContext, buildId: string | undefined): Promise<Outcome> {
  if (buildId !== undefined && !context.dryRun) await noteCurrent(context, buildId);
  const line = `Build ${buildId} takes all new orders already.`;
  return { exitCode: EXIT.done, lines: [line], data: { changed: false, buildId } };
}
