import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { requestAmendUpdate, requestCancelUpdate } from '../../workflows/order-entry/order-messages';
import { withOrder } from '../support/order-harness';
import { openHarness, type TemporalHarness } from '../support/temporal-harness';
import type { Script } from '../support/scripted-activities';

// Goal: an order whose risk check cannot be made is refused what it asked for, and lives on. Found by load with a cut
// connection to MongoDB: the failure of a local activity comes as it is, without an ActivityFailure around it.
describe('an order while risk cannot be asked', function () {
  this.timeout(60_000);
  let harness: TemporalHarness;
  before(async () => {
    harness = await openHarness();
  });
  after(async () => {
    await harness?.close();
  });

  const awayFrom = (attemptAway: number): Script => ({
    reserve: (attempt) => {
      if (attempt >= attemptAway) throw new Error('MongoDB is not reachable');
      return { outcome: 'reserved', limitVersion: 1, unitReserve: '182.6' as never };
    },
  });

  it('is denied an amendment, stays open, and can be cancelled', async () => {
    await withOrder(harness, awayFrom(2), {}, async (order) => {
      await order.reach('routed');
      const answer = await order.handle.executeUpdate(requestAmendUpdate, {
        args: [{ requestId: 'amend-1', by: 'tester', quantity: '70' }],
      });
      assert.equal(answer.outcome, 'denied');
      assert.equal(answer.reasons[0]?.code, 'SERVICE_UNAVAILABLE');
      assert.equal((await order.view()).state, 'routed');
      await order.handle.executeUpdate(requestCancelUpdate, {
        args: [{ requestId: 'cancel-1', by: 'tester' }],
      });
      assert.equal((await order.handle.result()).state, 'cancelled');
      assert.equal(order.witness.exposures.at(-1)?.contribution.reservedCash, '0');
    });
  });

  it('is denied on entry, sends nothing and is on record', async () => {
    await withOrder(harness, awayFrom(1), {}, async (order) => {
      assert.equal(order.submit?.outcome, 'denied');
      assert.ok(['validation', 'risk'].includes(order.submit?.order.rejectedBy ?? ''));
      assert.equal(order.submit?.order.reasons[0]?.code, 'SERVICE_UNAVAILABLE');
      await assert.rejects(order.handle.result());
      assert.ok(!order.witness.calls.includes('routeOrder'), 'nothing was sent');
      const recorded = order.witness.records.flatMap(({ events }) => events);
      assert.ok(recorded.length > 0, 'the denial is on record');
    });
  });
});
