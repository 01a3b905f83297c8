import { findBuild } from './builds/build-store';
import { Refusal } from './outcome';
import { buildsWithWorkers } from './routing/workers';
import type { BuildRecord } from './builds/build-record';
import type { RoutingContext } from './context';
import type { Routing } from './routing/deployment';
import type { RunningBuilds } from './state/running-builds';

/**
 * The build that a command is about: the one that is named, else the one that ramps, else the one that was started last
 * and was neither current nor taken back. Undefined when there is none.
 */
export async function chooseCandidate(
  { home }: RoutingContext,
  routing: Routing,
  running: RunningBuilds,
  named?: string,
): Promise<BuildRecord | undefined> {
  if (named !== undefined) return await findBuild(home, named);
  if (routing.ramping !== undefined) return await findBuild(home, routing.ramping);
  const left = new Set([routing.current, running.current, running.previous, ...running.takenBack]);
  const candidate = running.builds.filter(({ buildId }) => !left.has(buildId)).at(-1);
  return candidate === undefined ? undefined : await findBuild(home, candidate.buildId);
}

export const NO_CANDIDATE =
  'There is no build to bring in: "npm run deploy -- start" makes one of the checkout and starts it; ' +
  '--build names one that runs already.';

/** Throws Refusal when no worker of the build is there: its orders would wait for one. */
export async function requireWorker(context: RoutingContext, buildId: string): Promise<void> {
  if ((await buildsWithWorkers(context)).has(buildId)) return;
  throw new Refusal(
    `No worker of build ${buildId} polls; start one with "npm run deploy -- start --build ${buildId}".`,
  );
}
