import assert from 'node:assert/strict';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { WorkerThreadClient } from '@temporalio/worker/lib/workflow/threaded-vm';
import { after, before, describe, it } from 'mocha';
import { EarlySteps } from '../../../workers/early-steps';
import { saveThreadMessages } from '../../../workers/thread-messages';
import { openWorker } from '../../support/running-worker';
import { keepSdk } from '../../support/sdk-as-it-was';
import { uniqueName } from '../../support/servers';
import type { TemporalHarness } from '../../support/temporal-harness';
import { takesSteps } from './stepping-workflows';

// Goal: a step begins when its workflow asks for it, is run once for that and not for a replay, and is tried again as any
// other when it fails. Method: real workers, whose threads have the preload of production when `npm test` runs this; each
// step and each task for one writes down that it began, and each completion that it came from its thread.

const client = WorkerThreadClient.prototype;
const { send } = client;
const HAS_PRELOAD = process.execArgv.some((arg) => arg.includes('workflow-thread.cjs'));

for (const maxCachedWorkflows of [100, 0]) {
  describe(`early steps, ${maxCachedWorkflows === 0 ? 'without' : 'with'} a cache of workflows`, function () {
    this.timeout(60_000);
    const taskQueue = uniqueName('steps');
    const early = new EarlySteps();
    const seen: string[] = [];
    const putBack = keepSdk();
    let harness: TemporalHarness;

    const step = early.activity('step', async (text: string) => {
      seen.push(`step ${text}`);
      if (text === 'fails once' && seen.filter((other) => other === `step ${text}`).length === 1)
        throw new Error('not yet');
      return `did ${text}`;
    });
    const steps = (): string[] => seen.filter((what) => what !== 'completion');
    const inbound: ActivityInboundCallsInterceptor = {
      execute: async (input, next) => {
        seen.push(`task ${String(input.args[0])}`);
        return await next(input);
      },
    };

    before(async () => {
      client.send = async function (this: WorkerThreadClient, input) {
        const answer = await send.call(this, input);
        if (input.type === 'activate-workflow') seen.push('completion');
        return answer;
      };
      saveThreadMessages({ onAsked: (runId, completion) => early.begin(runId, completion) });
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
      putBack();
    });

    it('begin before their tasks, and once each', async () => {
      seen.length = 0;
      const options = {
        taskQueue,
        workflowId: uniqueName('stepping'),
        args: [['one', 'two', 'three']] as [string[]],
      };
      const answers = await harness.client.workflow.execute(takesSteps, options);
      assert.deepEqual(answers, ['did one', 'did two', 'did three']);
      assert.deepEqual(steps(), ['step one', 'task one', 'step two', 'task two', 'step three', 'task three']);
      if (HAS_PRELOAD) assert.equal(seen[0], 'step one', 'a new workflow tells what it asks for at once');
    });

    it('are tried again by their tasks', async () => {
      seen.length = 0;
      const options = { taskQueue, workflowId: uniqueName('stepping'), args: [['fails once']] as [string[]] };
      assert.deepEqual(await harness.client.workflow.execute(takesSteps, options), ['did fails once']);
      assert.deepEqual(steps(), ['step fails once', 'task fails once', 'task fails once', 'step fails once']);
    });
  });
}
