import { setTimeout as pause } from 'node:timers/promises';
import { recordStep } from '../audit';
import { findBuild } from '../builds/build-store';
import { makeBuild } from '../builds/make-build';
import { forgetStopped } from '../forget-builds';
import { EXIT, Refusal, type Outcome } from '../outcome';
import { buildsWithWorkers } from '../routing/workers';
import { readRunningBuilds, updateRunningBuilds, withBuild } from '../state/running-builds';
import type { BuildRecord } from '../builds/build-record';
import type { RoutingContext } from '../context';

export interface StartOptions {
  /** The source tree to make a build of; the checkout when neither this nor `build` is given. */
  from?: string;
  /** A build that lies here already. */
  build?: string;
  /** False where something other than `npm start` keeps the workers. */
  isSupervised: boolean;
}

const WORKER_MS_MAX = 120_000;
const POLL_MS = 250;

/** Makes a build and starts its worker beside the others. No order goes to it: that is what canary and promote do. */
export async function start(context: RoutingContext, options: StartOptions): Promise<Outcome> {
  const { home, say } = context;
  const build = await buildOf(context, options);
  if (build === undefined)
    return outcome(undefined, 'A build of this tree would be made and started.', false);
  const { buildId } = build;
  const isWanted = (await readRunningBuilds(home)).builds.some((wanted) => wanted.buildId === buildId);
  const isUp = isWanted && (await buildsWithWorkers(context)).has(buildId);
  if (isUp) return outcome(build, `Build ${buildId} runs already.`, false);
  if (context.dryRun) return outcome(build, `Build ${buildId} would be started.`, false);
  await updateRunningBuilds(home, (now) => withBuild(now, { buildId, startedBy: 'deploy' }));
  await recordStep(context, { command: 'start', step: 'wanted', buildId, details: { from: build.from } });
  await forgetStopped(context);
  if (!options.isSupervised) {
    return outcome(
      build,
      `Build ${buildId} is in ${build.dir}. No npm start runs here to start its worker.`,
      true,
    );
  }
  say(`Build ${buildId} is in ${build.dir}; waiting for its worker …`);
  await untilUp(context, buildId);
  await recordStep(context, { command: 'start', step: 'started', buildId, details: {} });
  return outcome(build, `Build ${buildId} runs beside the others. No order goes to it yet.`, true);
}

async function buildOf(
  { home, say, dryRun }: RoutingContext,
  { from, build }: StartOptions,
): Promise<BuildRecord | undefined> {
  if (build !== undefined) return await findBuild(home, build);
  if (dryRun) return undefined;
  say(`Building ${from ?? 'the checkout'} …`);
  return await makeBuild({ home, ...(from !== undefined && { from }) });
}

async function untilUp(context: RoutingContext, buildId: string): Promise<void> {
  const deadline = Date.now() + WORKER_MS_MAX;
  while (!(await buildsWithWorkers(context)).has(buildId)) {
    if (Date.now() > deadline) {
      throw new Refusal(
        `The worker of build ${buildId} did not come up within ${WORKER_MS_MAX / 1_000} s; ` +
          `see ${context.home}/logs/worker-orders-${buildId}.log. It takes no orders.`,
        { buildId },
      );
    }
    await pause(POLL_MS);
  }
}

function outcome(build: BuildRecord | undefined, line: string, changed: boolean): Outcome {
  return { exitCode: EXIT.done, lines: [line], data: { changed, ...(build !== undefined && { build }) } };
}
