import assert from 'node:assert/strict';
import { visit, walkWorkflowActivation } from '@temporalio/common/lib/internal-non-workflow/payload-visitor';
import { extstoreInboundOptions } from '@temporalio/common/lib/internal-non-workflow/external-storage-visitor';
import { encodeReferencePayload } from '@temporalio/common/lib/internal-non-workflow/extstore-helpers';
import { coresdk } from '@temporalio/proto';
import { describe, it } from 'mocha';
import { checkingAtOnce } from '../../../workers/payload-check';

// Goal: without external storage, payloads are checked as the SDK does it, and with it they are its business. Method: an
// activation with payloads in several places, one of which may be a reference; the SDK's walk and ours side by side.

const { WorkflowActivation } = coresdk.workflow_activation;
const plain = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('1') };
const claim = { claimData: { key: 'k' } };
const reference = encodeReferencePayload({ driverName: 'driver', claim, sizeBytes: 1 });
const ours = checkingAtOnce(visit, extstoreInboundOptions);

const activationOf = (argument: typeof plain | typeof reference, header: typeof plain | typeof reference) =>
  WorkflowActivation.create({
    jobs: [
      { initializeWorkflow: { arguments: [plain, argument], headers: { one: plain, two: header } } },
      { signalWorkflow: { input: [plain] } },
    ],
  });

for (const [kind, walk, options] of [
  ['the SDK', visit, extstoreInboundOptions(undefined)],
  ['ours', ours.visit, ours.inbound(undefined)],
] as const) {
  describe(`payloads without external storage, by the walk of ${kind}`, () => {
    it('stay as they are', async () => {
      const activation = activationOf(plain, plain);
      const before = WorkflowActivation.toObject(activation);
      await walk(activation, walkWorkflowActivation, options);
      assert.deepEqual(WorkflowActivation.toObject(activation), before);
    });

    for (const [where, activation] of [
      ['an argument', activationOf(reference, plain)],
      ['a header', activationOf(plain, reference)],
    ] as const) {
      it(`are refused when ${where} refers to a storage`, async () => {
        await assert.rejects(walk(activation, walkWorkflowActivation, options), {
          name: 'ExternalStorageNotConfiguredError',
        });
      });
    }
  });
}

describe('payloads with external storage', () => {
  it('are changed by the walk of the SDK', async () => {
    const activation = activationOf(plain, plain);
    const other = { ...plain, data: Buffer.from('2') };
    await ours.visit(activation, walkWorkflowActivation, {
      transformPayload: async () => other,
      transformPayloads: async (payloads) => payloads.map(() => other),
    });
    assert.deepEqual(activation.jobs[0]?.initializeWorkflow?.arguments, [other, other]);
  });
});
