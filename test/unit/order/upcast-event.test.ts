import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { foldOrder, stampEvents } from '../../../domain/order/evolve';
import { openOrder } from '../../../domain/order/open-order';
import { ORDER_EVENT_VERSION, type StoredOrderEvent } from '../../../domain/order/order-events';
import { toOrderView } from '../../../domain/order/order-projection';
import { upcastEvent } from '../../../domain/order/upcast-event';
import { decimal } from '../../../domain/money/decimal';
import type { OrderRequest } from '../../../domain/order/order-types';

// Goal: events of every version that was ever stored are read as events of the newest one, and tell the same story.
// Method: laws over events with and without what later versions added, and the real events inside stored histories.

const HISTORIES = resolve(__dirname, '../../replay/histories');
const request: OrderRequest = {
  clientOrderId: 'c-1',
  account: 'ACC-1',
  symbol: 'IBM',
  side: 'buy',
  type: 'limit',
  quantity: decimal('100'),
  limitPrice: decimal('182.5'),
  timeInForce: 'day',
};
const opening = (build: string | null) =>
  stampEvents(
    undefined,
    openOrder({ orderId: 'o1', workflowId: 'order:ACC-1:c-1', request, enteredBy: 't' }),
    'o1',
    '2026-01-05T15:00:00.000Z',
    build,
  );

/** Version 1 had no build. */
function asVersion1(event: StoredOrderEvent): StoredOrderEvent {
  const { build: _, ...rest } = event;
  return { ...rest, v: 1 };
}

/** Every array of events that a stored history carries to an activity, however deep. */
function eventsIn(value: unknown): StoredOrderEvent[] {
  if (Array.isArray(value)) return value.flatMap(eventsIn);
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Record<string, unknown>;
  if (typeof fields['seq'] === 'number' && typeof fields['v'] === 'number' && 'orderId' in fields)
    return [value as StoredOrderEvent];
  if (typeof fields['data'] === 'string') {
    const text = Buffer.from(fields['data'], 'base64').toString('utf8');
    return text.startsWith('{') || text.startsWith('[') ? eventsIn(JSON.parse(text)) : [];
  }
  return Object.values(fields).flatMap(eventsIn);
}

describe('upcasting of events', () => {
  it('raises version 1 to the newest, which says that the build was not kept', () => {
    const [event] = opening(null).map(asVersion1).map(upcastEvent);
    assert.equal(event?.v, ORDER_EVENT_VERSION);
    assert.equal(event?.build, null);
  });

  it('changes nothing about a newest event, and nothing twice', () => {
    fc.assert(
      fc.property(fc.option(fc.string({ minLength: 1 })), (build) => {
        const events = opening(build);
        assert.deepEqual(events.map(upcastEvent), events);
        const raised = events.map(asVersion1).map(upcastEvent);
        assert.deepEqual(raised.map(upcastEvent), raised);
      }),
    );
  });

  it('tells the same story in every version', () => {
    const events = opening('b1');
    const { build, ...told } = toOrderView(foldOrder(events));
    assert.equal(build, 'b1');
    assert.deepEqual(toOrderView(foldOrder(events.map(asVersion1).map(upcastEvent))), told);
  });

  it('lets an event of a later version pass, and refuses one that never was', () => {
    const [event] = opening('b1');
    assert.ok(event);
    const later = { ...event, v: ORDER_EVENT_VERSION + 1, added: 'x' };
    assert.deepEqual(upcastEvent(later as StoredOrderEvent), later);
    for (const v of [0, -1, 1.5]) assert.throws(() => upcastEvent({ ...event, v }), /no known version/);
  });

  it('reads every event in the stored histories', () => {
    const files = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));
    const events = files.flatMap((file) =>
      eventsIn(JSON.parse(readFileSync(resolve(HISTORIES, file), 'utf8'))),
    );
    assert.ok(
      events.some(({ v }) => v === 1),
      'the histories hold events of version 1',
    );
    for (const event of events) assert.equal(upcastEvent(event).v, ORDER_EVENT_VERSION);
  });
});
