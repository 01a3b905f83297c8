import { findBuild } from '../builds/build-store';
import { recordStep } from '../audit';
import { EXIT, Refusal, type Outcome } from '../outcome';
import { clearRamp, describeRouting, setCurrent, type Routing } from '../routing/deployment';
import {
  readRunningBuilds,
  updateRunningBuilds,
  withBuild,
  type RunningBuilds,
} from '../state/running-builds';
import type { RoutingContext } from '../context';

export interface RollbackOptions {
  /** The build to go back to, where it is not the one before. */
  to?: string;
  reason?: string;
}

/**
 * Takes the build back that came last: a ramp ends, or the build before becomes current again. Needs nothing but
 * Temporal, neither gates nor guard nor MongoDB. Holds for the next order; orders that the bad build has stay with it
 * until they end or `drain --move` moves them.
 */
export async function rollback(context: RoutingContext, options: RollbackOptions = {}): Promise<Outcome> {
  const startedAtMs = Date.now();
  const routing = await describeRouting(context);
  const running = await readRunningBuilds(context.home);
  const plan = await planOf(context, routing, running, options);
  if (plan === undefined) return await nothingToTakeBack(context, routing, running);
  const { bad, good } = plan;
  const what = `New orders go to build ${good}; build ${bad} is taken back`;
  const data = { bad, good, tookMs: 0, changed: !context.dryRun };
  if (context.dryRun) return { exitCode: EXIT.done, lines: [`Dry run: ${what}.`], data };
  // First, so that a start after a crash between the two does not route to the bad build in front of it again.
  if (running.routedBy === 'start')
    await updateRunningBuilds(context.home, (now) => ({ ...now, routedBy: 'deploy' }));
  if (routing.ramping !== undefined) await clearRamp(context);
  if (routing.current !== good) await switchTo(context, good);
  data.tookMs = Date.now() - startedAtMs;
  await updateRunningBuilds(context.home, (now) => withTakenBack(now, bad, good));
  const details = {
    good,
    tookMs: data.tookMs,
    ...(options.reason !== undefined && { reason: options.reason }),
  };
  await recordStep(context, { command: 'rollback', step: 'takenBack', buildId: bad, details });
  return { exitCode: EXIT.done, lines: [`${what} (after ${data.tookMs} ms).`], data };
}

interface Plan {
  bad: string;
  good: string;
}

async function planOf(
  { home }: RoutingContext,
  { current, ramping }: Routing,
  running: RunningBuilds,
  { to }: RollbackOptions,
): Promise<Plan | undefined> {
  if (current === undefined) throw new Refusal('No build takes orders, so there is none to take back.');
  if (to !== undefined) {
    const { buildId: good } = await findBuild(home, to);
    if (good === current && ramping === undefined) return undefined;
    return { bad: good === current && ramping !== undefined ? ramping : current, good };
  }
  if (ramping !== undefined) return { bad: ramping, good: current };
  // Temporal is ahead of the file when a command died between the two: what the file calls current is the one before.
  const previous = running.current === current ? running.previous : running.current;
  return previous === undefined ? undefined : { bad: current, good: previous };
}

/** Also puts the file right when an earlier rollback died before it was written. */
async function nothingToTakeBack(
  context: RoutingContext,
  { current }: Routing,
  { canary }: RunningBuilds,
): Promise<Outcome> {
  if (canary !== undefined && current !== undefined && !context.dryRun)
    await updateRunningBuilds(context.home, (now) => withTakenBack(now, canary.buildId, current));
  const line = `There is nothing to take back: all new orders go to build ${current}.`;
  return { exitCode: EXIT.done, lines: [line], data: { changed: false, good: current } };
}

/** A build that was stopped in the meantime is started; Temporal holds orders for its worker until it is up. */
async function switchTo(context: RoutingContext, good: string): Promise<void> {
  await updateRunningBuilds(context.home, (now) => withBuild(now, { buildId: good, startedBy: 'deploy' }));
  await setCurrent(context, { buildId: good, allowNoPollers: true });
}

/** The build before is not remembered: a second rollback must not bring the bad build back. */
export function withTakenBack(now: RunningBuilds, bad: string, good: string): RunningBuilds {
  const { canary: _over, previous: _bad, ...rest } = now;
  const takenBack = [...now.takenBack.filter((buildId) => buildId !== bad && buildId !== good), bad];
  return { ...rest, current: good, routedBy: 'deploy', takenBack };
}
