// Goal: what people and other systems read about an order says what happened: ExecType, anomalies, reasons, ids and the
// view. Method: small stories, and every word compared.
import assert from 'node:assert/strict';
import { execTypeOf } from '../../../domain/order/exec-type';
import type { ReportKind } from '../../../domain/order/execution-report';
import {
  clOrdIdOf,
  IDENTIFIER_PATTERN,
  orderIdOf,
  requestHashOf,
  pairOf,
  workflowIdOf,
} from '../../../domain/order/order-id';
import { openOrder } from '../../../domain/order/open-order';
import { evolve, foldOrder, stampEvents } from '../../../domain/order/evolve';
import { changedFills, toFillViews, toOrderView } from '../../../domain/order/order-projection';
import { nextSettlement, needsSettlement } from '../../../domain/order/order-settlement';
import { isEnded, isOpen } from '../../../domain/order/order-status';
import { AT, d, ORDER_ID, OrderUnderTest, REQUEST, routedOrder, TERMS, workingOrder } from './order-fixture';

const id = (n: number): string => clOrdIdOf(ORDER_ID, n);

function messages(order: OrderUnderTest): string[] {
  return order.events.flatMap((event) => (event.type === 'anomalyRaised' ? [event.message] : []));
}

describe('ExecType of an order', () => {
  const types: [ReportKind, string][] = [
    ['accepted', 'new'],
    ['rejected', 'rejected'],
    ['fill', 'trade'],
    ['pendingCancel', 'pendingCancel'],
    ['cancelled', 'canceled'],
    ['pendingReplace', 'pendingReplace'],
    ['replaced', 'replaced'],
    ['restated', 'restated'],
    ['doneForDay', 'doneForDay'],
    ['suspended', 'suspended'],
    ['stopped', 'stopped'],
    ['triggered', 'triggeredOrActivatedBySystem'],
    ['calculated', 'calculated'],
    ['expired', 'expired'],
    ['bust', 'tradeCancel'],
    ['correct', 'tradeCorrect'],
  ];
  for (const [kind, type] of types) {
    it(`is ${type} after ${kind}, and still so after a refused request`, () => {
      const order = routedOrder();
      order.report(kind, { execId: 'e1', execRefId: 'f1', lastQty: d('10'), lastPx: d('10') });
      assert.equal(execTypeOf(order.state), type);
      order.report('cancelRejected', { clOrdId: id(9) });
      order.report('replaceRejected', { clOrdId: id(9) });
      assert.equal(execTypeOf(order.state), type);
    });
  }

  it('is our own word before the venue spoke, and not that of a report that was only noted', () => {
    assert.equal(execTypeOf(routedOrder().state), 'pendingNew');
    for (const [how, type] of [
      ['cancelled', 'canceled'],
      ['expired', 'expired'],
    ] as const) {
      const order = new OrderUnderTest();
      order.run({ type: 'endLocally', how, by: 'ann' });
      assert.equal(execTypeOf(order.state), type);
      assert.deepEqual([order.state.state, order.state.ended], [how, type]);
    }
    const over = workingOrder();
    over.report('expired', { execId: 'x' });
    over.report('suspended', { execId: 'u' });
    assert.equal(execTypeOf(over.state), 'expired');
    assert.equal(over.state.suspended, false);
  });
});

describe('words of an anomaly', () => {
  it('name the report, the state and the rule', () => {
    const order = workingOrder();
    order.report('cancelRejected', { clOrdId: id(1) });
    order.report('pendingReplace', { execId: 'p', clOrdId: 'other-1' });
    order.report('replaced', { execId: 'r' });
    order.fill('f1', '150');
    order.fill('f1', '140');
    order.report('bust', { execId: 'h0', execRefId: 'f9' });
    order.report('correct', { execId: 'h1', execRefId: 'f1', lastQty: d('10'), lastPx: d('10') });
    order.report('correct', { execId: 'h2', execRefId: 'f1', lastQty: d('20'), lastPx: d('10') });
    order.report('bust', { execId: 'h3', execRefId: 'h2' });
    order.report('bust', { execId: 'h4', execRefId: 'h3' });
    order.report('fill', { execId: 'f2', orderId: 'elsewhere', lastQty: d('1'), lastPx: d('1') });
    order.report('fill', { execId: 'f3' });
    order.run({ type: 'applyReport', report: undefined as never });
    const asked = 'The venue answered a request that was not made.';
    assert.deepEqual(messages(order), [
      `${asked} kind=cancelRejected execId=- clOrdId=${id(1)}`,
      `${asked} kind=pendingReplace execId=p clOrdId=other-1`,
      `${asked} kind=replaced execId=r clOrdId=${id(1)}`,
      `overfillQty=50 kind=fill execId=f1 clOrdId=${id(1)}`,
      'execId=f1 kind=fill',
      `No execution has the id execRefId=f9; the report waits for it. kind=bust execId=h0 clOrdId=${id(1)}`,
      `The id is not the last of its chain: execRefId=f1. kind=correct execId=h2 clOrdId=${id(1)}`,
      `The execution was busted before: execRefId=h3. kind=bust execId=h4 clOrdId=${id(1)}`,
      'orderId=elsewhere',
      'a fill needs a lastQty above 0',
      'The report is not an object.',
    ]);
    assert.equal(order.state.anomalies, messages(order).length);
  });

  it('say what broke the table', () => {
    const order = workingOrder();
    order.fill('f1', '100');
    order.report('cancelled', { execId: 'c1' });
    assert.deepEqual(messages(order), [
      `The venue ended an order that was completely filled. kind=cancelled execId=c1 clOrdId=${id(1)} state=filled`,
    ]);
  });

  it('are not said of late or repeated answers, and of terms that the venue changes by itself', () => {
    const order = workingOrder();
    order.replace('r1', '150');
    order.replace('r2', '160');
    for (const kind of ['pendingReplace', 'replaced'] as const)
      order.report(kind, { execId: kind, clOrdId: id(2) });
    order.report('replaceRejected', { clOrdId: id(3) });
    order.report('replaceRejected', { clOrdId: id(2) });
    order.report('pendingCancel', { execId: 'late', clOrdId: id(3) });
    const own = workingOrder();
    own.report('replaced', { execId: 'v1', orderQty: d('90') });
    assert.deepEqual([order.anomalies(), own.anomalies(), own.state.quantity], [[], [], '90']);
    own.report('replaced', { execId: 'v2', clOrdId: id(2), orderQty: d('80') });
    own.report('replaced', { execId: 'v3', clOrdId: id(0), orderQty: d('80') });
    own.report('replaced', { execId: 'v4', clOrdId: `${id(1)}.5`, orderQty: d('80') });
    own.report('pendingReplace', { execId: 'v5', orderQty: d('80') });
    assert.equal(own.anomalies().length, 4);
  });
});

describe('words of a refusal', () => {
  const refusal = (order: OrderUnderTest, command: Parameters<OrderUnderTest['run']>[0]) => {
    const { code, message, duplicate } = order.run(command) ?? {};
    return [code, message, duplicate];
  };

  it('have a code, a sentence, and whether it was a repeat', () => {
    const order = workingOrder();
    order.cancel('c1');
    const cancel = (requestId: string) => ({ type: 'requestCancel' as const, requestId, by: 'ann' });
    assert.deepEqual(
      refusal(order, cancel('c1')).filter((_, index) => index !== 1),
      ['DUPLICATE_REQUEST', true],
    );
    assert.deepEqual(
      refusal(order, cancel('c2')).filter((_, index) => index !== 1),
      ['CANCEL_PENDING', false],
    );
    assert.match(String(refusal(order, cancel('c2'))[1]), /^[A-Z].+/);
    const settle = { type: 'settleFills' as const, fillIds: ['nobody'], settlementDate: '2025-03-04' };
    assert.deepEqual(refusal(order, settle), ['INVALID_TRANSITION', 'The order has no fill nobody.', false]);
    assert.deepEqual(refusal(order, { type: 'markUnknown', reason: 'x' }), [
      'INVALID_TRANSITION',
      'The venue has acknowledged the order.',
      false,
    ]);
    const filled = workingOrder();
    filled.fill('f1', '100');
    const less = { type: 'requestReplace' as const, requestId: 'r', by: 'ann', limitPrice: d('11') };
    assert.deepEqual(refusal(filled, less), ['ORDER_CLOSED', 'A filled order can only be increased.', false]);
    assert.equal(filled.replace('r3', '120'), undefined);
    assert.deepEqual(refusal(filled, { ...less, requestId: 'r3' })[0], 'DUPLICATE_REQUEST');
  });

  it('name the price that the order does not have', () => {
    const market = new OrderUnderTest({ type: 'market' });
    const { limitPrice: _none, ...request } = market.state.request;
    const order = routedOrder({ ...request, limitPrice: undefined as never });
    assert.equal(order.replace('r1', undefined, '10')?.code, 'LIMIT_PRICE_NOT_ALLOWED');
    const stop = { type: 'requestReplace' as const, requestId: 'r2', by: 'ann', stopPrice: d('9') };
    assert.equal(order.run(stop)?.code, 'STOP_PRICE_NOT_ALLOWED');
    const nothing = { ...stop, requestId: 'r3', stopPrice: undefined as never, limitPrice: null as never };
    assert.equal(order.run(nothing)?.code, 'NOTHING_TO_CHANGE');
  });
});

describe('requests of an order', () => {
  it('keep their reason, and change a stop price alone', () => {
    const order = workingOrder({ type: 'stopLimit', stopPrice: d('9') });
    assert.equal(order.state.stopPrice, '9');
    order.run({ type: 'requestReplace', requestId: 'r1', by: 'ann', stopPrice: d('8') });
    order.run({ type: 'requestCancel', requestId: 'c1', by: 'ann', reason: 'enough' });
    const [replace, cancel] = order.state.pending;
    assert.deepEqual(
      [replace?.stopPrice, replace?.limitPrice, replace?.quantity, replace?.stage, replace?.reason],
      ['8', '10', '100', 'requested', undefined],
    );
    assert.deepEqual([cancel?.reason, cancel?.stage, cancel?.kind], ['enough', 'requested', 'cancel']);
    assert.ok(cancel !== undefined && !('quantity' in cancel));
    assert.equal(order.events.at(-1)?.type === 'cancelRequested' && order.events.at(-1)?.seq, 7);
    order.report('pendingReplace', { execId: 'p1', clOrdId: id(2) });
    assert.deepEqual(
      order.state.pending.map(({ stage }) => stage),
      ['pending', 'requested'],
    );
    order.report('pendingCancel', { execId: 'p2', clOrdId: id(3) });
    assert.deepEqual(
      order.state.pending.map(({ stage }) => stage),
      ['pending', 'pending'],
    );
    order.report('replaced', { execId: 'r', clOrdId: id(2) });
    assert.deepEqual([order.state.stopPrice, toOrderView(order.state).stopPrice], ['8', '8']);
  });

  it('can end an order here, with who and why', () => {
    const order = new OrderUnderTest();
    order.run({ type: 'endLocally', how: 'cancelled', by: 'ann', reason: 'enough' });
    const { type, how, by, reason } = order.events.at(-1) as never;
    assert.deepEqual([type, how, by, reason], ['endedLocally', 'cancelled', 'ann', 'enough']);
    const other = new OrderUnderTest();
    other.run({ type: 'endLocally', how: 'expired', by: 'timer' });
    assert.ok(!('reason' in (other.events.at(-1) ?? {})));
  });

  it('in doubt keep why, and the word of a person becomes the reason', () => {
    const order = routedOrder();
    order.run({ type: 'markUnknown', reason: 'time-out' });
    assert.deepEqual(order.state.unknown, { since: AT, reason: 'time-out', resume: 'routed' });
    order.run({ type: 'resolveUnknown', by: 'ops', evidence: 'they said no', outcome: 'rejected' });
    assert.deepEqual(
      [order.state.rejectedBy, order.state.reasons],
      ['venue', [{ code: 'VENUE_REJECTED', message: 'they said no' }]],
    );
    const working = routedOrder();
    working.run({ type: 'markUnknown', reason: 'time-out' });
    working.run({ type: 'resolveUnknown', by: 'ops', evidence: 'it is there', outcome: 'working' });
    assert.equal(toOrderView(working.state).ordStatus, 'new');
  });

  it('of a venue that gives no reason say so', () => {
    for (const [fields, message] of [
      [{}, 'The venue gave no reason.'],
      [{ reason: '3' }, 'reason=3'],
      [{ text: 'no' }, 'no'],
    ] as const) {
      const order = routedOrder();
      order.report('rejected', { execId: 'j', ...fields });
      assert.deepEqual(order.state.reasons, [{ code: 'VENUE_REJECTED', message }]);
    }
  });
});

describe('ids of an order', () => {
  it('are functions of the pair, opaque and of one form', () => {
    assert.match(orderIdOf('ACC-1', 'c-1'), /^o[0-9a-f]{31}$/);
    assert.notEqual(orderIdOf('ACC-1', 'c-1'), orderIdOf('ACC-1', 'c-2'));
    assert.notEqual(orderIdOf('a', 'bc'), orderIdOf('ab', 'c'));
    assert.equal(workflowIdOf('ACC-1', 'c-1'), 'order:ACC-1:c-1');
    assert.deepEqual(pairOf('order:ACC-1:c-1'), { account: 'ACC-1', clientOrderId: 'c-1' });
    for (const other of ['list:ACC-1:l-1', 'order:ACC-1', 'order:ACC-1:c-1:more', 'order', ''])
      assert.equal(pairOf(other), undefined, other);
    assert.equal(clOrdIdOf('o1', 3), 'o1-3');
  });

  it('are made of names of at most 64 plain characters', () => {
    for (const good of ['a', 'A.b_c-9', 'x'.repeat(64)]) assert.match(good, IDENTIFIER_PATTERN);
    for (const bad of ['', 'a b', 'ä', 'a/b', 'x'.repeat(65), ' a', 'a\n'])
      assert.doesNotMatch(bad, IDENTIFIER_PATTERN);
  });

  it('go with a hash of the request, whatever the order of its fields', () => {
    const hash = requestHashOf(REQUEST);
    assert.match(hash, /^[0-9a-f]{32}$/);
    const turned = Object.fromEntries(Object.entries(REQUEST).reverse()) as unknown as typeof REQUEST;
    assert.equal(requestHashOf(turned), hash);
    assert.equal(requestHashOf({ ...REQUEST, venue: undefined as never }), hash);
    assert.notEqual(requestHashOf({ ...REQUEST, venue: 'XSIM' }), hash);
    assert.notEqual(requestHashOf({ ...REQUEST, quantity: d('101') }), hash);
  });
});

describe('view of an order', () => {
  it('shows what was asked until the venue has spoken, and null for what is not there', () => {
    const request = {
      ...REQUEST,
      type: 'stopLimit',
      stopPrice: d('9'),
      expireAt: AT,
      venue: 'XSIM',
    } as const;
    const opening = { orderId: ORDER_ID, workflowId: 'w', request, enteredBy: 'ann', traceId: 't1' };
    const state = foldOrder(stampEvents(undefined, openOrder(opening), ORDER_ID, AT, 'b1'));
    const view = toOrderView(state);
    assert.deepEqual(
      [
        view.limitPrice,
        view.stopPrice,
        view.expireAt,
        view.venue,
        view.traceId,
        view.build,
        view.venueOrderId,
      ],
      ['10', '9', AT, 'XSIM', 't1', 'b1', null],
    );
    const bare = toOrderView(new OrderUnderTest({ limitPrice: undefined as never }).state);
    assert.deepEqual([bare.limitPrice, bare.stopPrice, bare.expireAt, bare.venue], [null, null, null, null]);
    assert.ok(!('traceId' in bare) && !('build' in bare));
    assert.deepEqual(
      [state.pending, state.seenReports, state.seenRequests, state.reasons, state.triggered, state.fills],
      [[], [], [], [], false, []],
    );
    assert.ok(!('stopPrice' in new OrderUnderTest().state));
    assert.throws(
      () => evolve(undefined, { ...state, type: 'orderRouted', seq: 1 } as never),
      /begin with orderRouted/,
    );
    const [again] = stampEvents(state, openOrder(opening), ORDER_ID, AT);
    assert.throws(() => evolve(state, again!), /received once/);
  });

  it('shows the venue and its id once they are known', () => {
    const order = routedOrder();
    order.report('accepted', { execId: 'a', venueOrderId: 'V-1' });
    order.report('suspended', { execId: 'u' });
    order.report('triggered', { execId: 't' });
    const view = toOrderView(order.state);
    assert.deepEqual([view.venue, view.venueOrderId, order.state.triggered], ['XSIM', 'V-1', true]);
    for (const kind of [
      'pendingCancel',
      'doneForDay',
      'suspended',
      'stopped',
      'triggered',
      'calculated',
    ] as const) {
      const told = routedOrder({ timeInForce: 'gtc' });
      told.report(kind, { execId: kind });
      assert.equal(told.state.acknowledged, true, kind);
    }
  });

  it('of a fill has its market time, and its venue from the terms', () => {
    const order = workingOrder();
    order.fill('f1', '10', '10', { marketTime: '2013-10-07T13:30:00.000Z' });
    order.fill('f2', '10');
    const [first, second] = toFillViews(order.state);
    assert.deepEqual(
      [first?.marketTime, first?.venue, first?.status, first?.tradeDate],
      ['2013-10-07T13:30:00.000Z', 'XSIM', 'live', '2025-03-03'],
    );
    assert.equal(second?.marketTime, null);
    assert.ok(
      !('dayNumber' in (order.state.fills[0] ?? {})) && !('marketTime' in (order.state.fills[1] ?? {})),
    );
  });

  it('tells which fills changed', () => {
    const order = workingOrder();
    const before = order.state;
    order.fill('f1', '10');
    const one = order.state;
    order.fill('f2', '20');
    assert.deepEqual(
      changedFills(undefined, one).map(({ execId }) => execId),
      ['f1'],
    );
    assert.deepEqual(
      changedFills(before, order.state).map(({ execId }) => execId),
      ['f1', 'f2'],
    );
    assert.deepEqual(
      changedFills(one, order.state).map(({ execId }) => execId),
      ['f2'],
    );
    assert.deepEqual(changedFills(one, one), []);
    order.report('correct', { execId: 'h', execRefId: 'f1', lastQty: d('5'), lastPx: d('9'), settleAt: AT });
    const [corrected] = changedFills(one, { ...order.state, fills: order.state.fills.slice(0, 1) });
    assert.deepEqual([corrected?.status, corrected?.settleAt, corrected?.quantity], ['corrected', AT, '5']);
    order.report('correct', {
      execId: 'i',
      execRefId: 'h',
      lastQty: d('5'),
      lastPx: d('9'),
      settlementDate: '2025-03-09',
    });
    assert.deepEqual(
      [order.state.fills[0]?.settlementDate, order.state.fills[0]?.settleAt],
      ['2025-03-09', AT],
    );
  });
});

describe('what is open and what is due', () => {
  it('is nothing before validation', () => {
    assert.deepEqual(
      [isOpen(new OrderUnderTest().state), isEnded(new OrderUnderTest().state)],
      [false, false],
    );
    assert.deepEqual([isOpen(routedOrder().state), isEnded(routedOrder().state)], [true, false]);
  });

  it('settles what is due within a second of the first, and of its date', () => {
    const order = workingOrder();
    const due = (execId: string, settleAt: string, settlementDate = '2025-03-04') =>
      order.fill(execId, '10', '10', { settlementDate, settleAt });
    assert.equal(needsSettlement(order.state), false);
    due('late', '2025-03-04T05:00:01.500Z');
    due('first', '2025-03-04T05:00:00.500Z');
    due('same', '2025-03-04T05:00:01.499Z');
    due('other', '2025-03-04T05:00:00.600Z', '2025-03-05');
    due('middle', '2025-03-04T05:00:00.700Z');
    assert.equal(needsSettlement(order.state), true);
    assert.deepEqual(nextSettlement(order.state), {
      settlementDate: '2025-03-04',
      settleAt: '2025-03-04T05:00:01.499Z',
      fillIds: ['XSIM-first', 'XSIM-same', 'XSIM-middle'],
    });
    order.report('bust', { execId: 'h', execRefId: 'first' });
    order.run({
      type: 'settleFills',
      fillIds: ['XSIM-same', 'XSIM-middle', 'XSIM-late'],
      settlementDate: 'x',
    });
    assert.deepEqual(nextSettlement(order.state)?.fillIds, ['XSIM-other']);
    assert.equal(needsSettlement(order.state), true);
  });

  it('starts days of a good-till order by trade date, restatement, or the end of a pause', () => {
    const order = workingOrder({ timeInForce: 'gtd' });
    order.fill('f1', '10', '10', { tradeDate: '2025-03-03' });
    order.fill('f2', '10', '10', { tradeDate: '2025-03-03' });
    order.report('doneForDay', { execId: 'd' });
    order.fill('f3', '5', '10', { tradeDate: '2025-03-03' });
    assert.deepEqual([order.state.doneForDay, order.state.day.number ?? 1], [true, 1]);
    order.fill('f0', '5', '10', { tradeDate: '2025-02-28' });
    assert.deepEqual([order.state.doneForDay, toOrderView(order.state).dayCumQty], [true, '30']);
    order.report('restated', { execId: 's' });
    assert.deepEqual([order.state.doneForDay, order.state.day.number], [false, 2]);
    order.report('restated', { execId: 's2' });
    assert.equal(order.state.day.number, 2);
    order.fill('f4', '20', '10', { tradeDate: '2025-03-04' });
    order.fill('f5', '1', '10', { tradeDate: '2025-03-03' });
    assert.deepEqual(
      order.state.fills.map(({ dayNumber }) => dayNumber ?? 1),
      [1, 1, 1, 1, 2, 1],
    );
    order.fill('f6', '2', '10', { tradeDate: '2025-03-06' });
    assert.deepEqual(
      [order.state.day.number, toOrderView(order.state).dayCumQty, toOrderView(order.state).dayOrderQty],
      [3, '2', '49'],
    );
    order.report('restated', { execId: 's3', reason: '1', tradeDate: '2025-03-07' });
    assert.deepEqual([order.state.day.tradeDate, order.state.day.number], ['2025-03-07', 4]);
  });

  it('keeps a guarantee until its quantity is executed, and the whole order where none is named', () => {
    const order = workingOrder();
    order.report('stopped', { execId: 'g1', lastQty: d('30') });
    order.fill('f1', '20');
    assert.equal(order.state.stopped, true);
    order.report('stopped', { execId: 'g2' });
    order.fill('f2', '20');
    assert.deepEqual([order.state.stopped, order.state.stoppedUntilCumQty], [true, undefined]);
    order.fill('f3', '60');
    assert.equal(order.state.stopped, false);
    assert.equal(TERMS.venue, 'XSIM');
  });
});
