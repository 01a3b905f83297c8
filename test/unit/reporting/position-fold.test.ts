import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decimal, isZero, multiply, negate, subtract, sum } from '../../../domain/money/decimal';
import {
  averagePriceOf,
  EMPTY_POSITION,
  foldFill,
  foldPosition,
  unrealisedPnlOf,
} from '../../../domain/reporting/position-fold';
import { PositionHistory } from '../../../domain/reporting/position-history';
import { effectOf, foldBalance, NO_EFFECT } from '../../../domain/reporting/fill-effect';
import type { PositionFill } from '../../../domain/reporting/position-fold';

const ONE = decimal('1');
let count = 0;

function fill(
  side: 'buy' | 'sell',
  quantity: string,
  price: string,
  change: Partial<PositionFill> = {},
): PositionFill {
  count += 1;
  return {
    fillId: `f${String(count).padStart(6, '0')}`,
    side,
    quantity: decimal(quantity),
    price: decimal(price),
    fee: decimal('0.1'),
    status: 'live',
    executedAt: new Date(Date.UTC(2026, 10, 23) + count * 1_000).toISOString(),
    ...change,
  };
}

describe('a position by average cost', () => {
  it('adds at the price of each fill', () => {
    const state = foldPosition([fill('buy', '100', '10'), fill('buy', '100', '20')], ONE);
    assert.equal(state.quantity, '200');
    assert.equal(averagePriceOf(state, ONE), '15');
    assert.equal(state.realisedPnl, '0');
    assert.equal(state.fees, '0.2');
  });

  it('realises exit less average cost when it is reduced', () => {
    const state = foldPosition(
      [fill('buy', '100', '10'), fill('buy', '100', '20'), fill('sell', '50', '18')],
      ONE,
    );
    assert.equal(state.realisedPnl, '150');
    assert.equal(averagePriceOf(state, ONE), '15');
    assert.equal(unrealisedPnlOf(state, decimal('16'), ONE), '150');
  });

  it('closes everything and opens the rest at the fill price when it crosses zero', () => {
    const state = foldPosition([fill('buy', '100', '10'), fill('sell', '150', '12')], ONE);
    assert.equal(state.quantity, '-50');
    assert.equal(state.realisedPnl, '200');
    assert.equal(averagePriceOf(state, ONE), '12');
    assert.equal(unrealisedPnlOf(state, decimal('11'), ONE), '50');
  });

  it('is as if a busted fill had never been', () => {
    const first = fill('buy', '100', '10');
    const second = fill('buy', '100', '20');
    const sale = fill('sell', '50', '18');
    const busted = foldPosition([first, { ...second, status: 'busted' }, sale], ONE);
    assert.deepEqual(busted, foldPosition([first, sale], ONE));
  });

  it('counts a corrected fill with its new terms', () => {
    const first = fill('buy', '100', '10');
    const corrected = foldPosition([{ ...first, price: decimal('11'), status: 'corrected' }], ONE);
    assert.equal(averagePriceOf(corrected, ONE), '11');
  });
});

const arbitraryFill = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  quantity: fc.integer({ min: 1, max: 500 }).map(String),
  price: fc
    .integer({ min: 1, max: 50_000 })
    .map((cents) => multiply(decimal(String(cents)), decimal('0.01'))),
});
const arbitraryFills = fc
  .array(arbitraryFill, { minLength: 1, maxLength: 60 })
  .map((fills) => fills.map(({ side, quantity, price }) => fill(side, quantity, price)));

describe('a position, for any fills', () => {
  it('has the sum of the signed quantities', () => {
    fc.assert(
      fc.property(arbitraryFills, (fills) => {
        const signed = fills.map(({ side, quantity }) => (side === 'buy' ? quantity : negate(quantity)));
        assert.equal(foldPosition(fills, ONE).quantity, sum(signed));
      }),
    );
  });

  it('has realised exactly the cash it moved once it is flat, whatever was rounded on the way', () => {
    fc.assert(
      fc.property(arbitraryFills, (fills) => {
        const open = foldPosition(fills, ONE);
        if (isZero(open.quantity)) return;
        const closing = open.quantity.startsWith('-')
          ? fill('buy', negate(open.quantity), '7')
          : fill('sell', open.quantity, '7');
        const flat = foldFill(open, closing, ONE);
        const cash = [...fills, closing].map(
          (each) => effectOf({ ...each, fee: decimal('0'), settled: false }, ONE).cash,
        );
        assert.equal(flat.quantity, '0');
        assert.equal(flat.cost, '0');
        assert.equal(flat.realisedPnl, sum(cash));
      }),
    );
  });

  it('is the same in a history whatever the order of arrival, with duplicates, busts and corrections', () => {
    fc.assert(
      fc.property(arbitraryFills, fc.infiniteStream(fc.nat()), (fills, random) => {
        const next = () => random.next().value as number;
        const versions = fills.flatMap((each): PositionFill[][] => {
          const kind = next() % 4;
          if (kind === 0) return [[each, { ...each, status: 'busted' }]];
          if (kind === 1) return [[each, { ...each, price: decimal('3.33'), status: 'corrected' }]];
          return [[each]];
        });
        const history = new PositionHistory(ONE);
        const arrivals = versions.map((chain) => ({ chain, at: next() })).sort((a, b) => a.at - b.at);
        for (const { chain } of arrivals) for (const version of chain) assert.ok(history.put(version));
        for (const { chain } of arrivals) assert.ok(history.put(chain.at(-1)!));
        const final = versions.map((chain) => chain.at(-1)!);
        assert.deepEqual(history.state, foldPosition(final, ONE));
      }),
    );
  });
});

describe('PositionHistory', () => {
  it('keeps a checkpoint, goes on from it, and refuses what lies before', () => {
    const fills = Array.from({ length: 700 }, (_, index) =>
      fill(index % 3 === 0 ? 'sell' : 'buy', '7', '11.13'),
    );
    const history = new PositionHistory(ONE);
    for (const each of fills) assert.ok(history.put(each));
    assert.deepEqual(history.state, foldPosition(fills, ONE));
    assert.ok(history.checkpoint !== undefined);
    assert.equal(history.put({ ...fills[0]!, status: 'busted' }), false);

    const { checkpoint } = history;
    const resumed = new PositionHistory(ONE, checkpoint);
    assert.deepEqual(resumed.state, checkpoint.state);
    for (const each of fills) resumed.put(each);
    assert.deepEqual(resumed.state, history.state);
  });
});

describe('balances', () => {
  it('pay for buys and fees, receive for sells, and settle what settled', () => {
    const bought = { ...fill('buy', '100', '10'), settled: true, multiplier: ONE };
    const sold = { ...fill('sell', '40', '12'), settled: false, multiplier: ONE };
    const balance = foldBalance(decimal('5000'), [bought, sold]);
    assert.deepEqual(balance, { cash: '4479.8', settledCash: '3999.9' });
    assert.equal(subtract(balance.cash, balance.settledCash), '479.9');
  });

  it('forget a busted fill, its fee included', () => {
    assert.deepEqual(
      effectOf({ ...fill('buy', '1', '1', { status: 'busted' }), settled: true }, ONE),
      NO_EFFECT,
    );
  });

  it('count an empty position as nothing', () => assert.deepEqual(foldPosition([], ONE), EMPTY_POSITION));
});
