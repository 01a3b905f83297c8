import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { isGrpcServiceError, ServiceError, type WorkflowHandle } from '@temporalio/client';
import { after, before, describe, it } from 'mocha';
import { replayPlugins } from '../../observability/temporal-tracing';
import {
  amendSignal,
  cancelSignal,
  executionReportSignal,
  orderQuery,
  releaseSignal,
  requestAmendUpdate,
  requestCancelUpdate,
} from '../../workflows/order-entry/order-messages';
import { eventually } from '../support/eventually';
import { withList, type ListOptions } from '../support/list-harness';
import { withOrder, type RunningOrder } from '../support/order-harness';
import { replayHistory } from '../support/replay-one';
import { fillOf, type Script } from '../support/scripted-activities';
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
        const looks = lookWithoutPause(order.handle, () => isOver);
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
async function lookWithoutPause(handle: WorkflowHandle, isOver: () => boolean): Promise<void> {
  while (!isOver()) await handle.query(orderQuery).catch(() => undefined);
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

const REFUSALS_MAX = 5;
/** Of gRPC. */
const FAILED_PRECONDITION = 9;

/**
 * Sends an update again that the server gave up with a task that it refused: something had come while the task was under way.
 * Nothing of it is in the history, and an order takes a request of one id once.
 */
async function untilTaken<T>(update: () => Promise<T>): Promise<T> {
  for (let refusals = 0; ; refusals += 1) {
    try {
      return await update();
    } catch (fault) {
      const cause = fault instanceof ServiceError ? fault.cause : undefined;
      const isRefused = isGrpcServiceError(cause) && cause.code === FAILED_PRECONDITION;
      if (!isRefused || refusals >= REFUSALS_MAX) throw fault;
    }
  }
}

const ROUNDS = 4;
const DECISION_MS = 20;
/** Decisions take a while, so that queries and what is asked next meet their task. */
const SLOW: Script = { beforeDecision: () => setTimeout(DECISION_MS) };
const CANCEL = { requestId: 'c1', by: 'tester' };
const AMENDMENT = { requestId: 'a1', by: 'tester', quantity: '150' };
const OTO: ListOptions = { contingency: 'oto', orders: [{}, { symbol: 'MSFT' }] };

// Goal: nothing that comes while validation or risk is asked mixes with the answer: a replay takes the same steps. Method:
// the real workflow, queried without pause; fills, cancels and amendments meet a decision at changing moments, and the
// history is replayed. Each round but few failed before orders took what happens in turn.
describe('a request that meets queries and other messages', function () {
  this.timeout(120_000);
  let harness: TemporalHarness;

  before(async () => {
    harness = await openHarness();
  });
  after(async () => {
    await harness?.close();
  });

  /** Lets `play` send its messages under queries, and replays what came of it. */
  async function assertReplays(handle: WorkflowHandle, play: () => Promise<unknown>): Promise<void> {
    let isOver = false;
    const looks = lookWithoutPause(handle, () => isOver);
    try {
      await play();
      await handle.result();
    } finally {
      isOver = true;
      await looks;
    }
    await replayHistory(await handle.fetchHistory(), replayPlugins());
  }

  for (let round = 1; round <= ROUNDS; round += 1) {
    const restMs = (2 * DECISION_MS * round) / ROUNDS;
    const options = { request: { timeInForce: 'gtc' as const } };

    it(`amends by update while the order is filled and cancelled (${round} of ${ROUNDS})`, async () => {
      await withOrder(harness, SLOW, options, async (order) => {
        await order.reach('routed');
        await assertReplays(order.handle, async () => {
          const amended = untilTaken(() =>
            order.handle.executeUpdate(requestAmendUpdate, { args: [AMENDMENT] }),
          );
          await setTimeout(restMs);
          const fill = fillOf(order.orderId, `${order.orderId}-1`, '10', '182');
          await order.handle.signal(executionReportSignal, fill);
          const cancelled = untilTaken(() =>
            order.handle.executeUpdate(requestCancelUpdate, { args: [CANCEL] }),
          );
          assert.equal((await amended).outcome, 'accepted');
          assert.equal((await cancelled).outcome, 'accepted');
        });
        const view = await order.handle.result();
        assert.deepEqual([view.state, view.cumQty, view.quantity], ['cancelled', '10', '150']);
      });
    });

    it(`amends by signal while the order is filled and cancelled (${round} of ${ROUNDS})`, async () => {
      await withOrder(harness, SLOW, options, async (order) => {
        await order.reach('routed');
        await assertReplays(order.handle, async () => {
          await order.handle.signal(amendSignal, AMENDMENT);
          await setTimeout(restMs);
          const fill = fillOf(order.orderId, `${order.orderId}-1`, '10', '182');
          await order.handle.signal(executionReportSignal, fill);
          await order.handle.signal(cancelSignal, CANCEL);
        });
        const sends = order.witness.calls.filter((name) => name.endsWith('AtVenue'));
        assert.deepEqual(sends, ['replaceAtVenue', 'cancelAtVenue']);
      });
    });

    it(`is released and cancelled (${round} of ${ROUNDS})`, async () => {
      await withList(harness, SLOW, OTO, async (list) => {
        await list.until('a held order', ([parent, child]) => {
          return parent?.state === 'routed' && child?.held !== undefined;
        });
        const handle = list.orderHandle(1);
        await assertReplays(handle, async () => {
          await handle.signal(releaseSignal, { requestId: 'r1', by: 'tester' });
          await setTimeout(restMs);
          await handle.signal(cancelSignal, CANCEL);
        });
        assert.equal((await list.order(1)).state, 'cancelled');
        await list.orderHandle(0).signal(cancelSignal, CANCEL);
        await list.handle.result();
      });
    });
  }
});
