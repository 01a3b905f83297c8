import assert from 'node:assert/strict';
import type { InjectedSinks } from '@temporalio/worker';
import { WorkerThreadClient } from '@temporalio/worker/lib/workflow/threaded-vm';
import { createLogger } from '../../../observability/logger';
import { lightenWorkers } from '../../../workers/lighter-worker';
import { savingMessages } from '../../../workers/thread-messages';
import { eventually } from '../../support/eventually';
import { failedTaskMessage } from '../../support/failed-task';
import { openWorker } from '../../support/running-worker';
import { keepSdk } from '../../support/sdk-as-it-was';
import { uniqueName } from '../../support/servers';
import type { TemporalHarness } from '../../support/temporal-harness';
import { failsItsTask, leavesNotes, noteSignal, type NoteSinks } from './sinking-workflows';

// Goal: what workflows leave for sinks arrives once, in order and about the right workflow, from a worker that saves messages
// to its threads and from one that does not know how. Method: real workers, whose threads have the preload of production
// when `npm test` runs this; the messages to the threads are counted where they are sent.

const { send } = WorkerThreadClient.prototype;
const HAS_PRELOAD = process.execArgv.some((arg) => arg.includes('workflow-thread.cjs'));

interface Note {
  workflowId: string;
  text: string;
  hasClock: boolean;
}

for (const [kind, saves, isLight] of [
  ['saves messages to its threads', true, false],
  ['gives sinks their calls after completions as well', true, true],
  ['asks its threads as the SDK does it', false, false],
] as const) {
  describe(`sinks of a worker that ${kind}`, function () {
    this.timeout(60_000);
    const taskQueue = uniqueName('sinks');
    const notes: Note[] = [];
    const asked: string[] = [];
    const putBack = keepSdk();
    let harness: TemporalHarness;

    before(async () => {
      const counting: typeof send = function (this: WorkerThreadClient, input) {
        asked.push(input.type);
        return send.call(this, input);
      };
      WorkerThreadClient.prototype.send = saves ? savingMessages(counting) : counting;
      if (isLight) lightenWorkers(createLogger('test', 'error'));
      const sinks: InjectedSinks<NoteSinks> = {
        notes: {
          take: {
            fn: ({ workflowId, unsafe }, text) =>
              void notes.push({ workflowId, text, hasClock: typeof unsafe.now === 'function' }),
          },
        },
      };
      const workflowsPath = require.resolve('./sinking-workflows');
      harness = await openWorker({ taskQueue, workflowsPath, sinks });
    });
    after(async () => {
      await harness?.close();
      putBack();
    });

    const textsOf = (workflowId: string): string[] =>
      notes.filter((note) => note.workflowId === workflowId && note.hasClock).map(({ text }) => text);

    it('get what each activation left', async () => {
      const ids = [1, 2, 3].map((number) => uniqueName(`notes-${number}`));
      const handles = await Promise.all(
        ids.map((workflowId) => harness.client.workflow.start(leavesNotes, { taskQueue, workflowId })),
      );
      await eventually(async () => ids.every((id) => textsOf(id).length === 2), {
        timeoutMs: 20_000,
        what: 'the notes of the first activations',
      });
      for (const handle of handles) await handle.signal(noteSignal, `to ${handle.workflowId}`);
      for (const handle of handles) await handle.signal(noteSignal, 'end');
      for (const handle of handles) assert.equal(await handle.result(), 'over');
      await eventually(async () => ids.every((id) => textsOf(id).length === 4), {
        timeoutMs: 20_000,
        what: 'the notes of the last activations',
      });
      for (const id of ids) assert.deepEqual(textsOf(id), ['first', 'second', `to ${id}`, 'end']);
      const extractions = asked.filter((type) => type === 'extract-sink-calls').length;
      if (HAS_PRELOAD) assert.equal(extractions > 0, !saves, 'what came along is not asked for');
    });

    it('get what a task left that failed', async () => {
      const workflowId = uniqueName('notes-failing');
      const handle = await harness.client.workflow.start(failsItsTask, { taskQueue, workflowId });
      const failure = await failedTaskMessage(handle, 20_000);
      await handle.terminate();
      assert.match(failure, /not a failure of the workflow/);
      await eventually(async () => textsOf(workflowId)[0] === 'before the fault', {
        timeoutMs: 20_000,
        what: 'the note before the fault',
      });
    });
  });
}
