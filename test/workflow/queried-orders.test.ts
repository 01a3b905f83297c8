import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { executionReportSignal } from '../../workflows/order-entry/order-messages';
import { eventually } from '../support/eventually';
import { withOrder, type RunningOrder } from '../support/order-harness';
import { fillOf } from '../support/scripted-activities';
import { openHarness, type TemporalHarness } from '../support/temporal-harness';

// Goal: looking at an order changes nothing: no fill is lost and no replay differs, although a query moves the end of a
// local activity to another workflow task than the one in which a replay finds it. Method: the real workflow, queried
// without pause while it is filled, settles and continues as new; the server refuses tasks of it, which are replayed.
const ORDERS = 2;
const FILLS = 10;
/** Falls due among the fills that follow. */
const SETTLE_IN_MS = 150;

describe('an order that is queried without pause', function () {
  this.timeout(120_000);
  let harness: TemporalHarness;

  before(async () => {
    harness = await openHarness();
  });
  after(async () => {
    await harness?.close();
  });

  for (let round = 1; round <= ORDERS; round += 1) {
    it(`loses no fill and is never stuck (${round} of ${ORDERS})`, async () => {
      const options = {
        historyEventsMax: 40,
        request: { timeInForce: 'gtc' as const },
      };
      await withOrder(harness, {}, options, async (order) => {
        await order.reach('routed');
        let isOver = false;
        const looks = lookWithoutPause(order, () => isOver);
        try {
          await fillInFull(order);
          const view = await order.handle.result();
          assert.deepEqual([view.cumQty, view.settledQty, view.state], ['100', '100', 'settled']);
        } finally {
          isOver = true;
          await looks;
        }
      });
    });
  }
});

/** Asks again at once, also while the server cannot answer because runs change. */
async function lookWithoutPause(order: RunningOrder, isOver: () => boolean): Promise<void> {
  while (!isOver()) await order.view().catch(() => undefined);
}

async function fillInFull(order: RunningOrder): Promise<void> {
  const firstRun = await order.runId();
  for (let part = 1; part <= FILLS; part += 1) {
    // The last fills find the order in its next run.
    if (part === FILLS - 1) await order.untilNewRun(firstRun);
    const fill = fillOf(order.orderId, `${order.orderId}-1`, '10', '182', SETTLE_IN_MS);
    await order.handle.signal(executionReportSignal, fill);
    const what = `fill ${part}`;
    await eventually(async () => (await order.view()).cumQty === String(10 * part), { what });
  }
}
