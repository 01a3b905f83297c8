import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'mocha';
import { loadConfig } from '../../../config/config';
import { moveOrders } from '../../../tools/deploy/move-orders';
import { countOpenOrders, setCurrent } from '../../../tools/deploy/routing/deployment';
import { QueryWorkers } from '../../../tools/rebuild/query-workers';
import { bundleWorkflows } from '../../../workers/workflow-bundle';
import { buildWorkerOptions } from '../../../workers/worker-options';
import { orderEventsQuery } from '../../../workflows/order-entry/order-messages';
import { eventually } from '../../support/eventually';
import { withOrder, type RunningOrder } from '../../support/order-harness';
import { testTemporal, uniqueName } from '../../support/servers';
import { openHarness, type TemporalHarness } from '../../support/temporal-harness';
import type { Client } from '@temporalio/client';
import type { RoutingContext } from '../../../tools/deploy/context';

// Goal: an order stays with its build, costs no more events for it, and can be asked and moved when that build is gone.
// Method: the real order workflow on a real Temporal with worker versioning, its activities scripted.
describe('orders of a build', function () {
  this.timeout(60_000);
  const BUILD = 'b'.repeat(16);
  let harness: TemporalHarness;
  let context: RoutingContext;
  let folder = '';

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'steadfill-pinned-'));
    harness = await openHarness();
  });
  after(async () => {
    await harness?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const bundleOf = async (workflowsPath?: string): Promise<string> => {
    const file = join(folder, `${uniqueName('bundle')}.js`);
    writeFileSync(file, (await bundleWorkflows(workflowsPath)).code);
    return file;
  };
  beforeEach(() => {
    const deploymentName = uniqueName('pinned');
    const config = loadConfig({ STEADFILL_DEPLOYMENT_NAME: deploymentName });
    const { client } = harness;
    const say = (): void => undefined;
    const nowMs = (): number => Date.now();
    const base = { config, client, namespace: 'default', deploymentName, home: '', say, nowMs };
    context = { ...base, dryRun: true, by: 'test' };
  });

  /** One order on the build, with its worker for as long as `body` runs. */
  const onBuild = async (body: (order: RunningOrder) => Promise<void>): Promise<void> => {
    await setCurrent(context, { buildId: BUILD, allowNoPollers: true });
    const workerOptions = buildWorkerOptions(context.config, BUILD);
    await withOrder(harness, {}, { workerOptions }, body);
  };

  it('are pinned by events that are there anyway', async () => {
    await onBuild(async (order) => {
      await order.reach('routed');
      const { events = [] } = await order.handle.fetchHistory();
      const tasks = (events ?? []).flatMap((event) => event.workflowTaskCompletedEventAttributes ?? []);
      assert.ok(tasks.length > 0);
      assert.ok(tasks.every(({ deploymentVersion }) => deploymentVersion?.buildId === BUILD));
      assert.ok((events ?? []).every(({ workflowExecutionOptionsUpdatedEventAttributes: moved }) => !moved));
      const isSeen = async () => (await countOpenOrders(context, BUILD)) === 1;
      await eventually(isSeen, { what: 'the order in visibility' });
      await order.handle.terminate('the test is over');
    });
  });

  it('answer when they are closed and their build has no worker', async () => {
    let order: RunningOrder | undefined;
    await onBuild(async (running) => {
      order = running;
      await running.reach('routed');
      await running.handle.terminate('closed for the test');
    });
    assert.ok(order);
    const { handle } = order;
    const { taskQueue, runId } = await handle.describe();
    const { address } = await testTemporal();
    const config = { ...context.config, STEADFILL_ORDERS_TASK_QUEUE: taskQueue };
    // Another build takes orders now: nobody stands in for one that does.
    await setCurrent(context, { buildId: 'c'.repeat(16), allowNoPollers: true });
    const workers = new QueryWorkers({ client: harness.client, address, namespace: 'default', config });
    try {
      const closed = await eventually(async () => {
        for await (const run of harness.client.workflow.list({ query: `RunId = '${runId}'` }))
          if (run.status.name !== 'RUNNING') return run;
        return undefined;
      });
      await workers.standIn([closed]);
      const events = await handle.query(orderEventsQuery);
      assert.ok(
        events.some(({ type }) => type === 'orderRouted'),
        JSON.stringify(events),
      );
    } finally {
      await workers.stop();
    }
  });

  it('are moved only where they replay', async () => {
    await onBuild(async (order) => {
      await order.reach('routed');
      await eventually(async () => (await countOpenOrders(context, BUILD)) === 1);
      const other = { buildId: 'd'.repeat(16), dir: '', sourceDigest: '', createdAt: '', from: '' };
      const altered = require.resolve('../../replay/altered/altered-workflows');
      const { moved, stay } = await moveOrders(context, BUILD, {
        ...other,
        bundlePath: await bundleOf(altered),
      });
      assert.deepEqual([moved, stay.map(({ workflowId }) => workflowId)], [[], [order.handle.workflowId]]);
      const same = await moveOrders(context, BUILD, { ...other, bundlePath: await bundleOf() });
      assert.deepEqual(same.moved, [order.handle.workflowId]);
      await order.handle.terminate('the test is over');
    });
  });

  it("are in nobody's way when they end between the replay and the move", async () => {
    await onBuild(async (order) => {
      await order.reach('routed');
      await eventually(async () => (await countOpenOrders(context, BUILD)) === 1);
      const { workflowService } = context.client;
      const tooLate: typeof workflowService = Object.create(workflowService, {
        updateWorkflowExecutionOptions: {
          value: async (request: object) => {
            await order.handle.terminate('it ended meanwhile');
            return await workflowService.updateWorkflowExecutionOptions(request);
          },
        },
      }) as typeof workflowService;
      const client = Object.create(context.client, { workflowService: { value: tooLate } }) as Client;
      const same = { buildId: 'd'.repeat(16), dir: '', sourceDigest: '', createdAt: '', from: '' };
      const to = { ...same, bundlePath: await bundleOf() };
      const { moved, stay } = await moveOrders(
        { ...context, client, home: folder, dryRun: false },
        BUILD,
        to,
      );
      assert.deepEqual([moved, stay], [[], []]);
    });
  });
});
