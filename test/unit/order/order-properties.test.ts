// Goal: what holds for every order whatever the venue says. Method: fast-check throws arbitrary reports, orders of
// delivery and malformed content at the domain.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, compare, isNegative, subtract, sum, ZERO } from '../../../domain/money/decimal';
import { foldOrder } from '../../../domain/order/evolve';
import { REPORT_KINDS, type ExecutionReport } from '../../../domain/order/execution-report';
import { ledgerTotals, orderQuantityOf } from '../../../domain/order/fill-ledger';
import { orderQuantities } from '../../../domain/order/order-quantities';
import { isEnded, isOpen } from '../../../domain/order/order-status';
import { exposureOf } from '../../../domain/order/order-exposure';
import { changedFills, toFillViews, toOrderView } from '../../../domain/order/order-projection';
import { d, ORDER_ID, report, routedOrder, type OrderUnderTest } from './order-fixture';

const amount = fc.integer({ min: 1, max: 60 }).map((value) => d(String(value)));
const execId = fc.integer({ min: 1, max: 12 }).map((value) => `e${value}`);

/** Any report at all that has a report's form, about executions and requests that may or may not exist. */
const anyReport: fc.Arbitrary<ExecutionReport> = fc
  .record({
    kind: fc.constantFrom(...REPORT_KINDS),
    execId,
    execRefId: execId,
    lastQty: amount,
    lastPx: amount,
    fee: amount,
    orderQty: amount,
    reason: fc.constantFrom('0', '1', '3', '6', '99'),
    clOrdId: fc.constantFrom(`${ORDER_ID}-1`, `${ORDER_ID}-2`, `${ORDER_ID}-3`, 'nobody-1'),
  })
  .map((fields) => report(fields.kind, fields));

type Chaos = { report: ExecutionReport } | { ask: 'cancel' | 'replace' | 'settle' | 'unknown' | 'working' };
const chaos: fc.Arbitrary<Chaos> = fc.oneof(
  { weight: 4, arbitrary: anyReport.map((given) => ({ report: given })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('cancel', 'replace', 'settle', 'unknown', 'working').map((ask) => ({ ask })),
  },
);

function step(order: OrderUnderTest, act: Chaos, index: number): void {
  if ('report' in act) {
    const before = order.events.length;
    const refusal = order.run({ type: 'applyReport', report: act.report });
    assert.ok(
      refusal === undefined ? order.events.length > before : refusal.duplicate,
      'a report was dropped',
    );
    return;
  }
  const fillIds = order.state.fills.map(({ fillId }) => fillId);
  if (act.ask === 'cancel') order.cancel(`c${index}`);
  if (act.ask === 'replace') order.replace(`r${index}`, String(50 + index));
  if (act.ask === 'settle') order.run({ type: 'settleFills', fillIds, settlementDate: '2025-03-04' });
  if (act.ask === 'unknown') order.run({ type: 'markUnknown', reason: 'time-out' });
  if (act.ask === 'working')
    order.run({ type: 'resolveUnknown', by: 'ops', evidence: 'call', outcome: 'working' });
}

function checkInvariants(order: OrderUnderTest): void {
  const { state } = order;
  const quantities = orderQuantities(state);
  const { cumQty, leavesQty, overfillQty, orderQty, dayCumQty, dayOrderQty } = quantities;
  const live = state.fills.filter(({ status }) => status !== 'busted');
  assert.equal(cumQty, sum(live.map(orderQuantityOf)));
  assert.ok(
    !isNegative(leavesQty) && !isNegative(overfillQty) && !isNegative(cumQty) && !isNegative(dayCumQty),
  );
  // Either something is left or something is too much, and never both.
  assert.ok(leavesQty === ZERO || overfillQty === ZERO);
  if (leavesQty !== ZERO) assert.equal(add(cumQty, leavesQty), orderQty);
  assert.equal(subtract(orderQty, cumQty), subtract(dayOrderQty, dayCumQty));
  assert.ok(compare(quantities.settledQty, cumQty) <= 0);
  assert.deepEqual(ledgerTotals([...state.fills]), ledgerTotals(state.fills), 'remembered totals are stale');
  assert.equal(new Set(state.fills.map(({ fillId }) => fillId)).size, state.fills.length);
  assert.ok(isOpen(state) !== isEnded(state));
  const exposure = exposureOf(state, d('10.5'));
  if (isEnded(state)) assert.equal(exposure.reservedCash, ZERO);
  assert.equal(state.unknown !== undefined, state.state === 'unknown');
}

describe('order properties', function properties() {
  // Many runs on a busy machine take longer than mocha's default; the bound only stops a hang.
  this.timeout(60_000);

  it('hold through any sequence of reports and requests; nothing is dropped, and nothing throws', () => {
    const sides = fc.constantFrom('buy' as const, 'sell' as const);
    const times = fc.constantFrom('day' as const, 'gtc' as const, 'ioc' as const);
    fc.assert(
      fc.property(sides, times, fc.array(chaos, { maxLength: 25 }), (side, timeInForce, acts) => {
        const order = routedOrder({ side, timeInForce });
        acts.forEach((act, index) => {
          const before = order.state;
          step(order, act, index);
          const changed = new Set(changedFills(before, order.state).map(({ fillId }) => fillId));
          for (const fill of order.state.fills) {
            const isSame =
              JSON.stringify(before.fills.find((old) => old.fillId === fill.fillId)) === JSON.stringify(fill);
            assert.ok(isSame || changed.has(fill.fillId), 'a changed fill was not named');
          }
          checkInvariants(order);
        });
        const stored = JSON.parse(JSON.stringify(order.events));
        assert.deepEqual(foldOrder(stored), order.state);
        assert.deepEqual(toOrderView(foldOrder(stored)), toOrderView(order.state));
        assert.deepEqual(toFillViews(foldOrder(stored)), toFillViews(order.state));
        assert.deepEqual(JSON.parse(JSON.stringify(order.state)), order.state, 'the state is not plain JSON');
      }),
      { numRuns: 1_000 },
    );
  });

  it('come to the same quantities in whatever order executions and their corrections arrive', () => {
    const chain = fc.record({
      quantity: amount,
      price: amount,
      changes: fc.array(fc.option(amount), { maxLength: 2 }),
    });
    const story = fc.array(chain, { minLength: 1, maxLength: 5 }).chain((chains) => {
      const reports = chains.flatMap(({ quantity, price, changes }, index) => [
        report('fill', { execId: `f${index}.0`, lastQty: quantity, lastPx: price, fee: d('0.1') }),
        ...changes.map((corrected, step) => {
          const ids = { execId: `f${index}.${step + 1}`, execRefId: `f${index}.${step}` };
          if (corrected !== null) return report('correct', { ...ids, lastQty: corrected, lastPx: price });
          return report('bust', ids);
        }),
      ]);
      return fc.tuple(fc.constant(reports), fc.shuffledSubarray(reports, { minLength: reports.length }));
    });
    fc.assert(
      fc.property(story, ([reports, shuffled]) => {
        const [inOrder, outOfOrder] = [routedOrder(), routedOrder()];
        for (const given of reports) inOrder.run({ type: 'applyReport', report: given });
        for (const given of shuffled) outOfOrder.run({ type: 'applyReport', report: given });
        assert.deepEqual(orderQuantities(outOfOrder.state), orderQuantities(inOrder.state));
        assert.equal(outOfOrder.state.state, inOrder.state.state);
        assert.equal(outOfOrder.state.heldCorrections, undefined);
        assert.deepEqual(exposureOf(outOfOrder.state, d('10')), exposureOf(inOrder.state, d('10')));
      }),
      { numRuns: 300 },
    );
  });

  it('survive reports without a report’s form: recorded as malformed, never applied, never thrown', () => {
    fc.assert(
      fc.property(fc.anything(), (given) => {
        const order = routedOrder();
        const refusal = order.run({ type: 'applyReport', report: given as ExecutionReport });
        assert.equal(refusal, undefined);
        assert.deepEqual(order.anomalies(), ['MALFORMED_REPORT']);
        assert.equal(order.state.state, 'routed');
      }),
      { numRuns: 300 },
    );
  });
});
