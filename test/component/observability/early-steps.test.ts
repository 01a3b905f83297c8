import assert from 'node:assert/strict';
import { setEnvironmentData } from 'node:worker_threads';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { WorkerThreadClient } from '@temporalio/worker/lib/workflow/threaded-vm';
import { after, before, describe, it } from 'mocha';
import { LISTENS } from '../../../observability/asked-early.cjs';
import { EarlySteps } from '../../../workers/early-steps';
import { hearingWhatIsAsked, savingMessages } from '../../../workers/thread-messages';
import { openWorker } from '../../support/running-worker';
import { uniqueName } from '../../support/servers';
import type { TemporalHarness } from '../../support/temporal-harness';
import { takesSteps } from './stepping-workflows';

// Goal: a step begins when its workflow asks for it, is run once for that and not for a replay, and is tried again as any
// other when it fails. Method: real workers, whose threads have the preload of production when `npm test` runs this; each
// step and each task for one writes down that it began.

const client = WorkerThreadClient.prototype as unknown as {
  send: WorkerThreadClient['send'];
  handlePatchActivationCallback: Parameters<typeof hearingWhatIsAsked>[0];
};
const { send, handlePatchActivationCallback: hear } = client;
const HAS_PRELOAD = process.execArgv.some((arg) => arg.includes('workflow-thread.cjs'));

for (const maxCachedWorkflows of [100, 0]) {
  describe(`early steps, ${maxCachedWorkflows === 0 ? 'without' : 'with'} a cache of workflows`, function () {
    this.timeout(60_000);
    const taskQueue = uniqueName('steps');
    const early = new EarlySteps();
    const seen: string[] = [];
    let toldEarly = 0;
    let harness: TemporalHarness;

    const step = early.activity('step', async (text: string) => {
      seen.push(`step ${text}`);
      if (text === 'fails once' && seen.filter((other) => other === `step ${text}`).length === 1)
        throw new Error('not yet');
      return `did ${text}`;
    });
    const inbound: ActivityInboundCallsInterceptor = {
      execute: async (input, next) => {
        seen.push(`task ${String(input.args[0])}`);
        return await next(input);
      },
    };

    before(async () => {
      setEnvironmentData(LISTENS, true);
      client.send = savingMessages(send, (runId, completion) => early.begin(runId, completion));
      client.handlePatchActivationCallback = hearingWhatIsAsked(hear, (runId, completion) => {
        toldEarly += 1;
        return early.begin(runId, completion);
      });
      harness = await openWorker({
        taskQueue,
        workflowsPath: require.resolve('./stepping-workflows'),
        activities: { step },
        maxCachedWorkflows,
        interceptors: { activity: [() => ({ inbound })] },
      });
    });
    after(async () => {
      await harness?.close();
      setEnvironmentData(LISTENS, false);
      Object.assign(client, { send, handlePatchActivationCallback: hear });
    });

    it('begin before their tasks, and once each', async () => {
      seen.length = 0;
      toldEarly = 0;
      const options = {
        taskQueue,
        workflowId: uniqueName('stepping'),
        args: [['one', 'two', 'three']] as [string[]],
      };
      const answers = await harness.client.workflow.execute(takesSteps, options);
      assert.deepEqual(answers, ['did one', 'did two', 'did three']);
      assert.deepEqual(seen, ['step one', 'task one', 'step two', 'task two', 'step three', 'task three']);
      assert.equal(
        toldEarly,
        HAS_PRELOAD ? 1 : 0,
        'a new workflow tells, one that goes on or is replayed does not',
      );
    });

    it('are tried again by their tasks', async () => {
      seen.length = 0;
      const options = { taskQueue, workflowId: uniqueName('stepping'), args: [['fails once']] as [string[]] };
      assert.deepEqual(await harness.client.workflow.execute(takesSteps, options), ['did fails once']);
      assert.deepEqual(seen, ['step fails once', 'task fails once', 'task fails once', 'step fails once']);
    });
  });
}
