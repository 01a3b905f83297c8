import assert from 'node:assert/strict';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { after, before, describe, it } from 'mocha';
import { callFaultOf } from '../../../api/temporal/call-fault';
import { submitWithStart } from '../../../api/temporal/submit-with-start';
import { OrderGateway } from '../../../api/temporal/order-gateway';
import { openWorker } from '../../support/running-worker';
import { uniqueName } from '../../support/servers';
import type { TemporalHarness } from '../../support/temporal-harness';
import { beginUpdate, endsWithItsRequest, type MeanwhileActivities } from './refused-task-workflows';

// Goal: a request whose task the server refused, because something had come meanwhile, is sent again, and its client is
// told what became of it. Method: a real worker whose workflow ends in the task of the request; a signal comes before.

describe('requests of a task that the server refuses', function () {
  this.timeout(60_000);
  const taskQueue = uniqueName('refused');
  const run = { workflowId: '', attempts: 0, signals: 1 };
  let harness: TemporalHarness;

  before(async () => {
    const activities: MeanwhileActivities = {
      meanwhile: async () => {
        run.attempts += 1;
        if (run.attempts <= run.signals)
          await harness.client.workflow.getHandle(run.workflowId).signal('more');
      },
    };
    harness = await openWorker({
      taskQueue,
      workflowsPath: require.resolve('./refused-task-workflows'),
      activities,
    });
  });
  after(() => harness?.close());

  async function started() {
    run.workflowId = uniqueName('ending');
    run.attempts = 0;
    return await harness.client.workflow.start(endsWithItsRequest, { taskQueue, workflowId: run.workflowId });
  }
  const request = { requestId: 'c1', by: 'tester' };

  it('are given up by the server with a fault that may be repeated', async () => {
    const handle = await started();
    const fault: unknown = await handle
      .executeUpdate('requestCancel', { args: [request], updateId: request.requestId })
      .then(
        (answer) => assert.fail(`answered ${JSON.stringify(answer)}`),
        (thrown: unknown) => thrown,
      );
    const found = callFaultOf(fault);
    assert.ok(found.kind === 'unknown' && found.repeatable, JSON.stringify(found));
    await handle.terminate();
  });

  it('are sent again, and answered', async () => {
    const handle = await started();
    const answer = await new OrderGateway(harness.client, taskQueue).cancel(run.workflowId, request);
    assert.deepEqual(answer, { ok: true, value: { taken: 'c1' } });
    await handle.result();
    const { events } = await handle.fetchHistory();
    const count = (
      attributes: 'workflowTaskFailedEventAttributes' | 'workflowExecutionUpdateAcceptedEventAttributes',
    ) => events?.filter((event) => event[attributes]).length;
    assert.equal(count('workflowTaskFailedEventAttributes'), 1);
    assert.equal(count('workflowExecutionUpdateAcceptedEventAttributes'), 1);
  });

  it('are sent again with the order that they begin', async () => {
    run.workflowId = uniqueName('begun');
    run.attempts = 0;
    const answer = await submitWithStart(harness.client, {
      update: beginUpdate,
      requestHash: 'hash',
      answerMsMax: 10_000,
      startOperation: () =>
        new WithStartWorkflowOperation(endsWithItsRequest, {
          workflowId: run.workflowId,
          taskQueue,
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
    });
    assert.ok(answer.ok && answer.value.created, JSON.stringify(answer));
    assert.equal(run.attempts, 2);
  });
});
