import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { replayPlugins } from '../../observability/temporal-tracing';
import { HISTORIES_DIR, readManifest } from './manifest';
import type { Client } from '@temporalio/client';

type Histories = Parameters<typeof Worker.runReplayHistories>[1];
type HistoryItem = Histories extends AsyncIterable<infer T> | Iterable<infer T> ? T : never;

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

/** Histories from JSON files, as `temporal workflow show --output json` or the Temporal UI write them. */
export async function* historiesFromFiles(files: readonly string[]): AsyncIterable<HistoryItem> {
  for (const file of files) {
    const history: unknown = JSON.parse(await readFile(file, 'utf8'));
    yield { workflowId: file.split('/').at(-1) ?? file, history } as HistoryItem;
  }
}

/** The histories kept in the repository. */
export async function storedHistoryFiles(dir = HISTORIES_DIR): Promise<string[]> {
  return (await readManifest(dir)).map((entry) => join(dir, entry.file));
}

/** Histories of a running server by visibility query, at most `max` of them. */
export async function* liveHistories(client: Client, query: string, max: number): AsyncIterable<HistoryItem> {
  let count = 0;
  for await (const execution of client.workflow.list({ query })) {
    if (count >= max) return;
    const handle = client.workflow.getHandle(execution.workflowId, execution.runId);
    const history = await handle.fetchHistory();
    // A history without a completed task holds nothing that replay could contradict.
    if (!history.events?.some((event) => event.workflowTaskCompletedEventAttributes)) continue;
    count += 1;
    yield { workflowId: execution.workflowId, history } as HistoryItem;
  }
}
