import assert from 'node:assert/strict';
import type { MetricMeter, MetricTags } from '@temporalio/common';
import { after, before, describe, it } from 'mocha';
import { flowCountsPlugin } from '../../../observability/metrics/flow-counts';
import { ORDER_TRANSITIONS } from '../../../observability/metrics/order-flow';
import { openWorker } from '../../support/running-worker';
import { uniqueName } from '../../support/servers';
import type { TemporalHarness } from '../../support/temporal-harness';
import { countsItsStates, goOnSignal, type CountingActivities } from './counting-workflows';

// Goal: a state of an order is counted once, also when its workflow task is run once more or replayed. Method: real workers;
// the server refuses the end of a workflow to which a signal has come meanwhile, and has the task run again.

for (const maxCachedWorkflows of [100, 0]) {
  describe(`what workflows count, ${maxCachedWorkflows === 0 ? 'without' : 'with'} a cache of workflows`, function () {
    this.timeout(60_000);
    const taskQueue = uniqueName('counts');
    const counted: { value: number; tags: MetricTags }[] = [];
    const run = { workflowId: '', endings: 0 };
    let harness: TemporalHarness;

    before(async () => {
      const meter = {
        createCounter: (name: string) => ({
          add: (value: number, tags: MetricTags) => {
            if (name === ORDER_TRANSITIONS.name) counted.push({ value, tags });
          },
        }),
      } as unknown as MetricMeter;
      const activities: CountingActivities = {
        beforeTheEnd: async () => {
          run.endings += 1;
          if (run.endings === 1) await harness.client.workflow.getHandle(run.workflowId).signal(goOnSignal);
        },
      };
      harness = await openWorker({
        taskQueue,
        workflowsPath: require.resolve('./counting-workflows'),
        activities,
        maxCachedWorkflows,
        plugins: [flowCountsPlugin(meter)],
      });
    });
    after(async () => {
      await harness?.close();
    });

    it('comes once from a task that is run again', async () => {
      run.workflowId = uniqueName('counting');
      const { workflowId } = run;
      const handle = await harness.client.workflow.start(countsItsStates, { taskQueue, workflowId });
      await handle.signal(goOnSignal);
      await handle.result();
      const { events } = await handle.fetchHistory();
      const failed = events?.filter((event) => event.workflowTaskFailedEventAttributes) ?? [];
      assert.equal(failed.length, 1, 'the server refused the first end');
      assert.equal(run.endings, 2, 'the task was run again, and was no replay');
      const states = counted.map(({ tags }) => tags['state']);
      assert.deepEqual(states, ['new', 'partiallyFilled', 'partiallyFilled', 'settled']);
      const labels = { venue: 'none', namespace: 'default', taskQueue, workflowType: 'countsItsStates' };
      for (const { value, tags } of counted) {
        assert.equal(value, 1);
        assert.deepEqual(tags, { ...labels, state: tags['state'] });
      }
    });
  });
}
