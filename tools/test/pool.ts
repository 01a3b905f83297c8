/** Runs jobs, at most `width` at once, in the order given. Settles when all have; throws what a job throws. */
export async function runPool(jobs: readonly (() => Promise<void>)[], width: number): Promise<void> {
  const queue = [...jobs];
  const lane = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) await job();
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, lane));
}
