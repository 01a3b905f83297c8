import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, isZero, subtract, sum, ZERO, decimal, type Decimal } from '../../../domain/money/decimal';
import { totalsByAsset } from '../../../domain/money/ledger';
import { effectOf } from '../../../domain/reporting/fill-effect';
import { nextSettlement } from '../../../domain/order/order-settlement';
import { foldPosition } from '../../../domain/reporting/position-fold';
import { expectedOrder } from '../../../tools/rebuild/expected-order';
import { d, workingOrder } from '../order/order-fixture';

const ONE = decimal('1');
const step = fc.record({
  act: fc.constantFrom('fill', 'bust', 'correct', 'settle', 'cancel'),
  pick: fc.nat({ max: 20 }),
  quantity: fc.integer({ min: 1, max: 50 }),
  dated: fc.boolean(),
});

// Goal: whatever is filled, busted, corrected and settled, in any order, the books agree. Method: random stories through
// the domain; the postings are those that a rebuild derives from the events.
describe('any story of fills, busts, corrections and settlements', () => {
  it('keeps the ledger at zero, and balances and position equal to what the fills are now', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('buy' as const, 'sell' as const),
        fc.array(step, { maxLength: 40 }),
        (side, steps) => {
          const order = workingOrder({ side, quantity: d('1000') });
          steps.forEach(({ act, pick, quantity, dated }, index) => {
            const { fills } = order.state;
            const fill = fills[pick % Math.max(1, fills.length)];
            const terms = { lastQty: d(String(quantity)), lastPx: d(`10.${10 + pick}`), fee: d('0.03') };
            const date = { settlementDate: '2025-03-09', settleAt: '2025-03-09T05:00:00.000Z' };
            if (act === 'fill') order.report('fill', { execId: `f${index}`, ...terms, ...date });
            if (act === 'cancel') order.report('cancelled', { execId: `x${index}` });
            if (act === 'settle') {
              const next = nextSettlement(order.state);
              if (next !== undefined) order.run({ type: 'settleFills', ...next });
            }
            if ((act === 'bust' || act === 'correct') && fill !== undefined) {
              const link = { execId: `l${index}`, execRefId: fill.lastExecId, ...(dated && date) };
              order.report(act, { ...link, ...(act === 'correct' && terms) });
            }
          });
          const { fills, postings } = expectedOrder(order.events);
          for (const [asset, total] of Object.entries(totalsByAsset(postings)))
            assert.equal(total, '0', asset);
          assert.equal(
            new Set(postings.map(({ postingId }) => postingId)).size,
            postings.length,
            'ids are unique',
          );
          const booked = (asset: string, book?: string): Decimal =>
            sum(
              postings
                .filter((line) => line.account === 'ACC-1' && line.asset === asset)
                .filter((line) => book === undefined || line.book === book)
                .map(({ amount }) => amount),
            );
          const effects = fills.map((fill) => effectOf(fill, ONE));
          assert.equal(booked('USD'), effects.map(({ cash }) => cash).reduce(add, ZERO));
          assert.equal(
            booked('USD', 'settled'),
            effects.map(({ settledCash }) => settledCash).reduce(add, ZERO),
          );
          assert.equal(
            booked('IBM', 'settled'),
            effects.map((each) => each.settledQuantity).reduce(add, ZERO),
          );
          const position = foldPosition(fills, ONE);
          assert.equal(booked('IBM'), position.quantity);
          assert.equal(
            sum(postings.filter(({ book }) => book === 'fees').map(({ amount }) => amount)),
            position.fees,
          );
          assert.equal(
            booked('USD'),
            subtract(ZERO, add(position.cost, subtract(position.fees, position.realisedPnl))),
          );
          if (nextSettlement(order.state) === undefined) assert.ok(isZero(booked('USD', 'unsettled')));
        },
      ),
      { numRuns: 200 },
    );
  });
});
