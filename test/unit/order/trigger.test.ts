// Goal: when a price reaches a stop, and how a trail follows the market. Method: a table of the rule, and laws over
// random walks of the market.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compare, isMultipleOf, type Price } from '../../../domain/money/decimal';
import {
  reaches,
  trailDistance,
  trailedStop,
  watch,
  watchedPrice,
  type Tick,
  type Watched,
  type WatchedTerms,
} from '../../../domain/order/trigger';
import { TRIGGER_TYPES, type TrailingOffsetType, type TriggerType } from '../../../domain/order/hold';
import { d } from './order-fixture';

const AT = '2026-01-05T15:00:00.000Z';
const tick = (last: string): Tick => ({ at: AT, last: d(last) });

const cents = (least: number, most: number): fc.Arbitrary<Price> =>
  fc.integer({ min: least, max: most }).map((value) => d((value / 100).toFixed(2)));
const walk = fc.array(cents(100, 50_000), { minLength: 1, maxLength: 60 });
const side = fc.constantFrom('buy' as const, 'sell' as const);
const offset = fc.oneof(
  cents(1, 2_000).map((value) => ({ offset: value, offsetType: 'price' as TrailingOffsetType })),
  fc
    .integer({ min: 1, max: 9_999 })
    .map((value) => ({ offset: d(String(value)), offsetType: 'bps' as const })),
  fc
    .integer({ min: 1, max: 500 })
    .map((value) => ({ offset: d(String(value)), offsetType: 'ticks' as const })),
);
const trail = fc.record({ of: offset, tickSize: fc.constantFrom(d('0.01'), d('0.05'), d('0.5')) });

function follow(terms: WatchedTerms, prices: readonly Price[], from: Watched = {}): Watched[] {
  const states: Watched[] = [];
  let state = from;
  for (const last of prices) {
    state = watch(terms, state, { at: AT, last });
    states.push(state);
    if (state.reachedBy !== undefined) break;
  }
  return states;
}

describe('a stop', () => {
  const FROM_BELOW: Record<TriggerType, 'buy' | 'sell'> = {
    stop: 'buy',
    stopLimit: 'buy',
    trailingStop: 'buy',
    marketIfTouched: 'sell',
    limitIfTouched: 'sell',
  };
  for (const type of TRIGGER_TYPES) {
    it(`of type ${type} is reached at it or beyond it, from its own side`, () => {
      for (const one of ['buy', 'sell'] as const) {
        const fromBelow = FROM_BELOW[type] === one;
        assert.equal(reaches(type, one, d('10'), d('10')), true);
        assert.equal(reaches(type, one, d('10'), d('10.01')), fromBelow);
        assert.equal(reaches(type, one, d('10'), d('9.99')), !fromBelow);
      }
    });
  }

  it('is reached by the price that it names', () => {
    const market: Tick = { at: AT, bid: d('9.98'), ask: d('10.03'), last: d('10.01') };
    assert.equal(watchedPrice('last', 'buy', market), '10.01');
    assert.equal(watchedPrice('bidAsk', 'buy', market), '10.03');
    assert.equal(watchedPrice('bidAsk', 'sell', market), '9.98');
    assert.equal(watchedPrice('mid', 'sell', market), '10.005');
    assert.equal(watchedPrice('mid', 'sell', { at: AT, ask: d('10') }), undefined);
    assert.deepEqual(
      watch({ type: 'stop', side: 'buy', priceType: 'last' }, { stopPrice: d('1') }, { at: AT }),
      { stopPrice: '1' },
    );
  });

  it('stays where it is whatever the market does, and is reached by the first price that gets there', () => {
    fc.assert(
      fc.property(side, cents(100, 50_000), walk, (one, stopPrice, prices) => {
        const terms: WatchedTerms = { type: 'stop', side: one, priceType: 'last' };
        const states = follow(terms, prices, { stopPrice });
        for (const state of states) assert.equal(state.stopPrice, stopPrice);
        const first = prices.findIndex((price) => reaches('stop', one, stopPrice, price));
        assert.equal(states.at(-1)?.reachedBy, first < 0 ? undefined : prices[first]);
      }),
    );
  });
});

describe('a trail', () => {
  it('counts its offset in money, basis points or ticks, and rounds away from the market', () => {
    const sell = (of: string, offsetType: TrailingOffsetType, price: string, tickSize = '0.01') =>
      trailedStop({ offset: d(of), offsetType, tickSize: d(tickSize) }, 'sell', undefined, d(price));
    assert.equal(sell('0.5', 'price', '10'), '9.5');
    assert.equal(sell('25', 'bps', '10'), '9.97');
    assert.equal(sell('3', 'ticks', '10', '0.05'), '9.85');
    const buy = trailedStop(
      { offset: d('25'), offsetType: 'bps', tickSize: d('0.01') },
      'buy',
      undefined,
      d('10'),
    );
    assert.equal(buy, '10.03');
    assert.equal(sell('10', 'price', '10'), undefined);
  });

  it('never moves against the client, is always on the tick, and never nearer to the market than its offset', () => {
    fc.assert(
      fc.property(side, trail, walk, (one, { of, tickSize }, prices) => {
        const terms = { ...of, tickSize };
        let before: Price | undefined;
        for (const price of prices) {
          const after = trailedStop(terms, one, before, price);
          if (after === undefined) continue;
          assert.ok(isMultipleOf(after, tickSize));
          const moved = before === undefined ? 0 : compare(after, before);
          assert.ok(one === 'buy' ? moved <= 0 : moved >= 0);
          if (after !== before) {
            const gap = one === 'buy' ? Number(after) - Number(price) : Number(price) - Number(after);
            assert.ok(gap >= Number(trailDistance(terms, price)) - 1e-9);
          }
          before = after;
        }
      }),
    );
  });

  it('comes to the same place when the watch is interrupted anywhere and goes on from what it kept', () => {
    fc.assert(
      fc.property(side, trail, walk, fc.nat(), (one, { of, tickSize }, prices, where) => {
        const terms: WatchedTerms = {
          type: 'trailingStop',
          side: one,
          priceType: 'last',
          trail: { ...of, tickSize },
        };
        const whole = follow(terms, prices).at(-1);
        const cut = where % prices.length;
        const first = follow(terms, prices.slice(0, cut)).at(-1) ?? {};
        if (first.reachedBy !== undefined) return assert.deepEqual(first, whole);
        const { stopPrice } = first;
        const again = follow(terms, prices.slice(cut), stopPrice === undefined ? {} : { stopPrice }).at(-1);
        assert.deepEqual(again, whole);
      }),
    );
  });

  it('is reached by a fall of more than its offset from the highest price', () => {
    const terms: WatchedTerms = {
      type: 'trailingStop',
      side: 'sell',
      priceType: 'last',
      trail: { offset: d('1'), offsetType: 'price', tickSize: d('0.01') },
    };
    const states = follow(terms, ['10', '12', '11.5', '13', '12.01', '12'].map(d));
    assert.deepEqual(
      states.map(({ stopPrice }) => stopPrice),
      ['9', '11', '11', '12', '12', '12'],
    );
    assert.equal(states.at(-1)?.reachedBy, '12');
    assert.equal(watch(terms, { stopPrice: d('12') }, tick('11')).stopPrice, '12');
  });
});
