import { decimal } from '../../domain/money/decimal';
import {
  amendSignal,
  cancelSignal,
  executionReportSignal,
  requestAmendUpdate,
  requestCancelUpdate,
} from '../../workflows/order-entry/order-messages';
import { eventually } from './eventually';
import { HELD_SCENARIOS } from './held-scenarios';
import { withOrder, type Harness, type OrderOptions, type RunningOrder } from './order-harness';
import { fillOf, reportOf, type Script } from './scripted-activities';

/** One path through the order workflow, played to its end; its history is what the replay gate keeps. */
export interface Scenario {
  path: string;
  script: Script;
  options: OrderOptions;
  play: (order: RunningOrder) => Promise<void>;
}

const REASONS = [{ code: 'UNKNOWN_SYMBOL', message: 'The instrument does not exist.', field: 'symbol' }];
const RISK_REASONS = [{ code: 'INSUFFICIENT_BUYING_POWER', message: 'There is not enough buying power.' }];

async function toEnd(order: RunningOrder): Promise<void> {
  // Denied and rejected orders end as failed workflows; either end is the end of the path.
  await order.handle.result().catch(() => undefined);
}

const clOrdId = (order: RunningOrder): string => `${order.orderId}-1`;

/** Every path that the gate must cover; a new way through the workflow gets a line here and a stored history. */
export const SCENARIOS: readonly Scenario[] = [
  {
    path: 'filled-settled',
    script: {
      route: (order) => ({
        outcome: 'sent',
        reports: [
          reportOf('accepted', order.orderId, order.clOrdId),
          fillOf(order.orderId, order.clOrdId, '100', '182.4', 200),
        ],
      }),
    },
    options: {},
    play: toEnd,
  },
  {
    path: 'filled-in-parts',
    script: {},
    options: {},
    play: async (order) => {
      await order.reach('routed');
      for (const quantity of ['20', '30', '50']) {
        await order.handle.signal(
          executionReportSignal,
          fillOf(order.orderId, clOrdId(order), quantity, '182.1', 200),
        );
      }
      await toEnd(order);
    },
  },
  {
    path: 'partially-filled-cancelled',
    script: {},
    options: {},
    play: async (order) => {
      await order.reach('routed');
      await order.handle.signal(
        executionReportSignal,
        fillOf(order.orderId, clOrdId(order), '40', '182', 200),
      );
      await order.reach('partiallyFilled');
      await order.handle.executeUpdate(requestCancelUpdate, { args: [{ requestId: 'c1', by: 'tester' }] });
      await toEnd(order);
    },
  },
  {
    path: 'amended-then-filled',
    script: {},
    options: { request: { timeInForce: 'gtc' } },
    play: async (order) => {
      await order.reach('routed');
      await order.handle.executeUpdate(requestAmendUpdate, {
        args: [{ requestId: 'a1', by: 'tester', quantity: '150', limitPrice: '183' }],
      });
      await eventually(async () => (await order.view()).quantity === '150');
      await order.handle.signal(
        executionReportSignal,
        fillOf(order.orderId, `${order.orderId}-2`, '150', '183', 200),
      );
      await toEnd(order);
    },
  },
  {
    path: 'amended-and-cancelled-by-signal',
    script: {},
    options: {},
    play: async (order) => {
      await order.reach('routed');
      await order.handle.signal(amendSignal, { requestId: 'a1', by: 'ops', quantity: '50' });
      await eventually(async () => (await order.view()).quantity === '50');
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'ops' });
      await toEnd(order);
    },
  },
  {
    path: 'cancel-too-late',
    script: {
      cancel: (clOrd, orderId) => ({
        outcome: 'sent',
        reports: [
          fillOf(orderId, `${orderId}-1`, '60', '182.4', 200),
          reportOf('cancelRejected', orderId, clOrd, { reason: '0' }),
        ],
      }),
    },
    options: {},
    play: async (order) => {
      await order.reach('routed');
      await order.handle.signal(
        executionReportSignal,
        fillOf(order.orderId, clOrdId(order), '40', '182', 200),
      );
      await order.handle.executeUpdate(requestCancelUpdate, { args: [{ requestId: 'c1', by: 'tester' }] });
      await toEnd(order);
    },
  },
  {
    path: 'amendment-denied',
    script: {
      reserve: (attempt) =>
        attempt === 1
          ? { outcome: 'reserved', limitVersion: 1, unitReserve: decimal('182.6') }
          : { outcome: 'denied', limitVersion: 1, reasons: RISK_REASONS },
    },
    options: {},
    play: async (order) => {
      await order.reach('routed');
      await order.handle.executeUpdate(requestAmendUpdate, {
        args: [{ requestId: 'a1', by: 'tester', quantity: '900' }],
      });
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      await toEnd(order);
    },
  },
  {
    path: 'denied-by-validation',
    script: { validate: () => ({ outcome: 'denied', reasons: REASONS }) },
    options: {},
    play: toEnd,
  },
  {
    path: 'denied-by-risk',
    script: { reserve: () => ({ outcome: 'denied', limitVersion: 1, reasons: RISK_REASONS }) },
    options: {},
    play: toEnd,
  },
  {
    path: 'rejected-by-venue',
    script: {
      route: (order) => ({
        outcome: 'sent',
        reports: [
          reportOf('rejected', order.orderId, order.clOrdId, { reason: '1', text: 'unknown instrument' }),
        ],
      }),
    },
    options: {},
    play: toEnd,
  },
  {
    path: 'expired-at-day-end',
    script: {
      status: (order) => ({
        outcome: 'known',
        open: false,
        reports: [reportOf('expired', order.orderId, order.clOrdId)],
      }),
    },
    options: { sessionCloseInMs: 1_500 },
    play: toEnd,
  },
  {
    path: 'expired-at-its-date',
    script: {
      status: (order) => ({
        outcome: 'known',
        open: false,
        reports: [reportOf('expired', order.orderId, order.clOrdId)],
      }),
    },
    options: {
      endsInMs: 1_500,
      request: { timeInForce: 'gtd', expireAt: '2027-01-05T15:00:00.000Z' },
    },
    play: toEnd,
  },
  {
    path: 'iceberg-filled-by-tranches',
    script: {
      route: (order) => ({
        outcome: 'sent',
        reports: [
          reportOf('accepted', order.orderId, order.clOrdId),
          ...['40', '40', '20'].map((quantity) =>
            fillOf(order.orderId, order.clOrdId, quantity, '182.4', 200),
          ),
        ],
      }),
    },
    options: { request: { type: 'iceberg', displayQuantity: decimal('40') } },
    play: toEnd,
  },
  {
    path: 'unknown-then-known',
    script: {
      route: () => ({ outcome: 'unknown', reason: 'no answer in time' }),
      status: (order) => ({
        outcome: 'known',
        open: true,
        reports: [reportOf('accepted', order.orderId, order.clOrdId)],
      }),
    },
    options: {},
    play: async (order) => {
      await order.reach('routed');
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      await toEnd(order);
    },
  },
  {
    path: 'continued-as-new',
    script: {},
    options: { historyEventsMax: 50, request: { timeInForce: 'gtc' } },
    play: async (order) => {
      await order.reach('routed');
      const firstRun = await order.runId();
      for (let part = 0; part < 20; part += 1) {
        if (part === 19) await order.untilNewRun(firstRun);
        await order.handle.signal(
          executionReportSignal,
          fillOf(order.orderId, clOrdId(order), '5', '182', 500),
        );
        const cumQty = String((part + 1) * 5);
        await eventually(async () => (await order.view()).cumQty === cumQty, { what: `filled ${cumQty}` });
      }
      await toEnd(order);
    },
  },
  {
    path: 'recorded-after-outage',
    script: {},
    options: { effectsFailFirst: 2 },
    play: async (order) => {
      await order.reach('routed');
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      await toEnd(order);
    },
  },
  ...HELD_SCENARIOS,
];

/** Plays one scenario on task queues of its own. */
export async function playScenario(
  harness: Harness,
  scenario: Scenario,
  after: (order: RunningOrder) => Promise<void>,
): Promise<void> {
  await withOrder(harness, scenario.script, scenario.options, async (order) => {
    await scenario.play(order);
    await after(order);
  });
}
