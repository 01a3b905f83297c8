import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock } from '../../provision/process-lock.mjs';
import { readJson, writeJson } from '../../start/home';
import { buildsFolder } from '../builds/build-store';

const LOCK_MS_MAX = 10_000;

/** A build whose order worker is to run on this machine. */
export interface WantedBuild {
  buildId: string;
  /** `npm start` brings the checkout; `npm run deploy` what somebody asked for. */
  startedBy: 'start' | 'deploy';
}

/** A canary on its way. Temporal has its ramp; this tells a rollback that died half-way from one that never was. */
export interface CanaryState {
  buildId: string;
  percent: number;
}

/**
 * What is to run here, and what the next command must know that Temporal does not keep. `npm start` watches the file
 * and brings workers up and down by it; Temporal alone decides where orders go.
 */
export interface RunningBuilds {
  builds: WantedBuild[];
  /** The build that took new orders after the last change; its worker is called `worker-orders`. */
  current?: string;
  /** The build that took them before: where a rollback goes. */
  previous?: string;
  /** Until the first promote or rollback, `npm start` of the demo profile routes to the checkout; then nobody but deploy. */
  routedBy: 'start' | 'deploy';
  /** Builds that were taken back; nothing routes to one unless it is named. */
  takenBack: string[];
  canary?: CanaryState;
  /** Stopped builds that Temporal's register still holds. */
  toForget: string[];
}

export const NOTHING_RUNS: RunningBuilds = { builds: [], routedBy: 'start', takenBack: [], toForget: [] };

export const runningBuildsFile = (home: string): string => join(buildsFolder(home), 'running.json');

export async function readRunningBuilds(home: string): Promise<RunningBuilds> {
  return { ...NOTHING_RUNS, ...(await readJson<RunningBuilds>(runningBuildsFile(home))) };
}

/** Changes the file in one step; commands that change it at the same time wait for each other. */
export async function updateRunningBuilds(
  home: string,
  change: (now: RunningBuilds) => RunningBuilds,
): Promise<RunningBuilds> {
  await mkdir(buildsFolder(home), { recursive: true });
  const lock = await acquireLock(join(buildsFolder(home), 'running.lock'), { waitMs: LOCK_MS_MAX });
  if ('heldBy' in lock) throw new Error(`${runningBuildsFile(home)} is held by process ${lock.heldBy.pid}.`);
  try {
    const next = change(await readRunningBuilds(home));
    await writeJson(runningBuildsFile(home), next);
    return next;
  } finally {
    await lock.release();
  }
}

/** `builds` with this one among them. */
export function withBuild(now: RunningBuilds, wanted: WantedBuild): RunningBuilds {
  if (now.builds.some(({ buildId }) => buildId === wanted.buildId)) return now;
  const toForget = now.toForget.filter((buildId) => buildId !== wanted.buildId);
  return { ...now, builds: [...now.builds, wanted], toForget };
}

/** After new orders go to `buildId`: what it replaced is where a rollback goes. */
export function withCurrent(now: RunningBuilds, buildId: string): RunningBuilds {
  const { canary: _over, ...rest } = now;
  if (now.current === buildId) return rest;
  return { ...rest, current: buildId, ...(now.current !== undefined && { previous: now.current }) };
}
