import { rm } from 'node:fs/promises';
import { listBuilds } from './builds/build-store';
import { deleteVersion } from './routing/deployment';
import { updateRunningBuilds, readRunningBuilds } from './state/running-builds';
import type { RoutingContext } from './context';

/** Stopped builds that stay on disk, so that one can be started again without its sources. */
const STOPPED_KEPT = 5;

/**
 * Takes stopped builds off Temporal's register, which has room for 100 versions of a deployment and does not make room
 * by itself. Temporal lets go of one only five minutes after its last worker, so every command tries again.
 */
export async function forgetStopped(context: RoutingContext): Promise<string[]> {
  const { toForget } = await readRunningBuilds(context.home);
  const forgotten: string[] = [];
  for (const buildId of toForget) {
    if (await deleteVersion(context, buildId)) forgotten.push(buildId);
  }
  if (forgotten.length > 0) {
    await updateRunningBuilds(context.home, (now) => ({
      ...now,
      toForget: now.toForget.filter((buildId) => !forgotten.includes(buildId)),
    }));
    await removeOldest(context.home);
  }
  return forgotten;
}

/** Removes the folders of stopped builds but the newest few. */
async function removeOldest(home: string): Promise<void> {
  const running = await readRunningBuilds(home);
  const needed = new Set([
    running.current,
    running.previous,
    ...running.toForget,
    ...running.builds.map(({ buildId }) => buildId),
  ]);
  const stopped = (await listBuilds(home)).filter(({ buildId }) => !needed.has(buildId));
  const oldest = stopped.slice(0, Math.max(0, stopped.length - STOPPED_KEPT));
  await Promise.all(oldest.map(({ dir }) => rm(dir, { recursive: true, force: true })));
}
