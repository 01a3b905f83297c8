// Goal: orders that wait here: held, released, triggered, amended and ended, one rule a test. Method: commands through
// `decide` and `evolve`, and what clients see of it.
import assert from 'node:assert/strict';
import { execTypeOf } from '../../../domain/order/exec-type';
import { toOrderView } from '../../../domain/order/order-projection';
import { isOpen } from '../../../domain/order/order-status';
import { foldOrder } from '../../../domain/order/evolve';
import { nextSend, venueOrderOf } from '../../../workflows/execution/venue-send';
import { d, OrderUnderTest, REQUEST, SIGHTING, TERMS } from './order-fixture';
import type { OrderRequest } from '../../../domain/order/order-types';

/** A stop order that we hold until the market reaches 11. */
function heldStop(request: Partial<OrderRequest> = {}): OrderUnderTest {
  const { limitPrice: _none, ...base } = REQUEST;
  const order = new OrderUnderTest({ type: 'stop', stopPrice: d('11'), ...request }, base);
  order.run({ type: 'recordValidated', terms: { ...TERMS, hold: 'trigger' } });
  order.run({ type: 'recordReserved', riskVersion: 1, limitVersion: 1 });
  order.run({ type: 'hold', until: 'trigger' });
  return order;
}

const sighting = { ...SIGHTING, price: d('11.2'), stopPrice: d('11') };

describe('an order that waits here', () => {
  it('shows as new and open, and sends nothing', () => {
    const { state } = heldStop();
    const view = toOrderView(state);
    assert.equal(view.state, 'validated');
    assert.equal(view.ordStatus, 'new');
    assert.equal(execTypeOf(state), 'new');
    assert.deepEqual(view.held, { until: 'trigger', since: view.createdAt });
    assert.equal(view.leavesQty, '100');
    assert.ok(isOpen(state));
    assert.equal(nextSend(state, []), undefined);
  });

  it('is triggered once, says by what, and goes to the venue as a market order without a stop', () => {
    const order = heldStop();
    assert.equal(order.run({ type: 'trigger', version: 1, sighting }), undefined);
    const { state } = order;
    assert.equal(state.held, undefined);
    assert.equal(execTypeOf(state), 'triggeredOrActivatedBySystem');
    const view = toOrderView(state);
    assert.equal(view.ordStatus, 'new');
    assert.equal(view.triggerPrice, '11.2');
    assert.equal(view.triggerMissed, false);
    assert.equal(view.type, 'stop');
    assert.deepEqual(nextSend(state, []), { kind: 'route', clOrdId: state.clOrdId });
    assert.equal(venueOrderOf(state).type, 'market');
    assert.equal(venueOrderOf(state).stopPrice, undefined);
    assert.equal(order.run({ type: 'trigger', version: 1, sighting })?.duplicate, true);
    assert.deepEqual(foldOrder(order.events), state);
  });

  it('goes to the venue as a limit order when it has a limit', () => {
    for (const type of ['stopLimit', 'limitIfTouched', 'trailingStop'] as const) {
      const order = heldStop({ type, limitPrice: d('11.5') });
      order.run({ type: 'trigger', version: 1, sighting });
      assert.equal(venueOrderOf(order.state).type, 'limit', type);
      assert.equal(venueOrderOf(order.state).limitPrice, '11.5');
    }
  });

  it('does not take a sighting that was made for an earlier stop', () => {
    const order = heldStop();
    assert.equal(
      order.run({ type: 'requestReplace', requestId: 'r1', by: 'ann', stopPrice: d('12') }),
      undefined,
    );
    assert.equal(order.state.stopPrice, '12');
    assert.equal(order.run({ type: 'trigger', version: 1, sighting })?.code, 'ORDER_NOT_HELD');
    assert.equal(order.run({ type: 'trigger', version: 2, sighting }), undefined);
  });

  it('takes new terms at once, and keeps its trigger when the stop is the same', () => {
    const order = heldStop();
    order.replace('r1', '150');
    assert.equal(order.state.quantity, '150');
    assert.deepEqual(order.state.pending, []);
    assert.equal(toOrderView(order.state).ordStatus, 'new');
    assert.equal(order.replace('r1', '160')?.duplicate, true);
    assert.equal(order.run({ type: 'trigger', version: 1, sighting }), undefined);
    assert.equal(order.replace('r2', undefined, '9')?.code, 'LIMIT_PRICE_NOT_ALLOWED');
    const late = order.run({ type: 'requestReplace', requestId: 'r3', by: 'ann', stopPrice: d('13') });
    assert.equal(late?.code, 'STOP_PRICE_NOT_ALLOWED');
  });

  it('ends here at once when it is cancelled or its day is over', () => {
    const cancelled = heldStop();
    cancelled.cancel('c1');
    assert.equal(cancelled.state.state, 'cancelled');
    assert.equal(cancelled.state.held, undefined);
    assert.equal(execTypeOf(cancelled.state), 'canceled');
    assert.equal(cancelled.run({ type: 'trigger', version: 1, sighting })?.code, 'INVALID_TRANSITION');
    const expired = heldStop();
    expired.run({ type: 'endLocally', how: 'expired', by: 'timer' });
    assert.equal(toOrderView(expired.state).ordStatus, 'expired');
    assert.equal(toOrderView(expired.state).held, undefined);
  });

  it('waits for its price after it was released', () => {
    const order = new OrderUnderTest({ type: 'stop', stopPrice: d('11') });
    order.run({ type: 'recordValidated', terms: { ...TERMS, hold: 'trigger' } });
    order.run({ type: 'hold', until: 'release' });
    assert.equal(order.run({ type: 'trigger', version: 1, sighting })?.code, 'ORDER_NOT_HELD');
    order.run({ type: 'release', by: 'parent', reason: 'filled' });
    assert.deepEqual(order.story().slice(-2), ['orderReleased', 'orderHeld']);
    assert.equal(order.state.held?.until, 'trigger');
    assert.equal(order.run({ type: 'release', by: 'parent' })?.duplicate, true);
  });

  it('is sent once it was released when it waits for nothing else', () => {
    const order = new OrderUnderTest();
    order.run({ type: 'recordValidated', terms: TERMS });
    assert.equal(order.run({ type: 'hold', until: 'trigger' })?.code, 'INVALID_TRANSITION');
    order.run({ type: 'hold', until: 'release' });
    assert.equal(order.run({ type: 'hold', until: 'release' })?.duplicate, true);
    assert.equal(nextSend(order.state, []), undefined);
    order.run({ type: 'release', by: 'parent' });
    assert.equal(nextSend(order.state, [])?.kind, 'route');
    assert.equal(venueOrderOf(order.state).type, 'limit');
  });

  it('stops waiting when the venue speaks of it as its own', () => {
    const order = heldStop();
    order.fill('f1', '40');
    assert.equal(order.state.held, undefined);
    assert.equal(order.state.state, 'partiallyFilled');
  });
});
