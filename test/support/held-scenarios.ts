import { decimal } from '../../domain/money/decimal';
import {
  amendSignal,
  requestCancelUpdate,
  triggerSignal,
  type TriggerMessage,
} from '../../workflows/order-entry/order-messages';
import { eventually } from './eventually';
import type { OrderOptions } from './order-harness';
import type { Scenario } from './order-scenarios';
import { fillOf } from './scripted-activities';

const STOP = decimal('190');

/** What the watch of the market says when the last trade went through a stop at 190. */
export function sighted(version: number): TriggerMessage {
  const sighting = {
    price: decimal('190.05'),
    priceType: 'last' as const,
    stopPrice: STOP,
    seenAt: '2026-01-05T15:00:00.000Z',
    missed: false,
    basis: 'present' as const,
  };
  return { version, sighting };
}

const STOP_LIMIT: OrderOptions = {
  request: { type: 'stopLimit', stopPrice: STOP, limitPrice: decimal('190.5'), timeInForce: 'gtc' },
};

/** Paths of orders that wait here for a price. */
export const HELD_SCENARIOS: readonly Scenario[] = [
  {
    path: 'held-triggered-filled',
    script: {
      terms: { hold: 'trigger' },
      route: (order) => ({
        outcome: 'sent',
        reports: [fillOf(order.orderId, order.clOrdId, '100', '190.2', 200)],
      }),
    },
    options: STOP_LIMIT,
    play: async (order) => {
      await order.handle.signal(triggerSignal, sighted(1));
      await order.handle.result();
    },
  },
  {
    path: 'held-amended-triggered-filled',
    script: {
      terms: { hold: 'trigger' },
      route: (order) => ({
        outcome: 'sent',
        reports: [fillOf(order.orderId, order.clOrdId, '80', '191.2', 200)],
      }),
    },
    options: { ...STOP_LIMIT, historyEventsMax: 20 },
    play: async (order) => {
      const change = { requestId: 'a1', by: 'tester', quantity: '80', stopPrice: '191', limitPrice: '191.5' };
      await order.handle.signal(amendSignal, change);
      await eventually(async () => (await order.view()).stopPrice === '191', { what: 'the new stop' });
      // A sighting for the stop that it had before changes nothing.
      await order.handle.signal(triggerSignal, sighted(1));
      await order.handle.signal(triggerSignal, sighted(2));
      await order.handle.result();
    },
  },
  {
    path: 'held-cancelled',
    script: { terms: { hold: 'trigger' } },
    options: STOP_LIMIT,
    play: async (order) => {
      await order.handle.executeUpdate(requestCancelUpdate, { args: [{ requestId: 'c1', by: 'tester' }] });
      await order.handle.result();
    },
  },
];
