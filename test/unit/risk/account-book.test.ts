import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decimal, sum } from '../../../domain/money/decimal';
import { moveExposure, type AccountTotals } from '../../../domain/risk/account-book';
import { NO_EXPOSURE } from '../../../domain/risk/check-risk';
import type { ExposureContribution } from '../../../domain/risk/exposure';

const amount = fc.integer({ min: -100_000, max: 100_000 }).map((n) => decimal(String(n)));
const contribution: fc.Arbitrary<ExposureContribution> = fc.record({
  reservedCash: amount,
  reservedPosition: amount,
  openBuyQuantity: amount,
  cashDelta: amount,
  positionDelta: amount,
});
const change = fc.record({ orderId: fc.constantFrom('a', 'b', 'c', 'd'), contribution });

describe('moveExposure', () => {
  it('keeps totals equal to opening cash plus the sum over the orders, whatever the sequence of changes', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const opening = decimal('1000');
        const held = new Map<string, ExposureContribution>();
        let totals: AccountTotals = { cash: opening, reserved: decimal('0'), positions: {} };
        for (const { orderId, contribution: after } of changes) {
          totals = moveExposure(totals, 'IBM', held.get(orderId) ?? NO_EXPOSURE, after);
          held.set(orderId, after);
        }
        const orders = [...held.values()];
        assert.equal(totals.cash, sum([opening, ...orders.map(({ cashDelta }) => cashDelta)]));
        assert.equal(totals.reserved, sum(orders.map(({ reservedCash }) => reservedCash)));
        const position = totals.positions['IBM'];
        if (position === undefined) return;
        assert.equal(position.quantity, sum(orders.map(({ positionDelta }) => positionDelta)));
        assert.equal(position.reservedSell, sum(orders.map(({ reservedPosition }) => reservedPosition)));
        assert.equal(position.openBuy, sum(orders.map(({ openBuyQuantity }) => openBuyQuantity)));
      }),
    );
  });

  it('gives everything back when an order ends unfilled', () => {
    fc.assert(
      fc.property(contribution, (held) => {
        const flat: AccountTotals = { cash: decimal('5'), reserved: decimal('0'), positions: {} };
        const after = moveExposure(moveExposure(flat, 'IBM', NO_EXPOSURE, held), 'IBM', held, NO_EXPOSURE);
        assert.equal(after.cash, '5');
        assert.equal(after.reserved, '0');
        assert.deepEqual(after.positions['IBM'], { quantity: '0', reservedSell: '0', openBuy: '0' });
      }),
    );
  });
});
