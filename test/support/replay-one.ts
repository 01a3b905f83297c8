import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { workflowBundle } from './order-harness';

type History = Parameters<typeof Worker.runReplayHistory>[1];

/** Replays one history of an order with the production bundle and these plugins. Throws when it does not replay. */
export async function replayHistory(
  history: History,
  plugins: NonNullable<ReplayWorkerOptions['plugins']>,
): Promise<void> {
  await Worker.runReplayHistory(
    { workflowBundle: await workflowBundle(), plugins },
    history,
    'replayed-order',
  );
}
