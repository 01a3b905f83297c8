import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HISTORIES_DIR, readManifest } from './manifest';
import type { Client } from '@temporalio/client';
import type { HistoryItem } from '../../workers/replay-histories';

export { replayAll, type ReplayOutcome } from '../../workers/replay-histories';

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
