/** Runs tasks, at most `width` at once, in the order given. Settles when all have; throws what a task throws. */
export async function runTogether(tasks: readonly (() => Promise<void>)[], width: number): Promise<void> {
  const queue = [...tasks];
  const lane = async (): Promise<void> => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) await task();
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, lane));
}
