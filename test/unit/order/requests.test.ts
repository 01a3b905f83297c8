// Goal: requests of clients, their ClOrdID chain, local ends and unknown outcomes, one rule a test.
import assert from 'node:assert/strict';
import { execTypeOf } from '../../../domain/order/exec-type';
import { evolve, foldOrder, stampEvents } from '../../../domain/order/evolve';
import { clOrdIdOf } from '../../../domain/order/order-id';
import { toOrderView } from '../../../domain/order/order-projection';
import { isOpen } from '../../../domain/order/order-status';
import { AT, d, ORDER_ID, OrderUnderTest, routedOrder, TERMS, workingOrder } from './order-fixture';

const id = (n: number) => clOrdIdOf(ORDER_ID, n);

describe('requests', () => {
  it('chain on the last one not yet refused, and repeat the whole order as wanted', () => {
    const order = workingOrder();
    order.replace('r1', '200');
    order.replace('r2', undefined, '11');
    order.cancel('c1');
    const chain = order.state.pending.map(({ clOrdId, origClOrdId, quantity, limitPrice }) => [
      clOrdId,
      origClOrdId,
      quantity,
      limitPrice,
    ]);
    assert.deepEqual(chain, [
      [id(2), id(1), '200', '10'],
      [id(3), id(2), '200', '11'],
      [id(4), id(3), undefined, undefined],
    ]);
    order.report('cancelRejected', { clOrdId: id(4), reason: '2' });
    order.report('replaceRejected', { clOrdId: id(3), reason: '3' });
    order.cancel('c2');
    assert.equal(order.state.pending.at(-1)?.origClOrdId, id(2));
    assert.equal(order.state.pending.at(-1)?.clOrdId, id(5));
  });

  it('are refused with their reason when they make no sense', () => {
    const order = workingOrder();
    order.fill('f1', '40');
    const codes = [
      order.replace('a', '100')?.code,
      order.replace('b', '30')?.code,
      order.replace('c', '0')?.code,
      order.run({ type: 'requestReplace', requestId: 'd', by: 'ann', quantity: d('10').concat('x') as never })
        ?.code,
      order.run({ type: 'requestReplace', requestId: 'e', by: 'ann', stopPrice: d('9') })?.code,
    ];
    assert.deepEqual(codes, [
      'NOTHING_TO_CHANGE',
      'QUANTITY_BELOW_FILLED',
      'QUANTITY_OUT_OF_BOUNDS',
      'MALFORMED_REQUEST',
      'STOP_PRICE_NOT_ALLOWED',
    ]);
    assert.equal(workingOrder({ type: 'market' }).replace('a', undefined, '10.5')?.code, undefined);
  });

  it('end an order at what is filled, when replaced down to exactly that', () => {
    const order = workingOrder();
    order.fill('f1', '40');
    assert.equal(order.replace('a', '40'), undefined);
    order.report('replaced', { clOrdId: id(2) });
    assert.deepEqual([order.state.state, order.state.quantity], ['filled', '40']);
  });

  it('repeat without effect, whether they were taken or denied', () => {
    const order = workingOrder();
    assert.equal(order.cancel('c1'), undefined);
    assert.equal(order.cancel('c1')?.duplicate, true);
    order.run({ type: 'denyRequest', requestId: 'r1', by: 'ann', kind: 'replace', reasons: [] });
    assert.equal(order.replace('r1', '200')?.duplicate, true);
    assert.equal(
      order.run({ type: 'denyRequest', requestId: 'r1', by: 'ann', kind: 'replace', reasons: [] })?.duplicate,
      true,
    );
  });

  it('are bounded in number', () => {
    const order = workingOrder();
    for (let n = 1; n <= 8; n += 1) assert.equal(order.replace(`r${n}`, String(100 + n)), undefined);
    assert.equal(order.replace('r9', '200')?.code, 'REPLACE_PENDING');
    assert.equal(order.cancel('c1'), undefined);
    assert.equal(order.replace('r10', '200')?.code, 'CANCEL_PENDING');
  });

  it('answered by the venue without having been made raise an alarm and change nothing', () => {
    const order = workingOrder();
    for (const kind of ['pendingCancel', 'replaced', 'cancelRejected'] as const)
      order.report(kind, { clOrdId: id(1) });
    assert.deepEqual(order.anomalies(), ['INVALID_TRANSITION', 'INVALID_TRANSITION', 'INVALID_TRANSITION']);
    assert.equal(toOrderView(order.state).ordStatus, 'new');
  });

  it('accepted out of turn keep the terms of the later one', () => {
    const order = workingOrder();
    order.replace('r1', '200');
    order.replace('r2', '300');
    order.report('replaced', { clOrdId: id(3) });
    order.report('replaced', { clOrdId: id(2) });
    assert.deepEqual(
      [order.state.quantity, order.state.clOrdId, order.state.pending.length],
      ['300', id(3), 0],
    );
    assert.deepEqual(order.anomalies(), []);
  });

  it('accepted with other terms than asked for bring the venue’s terms into force', () => {
    const order = workingOrder();
    order.replace('r1', '200', '11');
    order.report('replaced', { clOrdId: id(2), orderQty: d('150') });
    assert.deepEqual([order.state.quantity, order.state.limitPrice], ['150', '11']);
    order.report('replaced', { clOrdId: id(2), limitPrice: d('12') });
    assert.equal(order.state.limitPrice, '12');
    assert.deepEqual(order.anomalies(), []);
  });
});

describe('the way to the venue', () => {
  it('can end before it, by denial or locally, and not after it', () => {
    const denied = new OrderUnderTest();
    denied.run({
      type: 'recordDenied',
      rejectedBy: 'validation',
      reasons: [{ code: 'UNKNOWN_SYMBOL', message: 'No.' }],
    });
    const view = toOrderView(denied.state);
    assert.deepEqual(
      [view.state, view.ordStatus, view.rejectedBy, view.leavesQty],
      ['rejected', 'rejected', 'validation', '0'],
    );
    assert.equal(view.reasons[0]?.code, 'UNKNOWN_SYMBOL');

    const expired = new OrderUnderTest();
    expired.run({ type: 'recordValidated', terms: TERMS });
    expired.cancel('c1');
    expired.run({ type: 'endLocally', how: 'expired', by: 'timer' });
    assert.deepEqual([expired.state.state, toOrderView(expired.state).ordStatus], ['expired', 'expired']);
    assert.equal(
      routedOrder().run({ type: 'endLocally', how: 'cancelled', by: 'ann' })?.code,
      'INVALID_TRANSITION',
    );
  });

  it('shows who refused and why when the venue rejects', () => {
    const order = routedOrder();
    order.report('rejected', { execId: 'j1', reason: '3', text: 'too large' });
    assert.deepEqual(
      [order.state.rejectedBy, order.state.reasons],
      ['venue', [{ code: 'VENUE_REJECTED', message: 'reason=3 too large' }]],
    );
    assert.equal(execTypeOf(order.state), 'rejected');
  });

  it('in doubt is settled by proof', () => {
    for (const kind of ['accepted', 'fill', 'cancelRejected'] as const) {
      const order = unknownOrder();
      assert.equal(isOpen(order.state), true);
      order.report(kind, { execId: `p-${kind}`, lastQty: d('10'), lastPx: d('10'), reason: '0' });
      assert.equal(order.state.state, kind === 'fill' ? 'partiallyFilled' : 'routed');
      assert.deepEqual([order.state.unknown, order.state.acknowledged], [undefined, true]);
    }
    const rejected = unknownOrder();
    rejected.report('rejected', { execId: 'p', reason: '99' });
    assert.equal(rejected.state.state, 'rejected');
    const duplicate = unknownOrder();
    duplicate.report('rejected', { execId: 'p', reason: '6' });
    assert.deepEqual([duplicate.state.state, duplicate.state.acknowledged], ['routed', true]);
    const stranger = unknownOrder();
    stranger.report('cancelRejected', { reason: '1' });
    assert.equal(stranger.state.state, 'unknown');
  });

  it('in doubt is settled by a named person, and only then', () => {
    const outcomes = {
      working: 'routed',
      notSent: 'validated',
      rejected: 'rejected',
      cancelled: 'cancelled',
      expired: 'expired',
    } as const;
    for (const [outcome, state] of Object.entries(outcomes)) {
      const order = unknownOrder();
      const resolve = {
        type: 'resolveUnknown',
        by: 'ops',
        evidence: 'call',
        outcome: outcome as keyof typeof outcomes,
      } as const;
      assert.equal(order.run(resolve), undefined);
      assert.equal(order.state.state, state);
      assert.equal(order.state.unknown, undefined);
      assert.equal(order.run(resolve)?.code, 'OUTCOME_NOT_UNKNOWN');
    }
    assert.equal(workingOrder().run({ type: 'markUnknown', reason: 'x' })?.code, 'INVALID_TRANSITION');
  });

  it('in doubt is settled by the late answer of the send', () => {
    const order = unknownOrder();
    order.run({ type: 'recordRouted' });
    assert.deepEqual([order.state.state, order.state.acknowledged], ['routed', false]);
    assert.equal(toOrderView(order.state).ordStatus, 'pendingNew');
  });
});

describe('the log of an order', () => {
  it('refuses gaps, strangers and a wrong beginning', () => {
    const order = workingOrder();
    assert.throws(() => foldOrder([]), /at least one/);
    assert.throws(() => foldOrder(order.events.slice(1)), /seq/);
    const [next] = stampEvents(order.state, [{ type: 'orderRouted', clOrdId: id(1) }], 'other', AT);
    assert.ok(next);
    assert.throws(() => evolve(order.state, next), /other/);
  });

  it('counts from 1 without gaps', () => {
    const order = workingOrder();
    assert.deepEqual(
      order.events.map(({ seq }) => seq),
      order.events.map((_, index) => index + 1),
    );
    assert.deepEqual(order.story(), ['orderValidated', 'riskReserved', 'orderRouted', 'accepted']);
  });
});

function unknownOrder(): OrderUnderTest {
  const order = new OrderUnderTest();
  order.run({ type: 'recordValidated', terms: TERMS });
  order.run({ type: 'markUnknown', reason: 'time-out' });
  return order;
}
