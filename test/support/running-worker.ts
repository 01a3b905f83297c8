import { Worker, type WorkerOptions } from '@temporalio/worker';
import { openHarness, type TemporalHarness } from './temporal-harness';

/** A harness whose worker runs from now until it is closed; for suites that bring workflows of their own. */
export async function openWorker(options: Omit<WorkerOptions, 'connection'>): Promise<TemporalHarness> {
  const harness = await openHarness();
  try {
    const worker = await Worker.create({ ...options, connection: harness.connection });
    const running = worker.run();
    return {
      ...harness,
      close: async () => {
        worker.shutdown();
        await running;
        await harness.close();
      },
    };
  } catch (fault) {
    await harness.close();
    throw fault;
  }
}
