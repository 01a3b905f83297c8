import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { replayAll, type HistoryItem } from './replay-histories';

const ANSWER = 3;

/** Which history lies in which file; the name comes back as the workflow id of the outcome. */
interface NamedHistory {
  name: string;
  file: string;
}

async function* historiesOf(named: readonly NamedHistory[]): AsyncIterable<HistoryItem> {
  for (const { name, file } of named) {
    const history: unknown = JSON.parse(await readFile(file, 'utf8'));
    yield { workflowId: name, history } as HistoryItem;
  }
}

/**
 * Replays the histories that standard input names, as a JSON array, against the bundle that the first argument names.
 * It is part of a build, so that a build is judged with its own SDK, bundle and interceptors; file descriptor 3 gets
 * the outcomes as a JSON array, because the SDK writes its log to standard output.
 */
async function main(): Promise<void> {
  const [codePath] = process.argv.slice(2);
  if (codePath === undefined) throw new Error('the file of the workflow bundle is missing');
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const named = JSON.parse(await text(process.stdin)) as NamedHistory[];
  const outcomes = await replayAll({ codePath }, historiesOf(named));
  writeFileSync(ANSWER, JSON.stringify(outcomes));
}

void main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
