import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import { cancelSignal, executionReportSignal } from '../../workflows/order-entry/order-messages';
import { withOrder, type Harness } from '../support/order-harness';
import { fillOf, reportOf } from '../support/scripted-activities';
import type { OrderRequest } from '../../domain/order/order-types';
import { openTimeSkipping } from '../support/time-skipping';

const DAY_MS = 86_400_000;

// Goal: what takes days is right too. Method: Temporal's time-skipping server, whose clock runs ahead while it waits.
describe('the order workflow over days', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  let harness: Harness;

  before(async () => {
    ({ environment, harness } = await openTimeSkipping());
  });
  after(async () => {
    await environment?.teardown();
  });

  it('asks the venue at the end of the day, and the report of the venue decides', async () => {
    const script = {
      status: (order: { orderId: string; clOrdId: string }, attempt: number) =>
        attempt < 3
          ? { outcome: 'known' as const, open: true, reports: [] }
          : {
              outcome: 'known' as const,
              open: false,
              reports: [reportOf('expired', order.orderId, order.clOrdId)],
            },
    };
    await withOrder(
      harness,
      script,
      { withoutSubmit: true, sessionCloseInMs: 6 * 3_600_000 },
      async (order) => {
        const view = await order.handle.result();
        assert.equal(view.state, 'expired');
        assert.equal(order.witness.calls.filter((name) => name === 'askOrderStatus').length, 3);
        assert.equal(order.witness.exposures.at(-1)?.contribution.reservedCash, '0');
      },
    );
  });

  const ENDINGS: [string, Partial<OrderRequest>][] = [
    ['for a date', { timeInForce: 'gtd', expireAt: '2027-01-05T15:00:00.000Z' }],
    ['for the opening', { timeInForce: 'opg' }],
    ['for the closing', { timeInForce: 'cls' }],
    ['market on close', { type: 'marketOnClose' }],
  ];
  for (const [name, request] of ENDINGS) {
    it(`asks the venue when the time is over of an order that is ${name}, not at the end of the day`, async () => {
      const script = {
        status: (order: { orderId: string; clOrdId: string }) => ({
          outcome: 'known' as const,
          open: false,
          reports: [reportOf('expired', order.orderId, order.clOrdId)],
        }),
      };
      const beginMs = await environment.currentTimeMs();
      // Times of the script are counted from the real clock, which the server's may have left behind.
      const endsInMs = beginMs - Date.now() + 2 * DAY_MS;
      const options = { withoutSubmit: true, sessionCloseInMs: endsInMs - DAY_MS, endsInMs, request };
      await withOrder(harness, script, options, async (order) => {
        const view = await order.handle.result();
        assert.equal(view.state, 'expired');
        assert.equal(order.witness.exposures.at(-1)?.contribution.reservedCash, '0');
        assert.ok(Date.parse(view.updatedAt) >= Date.parse(view.endsAt ?? ''), 'not before its own end');
        assert.equal(order.witness.calls.filter((call) => call === 'askOrderStatus').length, 1);
      });
    });
  }

  it('settles on the settlement date, days later', async () => {
    const settleInMs = (await environment.currentTimeMs()) - Date.now() + 4 * DAY_MS;
    let settleAt = '';
    const script = {
      route: (order: { orderId: string; clOrdId: string }) => {
        const fill = fillOf(order.orderId, order.clOrdId, '100', '182', settleInMs);
        settleAt = fill.settleAt ?? '';
        return { outcome: 'sent' as const, reports: [fill] };
      },
    };
    await withOrder(harness, script, { withoutSubmit: true }, async (order) => {
      const view = await order.handle.result();
      assert.equal(view.state, 'settled');
      assert.ok(view.updatedAt >= settleAt, 'not before its settlement date');
    });
  });

  it('keeps a good-till-cancelled order open over days', async () => {
    await withOrder(harness, {}, { withoutSubmit: true, request: { timeInForce: 'gtc' } }, async (order) => {
      await order.reach('routed');
      await environment.sleep('30 days');
      await order.handle.signal(
        executionReportSignal,
        fillOf(order.orderId, `${order.orderId}-1`, '40', '182'),
      );
      await environment.sleep('10 days');
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      const view = await order.handle.result();
      assert.equal(view.state, 'cancelled');
      assert.equal(view.settledQty, '40');
    });
  });
});
