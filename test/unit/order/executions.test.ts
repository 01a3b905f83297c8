// Goal: executions and what corrects them, one rule a test. Method: short stories, told to the pure domain.
import assert from 'node:assert/strict';
import { execTypeOf } from '../../../domain/order/exec-type';
import { exposureOf } from '../../../domain/order/order-exposure';
import { toFillViews, toOrderView } from '../../../domain/order/order-projection';
import { needsSettlement, nextSettlement } from '../../../domain/order/order-settlement';
import { isEnded, isOpen } from '../../../domain/order/order-status';
import { d, ORDER_ID, report, routedOrder, workingOrder } from './order-fixture';

const DUE = { tradeDate: '2025-03-03', settlementDate: '2025-03-04', settleAt: '2025-03-04T05:00:00.000Z' };

describe('executions', () => {
  it('are counted once, also when they come again with decimals written otherwise', () => {
    const order = workingOrder();
    order.fill('f1', '40', '10', { transactTime: '2025-03-03T15:00:01.000Z' });
    const again = report('fill', { execId: 'f1', text: 'resent' });
    const written = { lastQty: '40.00', lastPx: '10.0' } as unknown as object;
    assert.equal(
      order.run({ type: 'applyReport', report: { ...again, ...written } })?.code,
      'DUPLICATE_REPORT',
    );
    assert.equal(toOrderView(order.state).cumQty, '40');
  });

  it('with the same id and other content raise an alarm, once, and are not counted', () => {
    const order = workingOrder();
    order.fill('f1', '40');
    assert.equal(order.fill('f1', '50'), undefined);
    assert.equal(order.fill('f1', '50')?.duplicate, true);
    assert.equal(order.fill('f1', '40')?.duplicate, true);
    assert.deepEqual(order.story().slice(-1), ['REPORT_CONTENT_CONFLICT']);
    assert.equal(toOrderView(order.state).cumQty, '40');
  });

  it('that came malformed are taken when they come again in order', () => {
    const order = workingOrder();
    assert.equal(order.report('fill', { execId: 'f1', lastPx: d('10') }), undefined);
    assert.equal(order.report('fill', { execId: 'f1', lastPx: d('10') })?.duplicate, true);
    assert.equal(order.fill('f1', '40'), undefined);
    assert.deepEqual(order.story().slice(-2), ['MALFORMED_REPORT', 'fill']);
    assert.equal(toOrderView(order.state).cumQty, '40');
  });

  it('of another order are kept as an alarm and not counted', () => {
    const order = workingOrder();
    order.fill('f1', '40', '10', { orderId: 'other' });
    assert.deepEqual(order.anomalies(), ['MISADDRESSED_REPORT']);
    assert.equal(toOrderView(order.state).cumQty, '0');
  });

  it('beyond the quantity are held apart and raised', () => {
    const order = workingOrder();
    order.fill('f1', '90');
    order.fill('f2', '30');
    const view = toOrderView(order.state);
    assert.deepEqual(
      [view.cumQty, view.leavesQty, view.overfillQty, view.state],
      ['120', '0', '20', 'filled'],
    );
    assert.deepEqual(order.anomalies(), ['OVERFILL']);
  });

  it('prove the order to be there when its acknowledgement is late', () => {
    const order = routedOrder();
    order.fill('f1', '40');
    assert.deepEqual([order.state.acknowledged, order.state.state], [true, 'partiallyFilled']);
    order.report('accepted', { execId: 'ack' });
    assert.equal(toOrderView(order.state).ordStatus, 'partiallyFilled');
    assert.equal(execTypeOf(order.state), 'new');
  });

  it('are busted and corrected by the last id of their chain', () => {
    const order = workingOrder();
    order.fill('f1', '40', '10');
    order.report('correct', {
      execId: 'g1',
      execRefId: 'f1',
      lastQty: d('50'),
      lastPx: d('11'),
      fee: d('0.05'),
    });
    order.report('bust', { execId: 'h1', execRefId: 'g1', lastQty: d('0') });
    assert.equal(execTypeOf(order.state), 'tradeCancel');
    const [fill] = toFillViews(order.state);
    assert.deepEqual([fill?.fillId, fill?.status, fill?.quantity], ['XSIM-f1', 'busted', '50']);
    assert.deepEqual(order.anomalies(), []);
    order.report('bust', { execId: 'h2', execRefId: 'h1' });
    assert.deepEqual(order.anomalies(), ['UNKNOWN_EXECUTION_REFERENCE']);
  });

  it('corrected before they are known wait for it, with an alarm', () => {
    const order = workingOrder();
    order.report('bust', { execId: 'h1', execRefId: 'f1' });
    assert.deepEqual(order.anomalies(), ['UNKNOWN_EXECUTION_REFERENCE']);
    order.fill('f1', '40');
    assert.equal(toOrderView(order.state).cumQty, '0');
    assert.equal(order.state.fills[0]?.status, 'busted');
  });

  it('named by the first id of their chain are corrected too, with an alarm', () => {
    const order = workingOrder();
    order.fill('f1', '40');
    order.report('correct', { execId: 'g1', execRefId: 'f1', lastQty: d('50'), lastPx: d('10') });
    order.report('correct', { execId: 'g2', execRefId: 'f1', lastQty: d('60'), lastPx: d('10') });
    assert.equal(toOrderView(order.state).cumQty, '60');
    assert.deepEqual(order.anomalies(), ['UNKNOWN_EXECUTION_REFERENCE']);
  });

  it('busted on a filled order open it again', () => {
    const order = workingOrder();
    order.fill('f1', '100');
    assert.deepEqual([isOpen(order.state), isEnded(order.state)], [false, true]);
    order.report('bust', { execId: 'h1', execRefId: 'f1' });
    assert.deepEqual([order.state.state, toOrderView(order.state).ordStatus], ['routed', 'new']);
    assert.equal(isOpen(order.state), true);
  });

  it('start the next day of a good-till order by their trade date, and a late one belongs to the day before', () => {
    const order = workingOrder({ timeInForce: 'gtc' });
    order.fill('f1', '10', '10', { tradeDate: '2025-03-03' });
    assert.equal(toOrderView(order.state).dayAvgPx, '10');
    order.report('doneForDay', { execId: 'd1' });
    order.fill('f2', '20', '11', { tradeDate: '2025-03-04' });
    order.fill('f3', '5', '10', { tradeDate: '2025-03-03' });
    const view = toOrderView(order.state);
    assert.deepEqual([view.cumQty, view.dayOrderQty, view.dayCumQty], ['35', '85', '20']);
    assert.equal(view.dayAvgPx, '11');
    assert.equal(view.ordStatus, 'partiallyFilled');
  });
});

describe('settlement of an order', () => {
  it('takes the earliest group, and settles the state only when all of a full fill is settled', () => {
    const order = workingOrder();
    order.fill('f1', '60', '10', DUE);
    order.fill('f2', '10', '10', { ...DUE, settleAt: '2025-03-04T05:00:00.400Z' });
    order.fill('f3', '30', '10', {
      ...DUE,
      settlementDate: '2025-03-05',
      settleAt: '2025-03-05T05:00:00.000Z',
    });
    const first = nextSettlement(order.state);
    assert.deepEqual(first, {
      settlementDate: '2025-03-04',
      settleAt: '2025-03-04T05:00:00.400Z',
      fillIds: ['XSIM-f1', 'XSIM-f2'],
    });
    order.run({ type: 'settleFills', fillIds: first.fillIds, settlementDate: first.settlementDate });
    assert.deepEqual([order.state.state, toOrderView(order.state).settledQty], ['filled', '70']);
    order.run({ type: 'settleFills', fillIds: ['XSIM-f3'], settlementDate: '2025-03-05' });
    assert.deepEqual([order.state.state, needsSettlement(order.state)], ['settled', false]);
    assert.equal(nextSettlement(order.state), undefined);
    assert.equal(toOrderView(order.state).ordStatus, 'filled');
  });

  it('is refused as a repeat, and for fills that the order does not have', () => {
    const order = workingOrder();
    order.fill('f1', '60', '10', DUE);
    const settle = (fillIds: string[]) =>
      order.run({ type: 'settleFills', fillIds, settlementDate: '2025-03-04' });
    assert.equal(settle(['XSIM-f1']), undefined);
    assert.equal(settle(['XSIM-f1'])?.duplicate, true);
    assert.equal(settle(['XSIM-f9'])?.code, 'INVALID_TRANSITION');
  });

  it('leaves a cancelled order cancelled, and a bust after settlement leaves a settled one settled', () => {
    const cancelled = workingOrder();
    cancelled.fill('f1', '60', '10', DUE);
    cancelled.report('cancelled', { execId: 'c1' });
    cancelled.run({ type: 'settleFills', fillIds: ['XSIM-f1'], settlementDate: '2025-03-04' });
    assert.deepEqual([cancelled.state.state, toOrderView(cancelled.state).settledQty], ['cancelled', '60']);

    const settled = workingOrder();
    settled.fill('f1', '100', '10', DUE);
    settled.run({ type: 'settleFills', fillIds: ['XSIM-f1'], settlementDate: '2025-03-04' });
    settled.report('bust', { execId: 'h1', execRefId: 'f1' });
    const view = toOrderView(settled.state);
    assert.deepEqual([view.state, view.cumQty, view.settledQty, view.leavesQty], ['settled', '0', '0', '0']);
    assert.equal(isOpen(settled.state), false);
  });

  it('drops requests that nobody answered', () => {
    const order = workingOrder();
    order.cancel('c1');
    order.fill('f1', '100', '10', DUE);
    assert.equal(toOrderView(order.state).ordStatus, 'pendingCancel');
    order.run({ type: 'settleFills', fillIds: ['XSIM-f1'], settlementDate: '2025-03-04' });
    assert.equal(toOrderView(order.state).ordStatus, 'filled');
    assert.equal(order.report('cancelRejected', { clOrdId: `${ORDER_ID}-2` }), undefined);
    assert.deepEqual(order.anomalies(), []);
  });
});

describe('exposure of an order', () => {
  it('holds what may still trade under the larger of terms in force and pending, and nothing once it ended', () => {
    const order = workingOrder();
    order.fill('f1', '40', '10', { fee: d('0.04') });
    order.replace('r1', '150');
    order.replace('r2', '120');
    assert.deepEqual(exposureOf(order.state, d('10.01')), {
      reservedCash: '1101.1',
      reservedPosition: '0',
      openBuyQuantity: '110',
      cashDelta: '-400.04',
      positionDelta: '40',
    });
    order.report('cancelled', { execId: 'c1' });
    const after = exposureOf(order.state, d('10.01'));
    assert.deepEqual([after.reservedCash, after.openBuyQuantity, after.cashDelta], ['0', '0', '-400.04']);
  });

  it('of a sell holds position and brings cash less the fee', () => {
    const order = workingOrder({ side: 'sell' });
    order.fill('f1', '40', '10', { fee: d('0.04') });
    assert.deepEqual(exposureOf(order.state, d('0')), {
      reservedCash: '0',
      reservedPosition: '60',
      openBuyQuantity: '0',
      cashDelta: '399.96',
      positionDelta: '-40',
    });
  });
});
