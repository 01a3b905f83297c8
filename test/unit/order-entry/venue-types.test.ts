import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ERROR_CODES } from '../../../domain/errors/error-codes';
import { DEMO_INSTRUMENTS } from '../../../domain/instrument/demo-instruments';
import { decimal } from '../../../domain/money/decimal';
import { endsAtOf } from '../../../domain/order-entry/order-ending';
import { tradedAt } from '../../../domain/order-entry/venue-capabilities';
import { GTD_DAYS_MAX } from '../../../domain/order-entry/venue-type-checks';
import { validateOrder } from '../../../domain/order-entry/validate-order';
import { ORDER_TYPES, TIMES_IN_FORCE, type OrderRequest } from '../../../domain/order/order-types';
import { ORDER_TYPES_TRADED, TIMES_IN_FORCE_TRADED } from '../../../venues/simulator/core/entry-rules';
import { VenueEngine } from '../../../venues/simulator/core/venue-engine';
import { createAuctionTimes } from '../../../venues/simulator/auction-times';
import { dayEndOf } from '../../../domain/calendar/day-end';
import { nextAuction } from '../../../domain/calendar/auctions';
import type { Instrument } from '../../../domain/instrument/instrument';
import type { WireReport } from '../../../venues/simulator/protocol';

// Goal: our rules for the types that the venue works natively. Method: validation alone, then beside the venue's own
// rules, so that nothing we let through is refused there for its form.

const IBM = DEMO_INSTRUMENTS.find(({ symbol }) => symbol === 'IBM') as Instrument;
const AT = '2026-01-05T15:00:00.000Z';
const PLAIN: OrderRequest = {
  clientOrderId: 'c1',
  account: 'ACC-1',
  symbol: 'IBM',
  side: 'buy',
  type: 'market',
  quantity: decimal('100'),
  timeInForce: 'day',
};
const limit = { limitPrice: decimal('182.5') };
const iceberg = (displayQuantity: string): Partial<OrderRequest> => ({
  type: 'iceberg',
  ...limit,
  displayQuantity: decimal(displayQuantity),
});

function reasonsOf(change: Partial<OrderRequest>, instrument = IBM, at = AT) {
  const traded = tradedAt(instrument.venue);
  const account = { account: 'ACC-1', currency: 'USD' };
  return validateOrder({ ...PLAIN, ...change }, { account, instrument, traded, at });
}
const codesOf = (...args: Parameters<typeof reasonsOf>): string[] =>
  reasonsOf(...args).map(({ code }) => code);

describe('orders that the venue works natively', () => {
  it('pass with the terms of their type', () => {
    const cases: Partial<OrderRequest>[] = [
      iceberg('10'),
      { ...iceberg('100'), timeInForce: 'gtc' },
      { type: 'pegged' },
      { type: 'pegged', pegPriceType: 'mid', pegOffset: decimal('-0.05'), timeInForce: 'gtc' },
      { type: 'pegged', pegOffset: decimal('0.01'), ...limit },
      { type: 'pegged', pegOffset: decimal('0.01'), side: 'sell' },
      { type: 'marketOnOpen' },
      { type: 'limitOnOpen', ...limit, timeInForce: 'opg' },
      { type: 'marketOnClose', timeInForce: 'cls' },
      { type: 'limitOnClose', ...limit },
      { timeInForce: 'opg' },
      { type: 'limit', ...limit, timeInForce: 'cls' },
      { type: 'limit', ...limit, timeInForce: 'gtd', expireAt: '2026-01-06T15:00:00.000Z' },
    ];
    for (const change of cases) assert.deepEqual(codesOf(change), [], JSON.stringify(change));
  });

  it('are denied by the name of what is wrong', () => {
    const cases: [Partial<OrderRequest>, string[]][] = [
      [{ type: 'iceberg', ...limit }, ['DISPLAY_QUANTITY_REQUIRED']],
      [iceberg('101'), ['DISPLAY_QUANTITY_OUT_OF_BOUNDS']],
      [iceberg('0'), ['DISPLAY_QUANTITY_OUT_OF_BOUNDS']],
      [iceberg('1.5'), ['QUANTITY_NOT_ON_LOT']],
      [{ ...iceberg('10'), timeInForce: 'ioc' }, ['TIME_IN_FORCE_NOT_ALLOWED']],
      [{ ...limit, type: 'limit', displayQuantity: decimal('10') }, ['DISPLAY_QUANTITY_NOT_ALLOWED']],
      [{ type: 'pegged', pegOffset: decimal('-0.005') }, ['PRICE_NOT_ON_TICK']],
      [{ type: 'pegged', pegOffset: decimal('0.01') }, ['PEG_LIMIT_REQUIRED']],
      [{ type: 'pegged', pegOffset: decimal('-0.01'), side: 'sell' }, ['PEG_LIMIT_REQUIRED']],
      [{ type: 'pegged', timeInForce: 'cls' }, ['TIME_IN_FORCE_NOT_ALLOWED']],
      [{ pegPriceType: 'mid' }, ['PEG_NOT_ALLOWED']],
      [{ pegOffset: decimal('0.01') }, ['PEG_NOT_ALLOWED']],
      [{ type: 'marketOnClose', timeInForce: 'opg' }, ['TIME_IN_FORCE_NOT_ALLOWED']],
      [{ type: 'marketOnOpen', timeInForce: 'gtc' }, ['TIME_IN_FORCE_NOT_ALLOWED']],
      [{ type: 'limitOnClose' }, ['LIMIT_PRICE_REQUIRED']],
      [{ type: 'marketOnClose', ...limit }, ['LIMIT_PRICE_NOT_ALLOWED']],
      [{ timeInForce: 'gtd' }, ['EXPIRE_AT_REQUIRED']],
      [{ timeInForce: 'gtd', expireAt: AT }, ['EXPIRE_AT_PAST']],
      [{ timeInForce: 'gtd', expireAt: '2027-01-06T15:00:00.001Z' }, ['EXPIRE_AT_TOO_FAR']],
    ];
    for (const [change, codes] of cases) {
      const reasons = reasonsOf(change);
      assert.deepEqual(
        reasons.map(({ code }) => code),
        codes,
        JSON.stringify(change),
      );
      for (const { code, field } of reasons) assert.ok(code in ERROR_CODES && field !== undefined);
    }
    assert.equal(GTD_DAYS_MAX, 366);
  });

  it('are denied by name for a venue that does not work them', () => {
    const elsewhere = { ...IBM, venue: 'XLON' };
    for (const type of ['iceberg', 'pegged', 'marketOnOpen', 'limitOnClose'] as const)
      assert.ok(codesOf({ type }, elsewhere).includes('UNSUPPORTED_ORDER_TYPE'));
    for (const timeInForce of ['gtd', 'opg', 'cls'] as const)
      assert.ok(codesOf({ timeInForce }, elsewhere).includes('UNSUPPORTED_TIME_IN_FORCE'));
    assert.ok(codesOf({ timeInForce: 'opg' }, elsewhere).includes('AUCTION_NOT_HELD'));
  });

  it('are only those that the simulator says it trades', () => {
    const { orderTypes, timesInForce } = tradedAt('XSIM');
    const native = [
      'market',
      'limit',
      'iceberg',
      'pegged',
      'marketOnOpen',
      'limitOnOpen',
      'marketOnClose',
      'limitOnClose',
    ];
    assert.deepEqual([...ORDER_TYPES_TRADED].sort(), [...native].sort());
    for (const type of native) assert.ok(orderTypes.includes(type), type);
    assert.deepEqual([...timesInForce].sort(), [...TIMES_IN_FORCE_TRADED].sort());
    assert.deepEqual(tradedAt('XLON').timesInForce, ['day', 'gtc', 'ioc', 'fok']);
  });

  it('are taken by the simulator whenever they pass here', () => {
    const engine = new VenueEngine({
      feePerShare: decimal('0'),
      dayEndOf: (instant) => dayEndOf('XSIM', instant),
      auctionAfter: createAuctionTimes({
        dayEndOf: (instant) => dayEndOf('XSIM', instant),
        openDelayMs: 60_000,
        cutOffMs: 30_000,
      }),
    });
    engine.list(['IBM']);
    let count = 0;
    let passed = 0;
    for (const type of ORDER_TYPES.filter((name) => (ORDER_TYPES_TRADED as readonly string[]).includes(name)))
      for (const timeInForce of TIMES_IN_FORCE)
        for (const more of [{}, limit, { displayQuantity: decimal('7') }, { pegOffset: decimal('-0.02') }]) {
          const expiry = timeInForce === 'gtd' ? { expireAt: '2026-01-07T00:00:00.000Z' } : {};
          const given: Partial<OrderRequest> = { type, timeInForce, ...expiry, ...more };
          const change = type === 'iceberg' ? { ...limit, ...given } : given;
          if (codesOf(change).length > 0) continue;
          passed += 1;
          count += 1;
          const { clientOrderId: _id, ...request } = { ...PLAIN, ...change };
          const { reports } = engine.enter({ ...request, clOrdId: `c${count}` }, AT);
          const [first] = reports.map((text) => JSON.parse(text) as WireReport);
          assert.equal(first?.kind, 'accepted', `${JSON.stringify(change)}: ${first?.text}`);
        }
    assert.ok(passed > 30, `only ${passed} passed`);
  });
});

describe('the end of an order by its own terms', () => {
  const ends = (change: Partial<OrderRequest>, at = AT): string | undefined =>
    endsAtOf({ ...PLAIN, ...change }, 'XSIM', at);

  it('is its auction or its date, and nothing for a day or good-till-cancelled order', () => {
    assert.equal(ends({ type: 'marketOnClose' }), '2026-01-05T22:00:00.000Z');
    assert.equal(ends({ timeInForce: 'opg' }), '2026-01-05T22:01:00.000Z');
    assert.equal(
      ends({ timeInForce: 'gtd', expireAt: '2026-02-01T00:00:00.000Z' }),
      '2026-02-01T00:00:00.000Z',
    );
    assert.equal(ends({}), undefined);
    assert.equal(ends({ timeInForce: 'gtc' }), undefined);
  });

  it('is the next auction once one is over, and no entry is taken just before one', () => {
    const closing = (at: string): string[] => codesOf({ type: 'marketOnClose' }, IBM, at);
    assert.deepEqual(closing('2026-01-05T21:59:29.999Z'), []);
    assert.deepEqual(closing('2026-01-05T21:59:30.000Z'), ['AUCTION_ENTRY_CLOSED']);
    assert.deepEqual(closing('2026-01-05T21:59:59.999Z'), ['AUCTION_ENTRY_CLOSED']);
    assert.deepEqual(closing('2026-01-05T22:00:00.000Z'), []);
    assert.equal(ends({ type: 'marketOnClose' }, '2026-01-05T22:00:00.000Z'), '2026-01-06T22:00:00.000Z');
    assert.deepEqual(codesOf({ timeInForce: 'opg' }, IBM, '2026-01-05T22:00:30.000Z'), [
      'AUCTION_ENTRY_CLOSED',
    ]);
  });
});

describe('auctions', () => {
  const auction = (mic: string, kind: 'open' | 'close', at: string): string[] => {
    const { at: when = '', entryEndsAt = '' } = nextAuction(mic, kind, at) ?? {};
    return [when.slice(0, 16), entryEndsAt.slice(11, 16)];
  };

  it('move with changes of clocks at the simulated venue', () => {
    assert.deepEqual(auction('XSIM', 'close', '2026-03-07T12:00:00Z'), ['2026-03-07T22:00', '21:59']);
    assert.deepEqual(auction('XSIM', 'close', '2026-03-08T12:00:00Z'), ['2026-03-08T21:00', '20:59']);
    assert.deepEqual(auction('XSIM', 'open', '2026-11-01T12:00:00Z'), ['2026-11-01T22:01', '22:00']);
  });

  it('follow sessions, early closes and holidays in New York', () => {
    assert.deepEqual(auction('XNYS', 'close', '2026-11-27T15:00:00Z'), ['2026-11-27T18:00', '17:50']);
    assert.deepEqual(auction('XNAS', 'close', '2026-01-05T15:00:00Z'), ['2026-01-05T21:00', '20:55']);
    assert.deepEqual(auction('XNYS', 'open', '2026-11-25T15:00:00Z'), ['2026-11-27T14:30', '14:28']);
    assert.deepEqual(auction('XNYS', 'open', '2026-11-27T14:30:00Z'), ['2026-11-30T14:30', '14:28']);
    assert.equal(nextAuction('XTKS', 'open', AT), undefined);
  });

  it('are at the same times for us and for the simulator', () => {
    const venues = createAuctionTimes({
      dayEndOf: (instant) => dayEndOf('XSIM', instant),
      openDelayMs: 60_000,
      cutOffMs: 30_000,
    });
    for (const at of [AT, '2026-01-05T22:00:00.000Z', '2026-01-05T22:00:59.999Z', '2026-03-08T06:59:00.000Z'])
      for (const kind of ['open', 'close'] as const)
        assert.deepEqual(nextAuction('XSIM', kind, at), venues(kind, at));
  });
});
