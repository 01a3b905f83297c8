import type { ShardLoad } from './plan';

export interface PoolJob {
  load: ShardLoad;
  run: () => Promise<void>;
}

/**
 * Runs jobs, at most `width` at once and at most one heavy one among them, in the order given; those that run alone come
 * last. Settles when all have; throws what a job throws.
 */
export async function runPool(jobs: readonly PoolJob[], width: number): Promise<void> {
  const queue = jobs.filter(({ load }) => load !== 'alone');
  let isHeavyRunning = false;
  const take = (): PoolJob | undefined => {
    const index = queue.findIndex(({ load }) => load !== 'heavy' || !isHeavyRunning);
    return index < 0 ? undefined : queue.splice(index, 1)[0];
  };
  const lane = async (): Promise<void> => {
    for (let job = take(); job !== undefined; job = take()) {
      const isHeavy = job.load === 'heavy';
      if (isHeavy) isHeavyRunning = true;
      await job.run();
      if (isHeavy) isHeavyRunning = false;
    }
  };
  // A lane that finds only heavy jobs left ends: the lane of the heavy one that runs takes them.
  await Promise.all(Array.from({ length: Math.max(1, width) }, lane));
  for (const { load, run } of jobs) if (load === 'alone') await run();
}
