import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { replayPlugins } from '../observability/temporal-tracing';

type Histories = Parameters<typeof Worker.runReplayHistories>[1];
export type HistoryItem = Histories extends AsyncIterable<infer T> | Iterable<infer T> ? T : never;

export interface ReplayOutcome {
  workflowId: string;
  runId: string;
  ok: boolean;
  fault?: string;
}

/**
 * Replays every history against the given bundle and gives one outcome each. Errors are returned a history, never
 * thrown, so one bad history does not hide the others; an empty input is the caller's fault to report.
 */
export async function replayAll(
  workflowBundle: { code: string } | { codePath: string },
  histories: AsyncIterable<HistoryItem> | Iterable<HistoryItem>,
  options: Partial<ReplayWorkerOptions> = {},
): Promise<ReplayOutcome[]> {
  const outcomes: ReplayOutcome[] = [];
  const results = Worker.runReplayHistories(
    { plugins: replayPlugins(), ...options, workflowBundle, replayName: 'steadfill' },
    histories as Histories,
  );
  for await (const { workflowId, runId, error } of results) {
    outcomes.push({
      workflowId,
      runId,
      ok: error === undefined,
      ...(error && { fault: `${error.name}: ${error.message}` }),
    });
  }
  return outcomes;
}
