import assert from 'node:assert/strict';
import { Client, WithStartWorkflowOperation, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, type PayloadCodec } from '@temporalio/common';
import * as internal from '@temporalio/common/lib/internal-non-workflow';
import { WorkflowCodecRunner } from '@temporalio/worker/lib/workflow-codec-runner';
import { after, before, describe, it } from 'mocha';
import { createLogger } from '../../../observability/logger';
import { lightenWorkers } from '../../../workers/lighter-worker';
import { openWorker } from '../../support/running-worker';
import { keepSdk } from '../../support/sdk-as-it-was';
import { uniqueName } from '../../support/servers';
import type { TemporalHarness } from '../../support/temporal-harness';
import { heardQuery, hearSignal, hearsEverything, sayUpdate } from './answering-workflows';

// Goal: a worker that copies no messages without a codec gives workflows everything that one gives which does, and with a
// codec uses it. Method: a workflow that hears by every way there is, on real workers with and without.

/** Turns each byte over, so that what was not decoded is no JSON. */
const turning: PayloadCodec = {
  encode: async (payloads) => payloads.map((payload) => ({ ...payload, data: turned(payload.data) })),
  decode: async (payloads) => payloads.map((payload) => ({ ...payload, data: turned(payload.data) })),
};

function turned(data: Uint8Array | null | undefined): Uint8Array {
  return (data ?? new Uint8Array()).map((byte) => byte ^ 0xff);
}

const FIRST_RUN = ['memo first', 'update one'];
const SECOND_RUN = ['memo changed', 'signal two', 'update three'];

for (const [kind, payloadCodecs] of [
  ['no codec', []],
  ['a codec', [turning]],
] as const) {
  describe(`a lighter worker with ${kind}`, function () {
    this.timeout(60_000);
    const taskQueue = uniqueName('lighter');
    const runner = WorkflowCodecRunner.prototype;
    const { encodeCompletion } = runner;
    const putBack = keepSdk();
    let copies = 0;
    let harness: TemporalHarness;

    before(async () => {
      runner.encodeCompletion = function (completion) {
        copies += 1;
        return encodeCompletion.call(this, completion);
      };
      const walk = internal.visit;
      lightenWorkers(createLogger('test', 'error'));
      assert.notEqual(internal.visit, walk, 'the SDK takes our walk over payloads');
      harness = await openWorker({
        taskQueue,
        workflowsPath: require.resolve('./answering-workflows'),
        activities: { echo: async (text: string) => text },
        dataConverter: { payloadCodecs: [...payloadCodecs] },
      });
    });
    after(async () => {
      await harness?.close();
      putBack();
    });

    it('hears and answers everything', async () => {
      const dataConverter = { payloadCodecs: [...payloadCodecs] };
      const client = new Client({ connection: harness.client.connection, dataConverter });
      const workflowId = uniqueName('hearing');
      const startWorkflowOperation = new WithStartWorkflowOperation(hearsEverything, {
        taskQueue,
        workflowId,
        workflowIdConflictPolicy: 'FAIL',
        memo: { note: 'first' },
      });
      const said = await client.workflow.executeUpdateWithStart(sayUpdate, {
        args: ['one'],
        startWorkflowOperation,
      });
      assert.equal(said, 'said one');
      const handle = client.workflow.getHandle(workflowId);
      await handle.signal(hearSignal, 'two');
      const heard = await handle.query(heardQuery);
      assert.ok(heard.includes('update one'), heard.join());
      assert.equal(await handle.executeUpdate(sayUpdate, { args: ['three'] }), 'said three');
      await assert.rejects(handle.result(), (fault) => {
        assert.ok(fault instanceof WorkflowFailedError && fault.cause instanceof ApplicationFailure);
        assert.equal(fault.cause.type, 'OVER');
        const told = fault.cause.details?.[0] as string[];
        assert.deepEqual([...told].sort(), [...FIRST_RUN, ...SECOND_RUN].sort());
        return true;
      });
      assert.equal(copies > 0, payloadCodecs.length > 0, 'completions are copied for a codec alone');
    });
  });
}
