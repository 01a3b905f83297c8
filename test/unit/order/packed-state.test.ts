import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FILLS_UNPACKED_MAX, packState, unpackState } from '../../../domain/order/packed-state';
import { toOrderView } from '../../../domain/order/order-projection';
import { d, workingOrder } from './order-fixture';

const DUE = { tradeDate: '2025-03-03', settlementDate: '2025-03-04', settleAt: '2025-03-04T05:00:00.000Z' };

/** An order with a long ledger in which fills were settled, busted and corrected as the numbers say. */
function longOrder(choices: readonly number[]) {
  const order = workingOrder({ timeInForce: 'gtc', quantity: d('100000') });
  for (let index = 0; index <= FILLS_UNPACKED_MAX + 10; index += 1) {
    const choice = choices[index % choices.length] ?? 0;
    const execId = `e-${index}`;
    const dates = choice % 5 === 0 ? { ...DUE, tradeDate: '2025-03-04' } : DUE;
    const transactTime =
      choice % 7 === 0 ? '2025-03-03T15:00:00Z' : `2025-03-03T15:00:00.${100 + (index % 900)}Z`;
    order.fill(execId, String(1 + choice), '10.5', { ...dates, transactTime, fee: d('0.01') });
    if (choice % 4 === 0)
      order.run({ type: 'settleFills', fillIds: [`XSIM-${execId}`], settlementDate: '2025-03-04' });
    if (choice % 6 === 0) order.report('bust', { execId: `b-${index}`, execRefId: execId, ...DUE });
    if (choice % 9 === 0) {
      const terms = { lastQty: d('2'), lastPx: d('11') };
      order.report('correct', {
        execId: `c-${index}`,
        execRefId: choice % 6 === 0 ? `b-${index}` : execId,
        ...terms,
      });
    }
  }
  return order;
}

describe('a packed state', () => {
  it('is the same state again after it crossed as JSON, whatever happened to its fills', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 90 }), { minLength: 1, maxLength: 40 }), (choices) => {
        const { state } = longOrder(choices);
        const crossed = JSON.parse(JSON.stringify(packState(state))) as typeof state;
        const again = unpackState(crossed);
        assert.deepEqual(again, JSON.parse(JSON.stringify(state)));
        assert.deepEqual(toOrderView(again), toOrderView(state));
      }),
      { numRuns: 4 },
    );
  });

  it('is a third of the size, and as it was when the ledger is short', () => {
    const { state } = longOrder([1, 2, 3]);
    assert.ok(JSON.stringify(packState(state)).length * 3 < JSON.stringify(state).length);
    const short = workingOrder();
    short.fill('f1', '40', '10', DUE);
    assert.equal(packState(short.state), short.state);
    assert.equal(unpackState(short.state), short.state);
  });

  it('stops a build that cannot unpack it', () => {
    assert.throws(() => toOrderView(packState(longOrder([1]).state)), TypeError);
  });
});
