import { setTimeout as pause } from 'node:timers/promises';
import { recordStep } from '../audit';
import { findBuild } from '../builds/build-store';
import { forgetStopped } from '../forget-builds';
import { EXIT, Refusal, type Outcome } from '../outcome';
import { countOpenOrders, describeRouting } from '../routing/deployment';
import { readRunningBuilds, updateRunningBuilds } from '../state/running-builds';
import { readRunDescription } from '../../support/running-system';
import type { RoutingContext } from '../context';

export interface StopOptions {
  /** The build to stop; every one that may be stopped when left out. */
  build?: string;
}

const STOP_MS_MAX = 60_000;
const POLL_MS = 200;

/**
 * Stops the workers of builds that nobody needs any more. Throws Refusal for a build that takes orders, that Temporal
 * does not call drained, or that has an open order by query: the two may differ for a while, so both must say so.
 */
export async function stop(context: RoutingContext, { build: named }: StopOptions): Promise<Outcome> {
  const running = await readRunningBuilds(context.home);
  const wanted = running.builds.map(({ buildId }) => buildId);
  const asked = named === undefined ? wanted : [(await findBuild(context.home, named)).buildId];
  const reasons: Record<string, string> = {};
  const stopped: string[] = [];
  for (const buildId of asked.filter((candidate) => wanted.includes(candidate))) {
    const reason = await reasonToKeep(context, buildId);
    if (reason === undefined) stopped.push(buildId);
    else reasons[buildId] = reason;
  }
  const [firstReason] = Object.values(reasons);
  if (named !== undefined && firstReason !== undefined)
    throw new Refusal(`Build ${asked[0]} is not stopped: ${firstReason}.`, { kept: reasons });
  if (!context.dryRun) await stopAll(context, stopped);
  const forgotten = context.dryRun ? [] : await forgetStopped(context);
  const verb = context.dryRun ? 'would be stopped' : 'is stopped';
  const lines = [
    ...stopped.map((buildId) => `Build ${buildId} ${verb}.`),
    ...Object.entries(reasons).map(([buildId, reason]) => `Build ${buildId} stays: ${reason}.`),
    ...(stopped.length === 0 && firstReason === undefined ? ['There is nothing to stop.'] : []),
  ];
  const changed = stopped.length > 0 && !context.dryRun;
  return { exitCode: EXIT.done, lines, data: { changed, stopped, kept: reasons, forgotten } };
}

/** Why the worker of a build must go on, as a clause; undefined when it may end. */
async function reasonToKeep(context: RoutingContext, buildId: string): Promise<string | undefined> {
  const routing = await describeRouting(context);
  const status = routing.versions.find((version) => version.buildId === buildId)?.status;
  if (routing.current === buildId) return 'it takes new orders';
  if (routing.ramping === buildId) return `it takes ${routing.percent} % of new orders`;
  const openOrders = await countOpenOrders(context, buildId);
  if (openOrders > 0) return `it has ${openOrders} open orders`;
  if (status === 'draining') return 'Temporal does not call it drained yet';
  if ((await readRunningBuilds(context.home)).canary?.buildId === buildId)
    return 'a canary of it is on its way; finish it with canary, promote or rollback';
  return undefined;
}

async function stopAll(context: RoutingContext, buildIds: readonly string[]): Promise<void> {
  if (buildIds.length === 0) return;
  await updateRunningBuilds(context.home, (now) => {
    const { previous, ...rest } = now;
    return {
      ...rest,
      ...(previous !== undefined && !buildIds.includes(previous) && { previous }),
      builds: now.builds.filter(({ buildId }) => !buildIds.includes(buildId)),
      toForget: [...new Set([...now.toForget, ...buildIds])],
    };
  });
  for (const buildId of buildIds) {
    context.say(`Build ${buildId} is drained and has no open order; stopping its worker …`);
    await untilGone(context, buildId);
    await recordStep(context, { command: 'stop', step: 'stopped', buildId, details: {} });
  }
}

/** `npm start` drains the worker, ends it, and takes it out of run.json. */
async function untilGone({ home }: RoutingContext, buildId: string): Promise<void> {
  const deadline = Date.now() + STOP_MS_MAX;
  const isThere = async (): Promise<boolean> =>
    (await readRunDescription(home))?.processes.some(({ name }) => name.endsWith(`-${buildId}`)) === true;
  while (await isThere()) {
    if (Date.now() > deadline)
      throw new Refusal(`The worker of build ${buildId} did not end within ${STOP_MS_MAX / 1_000} s.`);
    await pause(POLL_MS);
  }
}
