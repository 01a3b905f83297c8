import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { failedTaskMessage } from '../../support/failed-task';
import { uniqueName } from '../../support/servers';
import { openHarness, type TemporalHarness } from '../../support/temporal-harness';
import { comesBack, hangsAtOnce, hangSignal, hangsOnSignal } from './hanging-workflows';

// Goal: the time limit of an activation stops a workflow in its first call into the sandbox and in a later one, and no
// other workflow suffers from it. Method: a real worker, whose threads have the preload of production when `npm test`
// runs this. A continuation that hangs is not tried: with or without our preload, Node ends the process when its async
// hooks see that a continuation was stopped.

const FAILURE_MS_MAX = 60_000;

describe('a workflow that hangs', function () {
  this.timeout(120_000);
  let harness: TemporalHarness;
  let worker: Worker;
  let running: Promise<void>;
  const taskQueue = uniqueName('hanging');

  before(async () => {
    harness = await openHarness();
    worker = await Worker.create({
      connection: harness.connection,
      taskQueue,
      workflowsPath: require.resolve('./hanging-workflows'),
      reuseV8Context: true,
    });
    running = worker.run();
  });
  after(async () => {
    worker?.shutdown();
    await running;
    await harness?.close();
  });

  const start = async (workflow: () => Promise<unknown>): Promise<WorkflowHandle> =>
    await harness.client.workflow.start(workflow, { taskQueue, workflowId: uniqueName('hangs') });

  it('fails its task when its first step does not come back', async () => {
    const beside = await start(comesBack);
    const handle = await start(hangsAtOnce);
    assert.match(await failedTaskMessage(handle, FAILURE_MS_MAX), /execution timed out after 5000ms/);
    await handle.terminate();
    await beside.signal(hangSignal);
    assert.equal(await beside.result(), 'back', 'a workflow that shares its thread goes on');
  });

  it('fails its task when a condition does not come back', async () => {
    const beside = await start(comesBack);
    const handle = await start(hangsOnSignal);
    await handle.signal(hangSignal);
    assert.match(await failedTaskMessage(handle, FAILURE_MS_MAX), /execution timed out after 5000ms/);
    await handle.terminate();
    await beside.signal(hangSignal);
    assert.equal(await beside.result(), 'back', 'a workflow that shares its thread goes on');
  });
});
