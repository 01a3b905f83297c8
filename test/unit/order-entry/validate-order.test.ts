import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ERROR_CODES } from '../../../domain/errors/error-codes';
import { DEMO_INSTRUMENTS } from '../../../domain/instrument/demo-instruments';
import type { Instrument } from '../../../domain/instrument/instrument';
import { decimal, isMultipleOf } from '../../../domain/money/decimal';
import { TRADED } from '../../../domain/order-entry/order-form';
import {
  validateAmendment,
  type Amendment,
  type AmendmentContext,
} from '../../../domain/order-entry/validate-amendment';
import { checkOnTick } from '../../../domain/order-entry/value-checks';
import { validateOrder, type ValidationContext } from '../../../domain/order-entry/validate-order';
import {
  ORDER_TYPES,
  SIDES,
  TIMES_IN_FORCE,
  type OrderRequest,
  type OrderTerms,
} from '../../../domain/order/order-types';

const IBM = DEMO_INSTRUMENTS.find(({ symbol }) => symbol === 'IBM') as Instrument;
const AT = '2026-01-05T15:00:00.000Z';
const CONTEXT: ValidationContext = {
  account: { account: 'ACC-1', currency: 'USD' },
  instrument: IBM,
  traded: TRADED,
  at: AT,
};
const LIMIT: OrderRequest = {
  clientOrderId: 'c1',
  account: 'ACC-1',
  symbol: 'IBM',
  side: 'buy',
  type: 'limit',
  quantity: decimal('100'),
  limitPrice: decimal('182.5'),
  timeInForce: 'day',
};
const { limitPrice: _limit, ...WITHOUT_LIMIT } = LIMIT;
const MARKET: OrderRequest = { ...WITHOUT_LIMIT, type: 'market' };

function codes(request: OrderRequest, context: Partial<ValidationContext> = {}): string[] {
  return validateOrder(request, { ...CONTEXT, ...context }).map(({ code }) => code);
}

describe('validating an order', () => {
  it('passes market and limit orders of every time in force that is traded', () => {
    for (const timeInForce of TRADED.timesInForce) {
      assert.deepEqual(codes({ ...LIMIT, timeInForce }), []);
      assert.deepEqual(codes({ ...MARKET, timeInForce, side: 'sell' }), []);
    }
  });

  it('names every breach at once, with field, value and limit', () => {
    const reasons = validateOrder(
      {
        ...LIMIT,
        account: 'ACC-9',
        venue: 'XNYS',
        side: 'sellShort',
        timeInForce: 'gtd',
        quantity: decimal('0.5'),
        limitPrice: decimal('182.505'),
        stopPrice: decimal('180'),
      },
      { ...CONTEXT, account: undefined },
    );
    assert.deepEqual(
      reasons.map(({ code, field }) => `${code} ${field}`),
      [
        'UNKNOWN_ACCOUNT account',
        'UNKNOWN_VENUE venue',
        'UNSUPPORTED_SIDE side',
        'UNSUPPORTED_TIME_IN_FORCE timeInForce',
        'STOP_PRICE_NOT_ALLOWED stopPrice',
        'EXPIRE_AT_REQUIRED expireAt',
        'QUANTITY_OUT_OF_BOUNDS quantity',
        'QUANTITY_NOT_ON_LOT quantity',
        'PRICE_NOT_ON_TICK limitPrice',
      ],
    );
    assert.deepEqual(reasons.at(-1), {
      code: 'PRICE_NOT_ON_TICK',
      message: 'limitPrice 182.505 is not a multiple of the tick size 0.01. Nearest valid: 182.5 and 182.51.',
      field: 'limitPrice',
      value: '182.505',
      limit: '0.01',
      nearest: { below: '182.5', above: '182.51' },
      fixReason: '18',
    });
  });

  it('denies by name what is not traded yet', () => {
    for (const type of ORDER_TYPES.filter((name) => !TRADED.orderTypes.some((traded) => traded === name))) {
      const [reason] = validateOrder({ ...LIMIT, type, stopPrice: decimal('180') }, CONTEXT);
      assert.equal(reason?.code, 'UNSUPPORTED_ORDER_TYPE');
      assert.equal(reason.value, type);
      assert.match(reason.limit ?? '', /^market, limit, /);
    }
    for (const timeInForce of ['gtd', 'opg', 'cls'] as const) {
      assert.ok(codes({ ...LIMIT, timeInForce }).includes('UNSUPPORTED_TIME_IN_FORCE'));
    }
    assert.deepEqual(codes({ ...LIMIT, side: 'sellShort' }), ['UNSUPPORTED_SIDE']);
  });

  it('knows which fields a type takes', () => {
    assert.deepEqual(codes({ ...MARKET, limitPrice: decimal('1.001') }), ['LIMIT_PRICE_NOT_ALLOWED']);
    assert.deepEqual(codes({ ...WITHOUT_LIMIT }), ['LIMIT_PRICE_REQUIRED']);
    assert.deepEqual(codes({ ...LIMIT, expireAt: AT }), ['EXPIRE_AT_NOT_ALLOWED']);
    assert.ok(codes({ ...LIMIT, type: 'stop' }).includes('STOP_PRICE_REQUIRED'));
  });

  it('wants a good-till-date order to end in the future', () => {
    const expiring = (expireAt: string) => codes({ ...LIMIT, timeInForce: 'gtd', expireAt });
    assert.ok(expiring(AT).includes('EXPIRE_AT_PAST'));
    assert.ok(expiring('tomorrow').includes('EXPIRE_AT_PAST'));
    assert.deepEqual(expiring('2026-01-05T15:00:00.001Z'), ['UNSUPPORTED_TIME_IN_FORCE']);
  });

  it('says so when the symbol is unknown, and checks the rest all the same', () => {
    assert.deepEqual(codes({ ...LIMIT, symbol: 'NOPE', side: 'sellShort' }, { instrument: undefined }), [
      'UNKNOWN_SYMBOL',
      'UNSUPPORTED_SIDE',
    ]);
  });

  it('denies instruments that are not tradable on that day of their listing', () => {
    const cases: Partial<Instrument>[] = [
      { tradable: false },
      { effectiveFrom: '2026-01-06' },
      { effectiveTo: '2026-01-04' },
    ];
    for (const change of cases) {
      assert.deepEqual(codes(LIMIT, { instrument: { ...IBM, ...change } }), ['INSTRUMENT_NOT_TRADABLE']);
    }
    const instrument = { ...IBM, effectiveFrom: '2026-01-06' };
    assert.deepEqual(codes(LIMIT, { instrument, at: '2026-01-06T04:59:59Z' }), ['INSTRUMENT_NOT_TRADABLE']);
    assert.deepEqual(codes(LIMIT, { instrument, at: '2026-01-06T05:00:00Z' }), []);
    const tokyo = { ...instrument, listing: 'XTKS' };
    assert.deepEqual(codes(LIMIT, { instrument: tokyo, at: '2026-01-05T14:59:59Z' }), [
      'INSTRUMENT_NOT_TRADABLE',
    ]);
    assert.deepEqual(codes(LIMIT, { instrument: tokyo, at: '2026-01-05T15:00:00Z' }), []);
  });

  it('says why and since when an instrument is not tradable', () => {
    const messageOf = (change: Partial<Instrument>) =>
      validateOrder(LIMIT, { ...CONTEXT, instrument: { ...IBM, ...change } })[0]?.message;
    assert.equal(messageOf({ tradable: false }), 'IBM is not tradable now.');
    assert.equal(messageOf({ effectiveFrom: '2026-02-02' }), 'IBM is not tradable before 2026-02-02.');
    assert.equal(
      messageOf({ tradable: false, notTradableReason: 'merger' }),
      'IBM is not tradable now: merger.',
    );
  });

  it('denies what is traded in another currency than the account is kept in', () => {
    const [reason] = validateOrder(LIMIT, { ...CONTEXT, instrument: { ...IBM, currency: 'GBP' } });
    assert.deepEqual([reason?.code, reason?.value, reason?.limit], ['CURRENCY_MISMATCH', 'GBP', 'USD']);
  });

  it('measures prices by the step of their band, and names the nearest valid ones across its edge', () => {
    const ticks = [
      { from: decimal('0'), tickSize: decimal('0.0001') },
      { from: decimal('1'), tickSize: decimal('0.01') },
    ];
    const priced = (limitPrice: string) =>
      validateOrder(
        { ...LIMIT, limitPrice: decimal(limitPrice) },
        { ...CONTEXT, instrument: { ...IBM, ticks } },
      );
    assert.deepEqual(priced('0.9999'), []);
    assert.deepEqual(priced('1'), []);
    assert.deepEqual(priced('0.99995')[0]?.nearest, { below: '0.9999', above: '1' });
    const [reason] = priced('1.0001');
    assert.deepEqual(
      [reason?.code, reason?.limit, reason?.nearest],
      ['PRICE_NOT_ON_TICK', '0.01', { below: '1', above: '1.01' }],
    );
    assert.match(reason?.message ?? '', /tick size 0\.01 that holds from 1\. Nearest valid: 1 and 1\.01\.$/);
  });

  it('holds amounts that are added to a price to the smallest step', () => {
    assert.deepEqual(checkOnTick('pegOffset', decimal('-0.02'), IBM.tickSize), []);
    const [reason] = checkOnTick('pegOffset', decimal('-0.005'), IBM.tickSize);
    assert.deepEqual(
      [reason?.code, reason?.field, reason?.nearest],
      ['PRICE_NOT_ON_TICK', 'pegOffset', { below: '-0.01', above: '0' }],
    );
  });

  it('keeps the value of an order that states a price within its bounds', () => {
    const instrument = { ...IBM, notionalMin: decimal('1000'), notionalMax: decimal('20000') };
    const valued = (change: Partial<OrderRequest>) =>
      validateOrder({ ...LIMIT, ...change }, { ...CONTEXT, instrument }).map(({ code, limit }) => [
        code,
        limit,
      ]);
    assert.deepEqual(valued({}), []);
    assert.deepEqual(valued({ quantity: decimal('5') }), [['NOTIONAL_OUT_OF_BOUNDS', '1000']]);
    assert.deepEqual(valued({ quantity: decimal('110') }), [['NOTIONAL_OUT_OF_BOUNDS', '20000']]);
    assert.deepEqual(codes({ ...MARKET, quantity: decimal('1') }, { instrument }), []);
    const large = { ...instrument, multiplier: decimal('10') };
    assert.deepEqual(codes(LIMIT, { instrument: large }), ['NOTIONAL_OUT_OF_BOUNDS']);
  });

  it('keeps prices and quantities within their bounds', () => {
    const instrument = {
      ...IBM,
      priceMin: decimal('1'),
      priceMax: decimal('500'),
      quantityMax: decimal('1000'),
    };
    const limit = (limitPrice: string) =>
      validateOrder({ ...LIMIT, limitPrice: decimal(limitPrice) }, { ...CONTEXT, instrument });
    assert.deepEqual(limit('1'), []);
    assert.deepEqual(limit('500'), []);
    assert.deepEqual(
      limit('500.005').map(({ code, limit }) => [code, limit]),
      [
        ['PRICE_OUT_OF_BOUNDS', '500'],
        ['PRICE_NOT_ON_TICK', '0.01'],
      ],
    );
    assert.match(limit('500.005').at(-1)?.message ?? '', /Nearest valid: 500\.$/);
    assert.deepEqual(limit('0.5')[0]?.nearest, { above: '1' });
    assert.deepEqual(codes({ ...LIMIT, limitPrice: decimal('-1') }), ['PRICE_OUT_OF_BOUNDS']);
    assert.deepEqual(codes({ ...LIMIT, quantity: decimal('0') }), ['QUANTITY_OUT_OF_BOUNDS']);
    assert.deepEqual(codes({ ...LIMIT, quantity: decimal('1001') }, { instrument }), [
      'QUANTITY_OUT_OF_BOUNDS',
    ]);
  });

  it('lets an order for now in only while its venue is in session', () => {
    const instrument = { ...IBM, venue: 'XNYS' };
    const closed = { instrument, at: '2026-01-05T22:00:00Z' };
    assert.deepEqual(codes({ ...LIMIT, timeInForce: 'ioc' }, closed), ['SESSION_CLOSED']);
    assert.deepEqual(codes({ ...LIMIT, timeInForce: 'day' }, closed), []);
    assert.deepEqual(codes({ ...LIMIT, timeInForce: 'fok' }, { instrument }), []);
  });

  it('uses only codes of the closed set, whatever is asked', () => {
    const LIMITED: ReadonlySet<string> = new Set([
      'limit',
      'stopLimit',
      'limitIfTouched',
      'limitOnOpen',
      'limitOnClose',
    ]);
    const prices = fc.option(
      fc.integer({ min: -500, max: 50_000 }).map((tenth) => decimal((tenth / 1_000).toString())),
      {
        nil: undefined,
      },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...SIDES),
        fc.constantFrom(...ORDER_TYPES),
        fc.constantFrom(...TIMES_IN_FORCE),
        prices,
        prices,
        (side, type, timeInForce, limitPrice, stopPrice) => {
          const prices = { ...(limitPrice && { limitPrice }), ...(stopPrice && { stopPrice }) };
          const reasons = validateOrder({ ...WITHOUT_LIMIT, side, type, timeInForce, ...prices }, CONTEXT);
          for (const { code, field } of reasons) assert.ok(code in ERROR_CODES && field !== undefined);
          const passed = reasons.length === 0;
          if (passed && limitPrice !== undefined) assert.ok(isMultipleOf(limitPrice, IBM.tickSize));
          if (passed) assert.ok(!LIMITED.has(type) || limitPrice !== undefined);
        },
      ),
    );
  });
});

describe('validating an amendment', () => {
  const terms: OrderTerms = {
    venue: 'XSIM',
    venueTaskQueue: 'venue-XSIM',
    currency: 'USD',
    tickSize: decimal('0.05'),
    lotSize: decimal('10'),
    multiplier: decimal('1'),
    sessionCloseAt: '2026-01-05T22:00:00Z',
    settlement: { mode: 'calendar' },
  };
  const context = { request: LIMIT, terms, instrument: IBM, at: AT };
  const amend = (amendment: Amendment, change: Partial<AmendmentContext> = {}) =>
    validateAmendment(amendment, { ...context, ...change });
  const amendCodes = (amendment: Amendment, change: Partial<AmendmentContext> = {}) =>
    amend(amendment, change).map(({ code }) => code);

  it('holds new values against the rules of today, not those of the first day', () => {
    assert.deepEqual(amendCodes({ quantity: '125', limitPrice: '182.51' }), []);
    const [reason] = amend({ limitPrice: '182.515' });
    assert.deepEqual(
      [reason?.code, reason?.nearest],
      ['PRICE_NOT_ON_TICK', { below: '182.51', above: '182.52' }],
    );
    assert.deepEqual(amendCodes({ quantity: '2000000000' }), ['QUANTITY_OUT_OF_BOUNDS']);
  });

  it('falls back to the terms of the order where there is no reference data', () => {
    const change = { instrument: undefined };
    assert.deepEqual(amendCodes({ quantity: '120', limitPrice: '182.55' }, change), []);
    assert.deepEqual(amendCodes({ quantity: '125', limitPrice: '182.51' }, change), [
      'QUANTITY_NOT_ON_LOT',
      'PRICE_NOT_ON_TICK',
    ]);
    const ticks = [
      { from: decimal('0'), tickSize: decimal('0.0001') },
      { from: decimal('1'), tickSize: decimal('0.01') },
    ];
    const banded = { instrument: undefined, terms: { ...terms, ticks } };
    assert.deepEqual(amendCodes({ limitPrice: '182.51' }, banded), []);
    assert.deepEqual(amendCodes({ quantity: '2000000000' }, change), []);
  });

  it('adds nothing to an order in an instrument that is not tradable today', () => {
    const instrument = { ...IBM, tradable: false };
    assert.deepEqual(amendCodes({ quantity: '120' }, { instrument }), ['INSTRUMENT_NOT_TRADABLE']);
  });

  it('measures the value that the order would have', () => {
    const instrument = { ...IBM, notionalMax: decimal('20000') };
    const working = { quantity: decimal('100'), limitPrice: decimal('182.5') };
    assert.deepEqual(amendCodes({ quantity: '109' }, { instrument, working }), []);
    assert.deepEqual(amendCodes({ quantity: '110' }, { instrument, working }), ['NOTIONAL_OUT_OF_BOUNDS']);
    assert.deepEqual(amendCodes({ limitPrice: '201' }, { instrument, working }), ['NOTIONAL_OUT_OF_BOUNDS']);
    assert.deepEqual(amendCodes({ quantity: '110' }, { instrument }), []);
  });

  it('names what the order does not take, what is no decimal, and an empty request', () => {
    assert.deepEqual(amendCodes({ limitPrice: '10', stopPrice: '9' }, { request: MARKET }), [
      'LIMIT_PRICE_NOT_ALLOWED',
      'STOP_PRICE_NOT_ALLOWED',
    ]);
    assert.deepEqual(amendCodes({ quantity: '1e3' }), ['MALFORMED_REQUEST']);
    assert.deepEqual(amendCodes({}), ['NOTHING_TO_CHANGE']);
  });
});
