import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, compare, decimal, multiply, subtract, ZERO, type Decimal } from '../../../domain/money/decimal';
import { checkRisk, NO_EXPOSURE, type RiskCheckInput } from '../../../domain/risk/check-risk';
import { DEMO_LIMITS } from '../../../domain/risk/risk-limits';
import { feeScheduleOf } from '../../../domain/risk/fee-schedule';
import type { RiskOrder } from '../../../domain/risk/risk-decision';

const AT = '2026-11-23T15:00:00.000Z';
const QUOTE = { bid: decimal('99'), ask: decimal('100'), last: decimal('99.5'), receivedAt: AT };

function orderWith(change: Partial<RiskOrder> = {}): RiskOrder {
  return {
    account: 'ACC-1',
    symbol: 'IBM',
    venue: 'XSIM',
    side: 'buy',
    type: 'limit',
    quantity: decimal('100'),
    cumQty: ZERO,
    limitPrice: decimal('100'),
    multiplier: decimal('1'),
    cashDelta: ZERO,
    positionDelta: ZERO,
    ...change,
  };
}

function marketOrder(change: Partial<RiskOrder> = {}): RiskOrder {
  const { limitPrice: _none, ...order } = orderWith({ type: 'market', ...change });
  return order;
}

function inputWith(change: Partial<RiskCheckInput> = {}): RiskCheckInput {
  return {
    order: orderWith(),
    limits: DEMO_LIMITS,
    account: {
      cash: decimal('1000000'),
      reserved: ZERO,
      position: { quantity: decimal('500'), reservedSell: ZERO, openBuy: ZERO },
    },
    held: NO_EXPOSURE,
    quote: QUOTE,
    halts: [],
    fees: feeScheduleOf('XSIM'),
    at: AT,
    ...change,
  };
}

function codesOf(input: RiskCheckInput): string[] {
  const result = checkRisk(input);
  return result.outcome === 'denied' ? result.reasons.map(({ code }) => code) : [];
}

describe('checkRisk', () => {
  it('reserves price and worst-case fee for a buy', () => {
    const result = checkRisk(inputWith());
    assert.equal(result.outcome, 'reserved');
    assert.equal(result.unitReserve, '100.001');
    assert.deepEqual(result.contribution, {
      ...NO_EXPOSURE,
      reservedCash: '10000.1',
      openBuyQuantity: '100',
    });
  });

  it('reserves a market buy at the far touch raised by the market collar', () => {
    const result = checkRisk(inputWith({ order: marketOrder() }));
    assert.equal(result.outcome === 'reserved' && result.unitReserve, '105.001');
  });

  it('reserves an order without a limit at the market collar and one with a limit at that, whatever its type', () => {
    const unitReserve = (order: RiskOrder): string => {
      const result = checkRisk(inputWith({ order }));
      return result.outcome === 'reserved' ? result.unitReserve : 'denied';
    };
    for (const type of ['pegged', 'marketOnOpen', 'marketOnClose'] as const)
      assert.equal(unitReserve(marketOrder({ type })), '105.001', type);
    for (const type of ['pegged', 'iceberg', 'limitOnOpen', 'limitOnClose'] as const)
      assert.equal(unitReserve(orderWith({ type })), '100.001', type);
    assert.deepEqual(codesOf(inputWith({ order: marketOrder({ type: 'pegged' }), quote: undefined })), [
      'NO_MARKET_PRICE',
    ]);
    assert.deepEqual(
      codesOf(inputWith({ order: orderWith({ type: 'pegged', limitPrice: decimal('113') }) })),
      ['PRICE_COLLAR'],
    );
  });

  it('reserves a buy that waits for a price at the higher of its stop and the market', () => {
    const stop = (stopPrice: string) => {
      const result = checkRisk(
        inputWith({ order: marketOrder({ type: 'stop', stopPrice: decimal(stopPrice) }) }),
      );
      return result.outcome === 'reserved' && result.unitReserve;
    };
    assert.equal(stop('110'), '115.501');
    assert.equal(stop('90'), '105.001');
    const limited = orderWith({ type: 'stopLimit', stopPrice: decimal('110'), limitPrice: decimal('111') });
    const result = checkRisk(inputWith({ order: limited }));
    assert.equal(result.outcome === 'reserved' && result.unitReserve, '111.001');
  });

  it('measures the limit of an order that waits from its stop, and needs no market for it', () => {
    const beyond = (limitPrice: string) =>
      orderWith({ type: 'stopLimit', stopPrice: decimal('200'), limitPrice: decimal(limitPrice) });
    assert.deepEqual(codesOf(inputWith({ order: beyond('201') })), []);
    assert.deepEqual(codesOf(inputWith({ order: beyond('300') })), ['PRICE_COLLAR']);
    const stop = marketOrder({ type: 'stop', stopPrice: decimal('110') });
    assert.deepEqual(codesOf(inputWith({ order: stop, quote: undefined })), []);
    const trail = marketOrder({ type: 'trailingStop' });
    assert.deepEqual(codesOf(inputWith({ order: trail, quote: undefined })), ['NO_MARKET_PRICE']);
  });

  it('reserves position, not cash, for a sell', () => {
    const result = checkRisk(inputWith({ order: orderWith({ side: 'sell' }) }));
    assert.equal(result.outcome === 'reserved' && result.unitReserve, '0');
    assert.equal(result.outcome === 'reserved' && result.contribution.reservedPosition, '100');
  });

  it('asks for the open part only', () => {
    const moved = { cumQty: decimal('40'), cashDelta: decimal('-4000.04'), positionDelta: decimal('40') };
    const result = checkRisk(inputWith({ order: orderWith(moved) }));
    assert.equal(result.outcome === 'reserved' && result.contribution.openBuyQuantity, '60');
  });

  const HALTS = [
    { scope: 'firm', id: 'anything' },
    { scope: 'account', id: 'ACC-1' },
    { scope: 'venue', id: 'XSIM' },
    { scope: 'symbol', id: 'IBM' },
  ] as const;
  for (const halt of HALTS) {
    it(`denies while the ${halt.scope} is halted`, () => {
      assert.deepEqual(codesOf(inputWith({ halts: [halt] })), ['TRADING_HALTED']);
    });
  }

  it('ignores halts of others', () => {
    assert.deepEqual(codesOf(inputWith({ halts: [{ scope: 'symbol', id: 'SPY' }] })), []);
  });

  const BREACHES: [string, Partial<RiskCheckInput>, string[]][] = [
    [
      'over the quantity limit',
      { order: orderWith({ quantity: decimal('100001'), limitPrice: decimal('1') }) },
      ['ORDER_QUANTITY_LIMIT'],
    ],
    [
      'over the value limit',
      {
        order: orderWith({ quantity: decimal('50001') }),
        account: { ...inputWith().account, cash: decimal('9999999') },
      },
      ['ORDER_VALUE_LIMIT'],
    ],
    [
      'a buy too far above the market',
      { order: orderWith({ limitPrice: decimal('112.01') }) },
      ['PRICE_COLLAR'],
    ],
    [
      'a sell too far below the market',
      { order: orderWith({ side: 'sell', limitPrice: decimal('87.11') }) },
      ['PRICE_COLLAR'],
    ],
    ['a market order without a quote', { order: marketOrder(), quote: undefined }, ['NO_MARKET_PRICE']],
    [
      'a market order on a stale quote',
      { order: marketOrder(), at: '2026-11-23T15:00:30.001Z' },
      ['NO_MARKET_PRICE'],
    ],
    [
      'more than the buying power',
      { order: orderWith({ quantity: decimal('10000') }) },
      ['INSUFFICIENT_BUYING_POWER'],
    ],
    [
      'selling more than the position',
      { order: orderWith({ side: 'sell', quantity: decimal('501') }) },
      ['INSUFFICIENT_POSITION'],
    ],
    ['a short sale', { order: orderWith({ side: 'sellShort' }) }, ['UNSUPPORTED_SIDE']],
    [
      'a type that nobody has valued',
      { order: orderWith({ type: 'allOrNone' as 'limit' }) },
      ['UNSUPPORTED_ORDER_TYPE'],
    ],
    ['a venue without fees', { fees: undefined }, ['UNKNOWN_VENUE']],
  ];
  for (const [what, change, codes] of BREACHES) {
    it(`denies ${what}`, () => assert.deepEqual(codesOf(inputWith(change)), codes));
  }

  it('denies a position over its limit if all open buys were filled', () => {
    const position = { quantity: decimal('999000'), reservedSell: ZERO, openBuy: decimal('901') };
    const account = { ...inputWith().account, position };
    assert.deepEqual(codesOf(inputWith({ account })), ['POSITION_LIMIT']);
  });

  it('allows an order away from the market, and any limit while there is no price', () => {
    assert.deepEqual(codesOf(inputWith({ order: orderWith({ limitPrice: decimal('1') }) })), []);
    assert.deepEqual(
      codesOf(inputWith({ order: orderWith({ limitPrice: decimal('500') }), quote: undefined })),
      [],
    );
  });

  it('names every breach', () => {
    const order = orderWith({ quantity: decimal('200000'), limitPrice: decimal('150') });
    assert.deepEqual(codesOf(inputWith({ order, halts: [{ scope: 'symbol', id: 'IBM' }] })), [
      'TRADING_HALTED',
      'ORDER_QUANTITY_LIMIT',
      'ORDER_VALUE_LIMIT',
      'PRICE_COLLAR',
      'INSUFFICIENT_BUYING_POWER',
    ]);
  });

  it('measures an amendment on its increase, and holds the dearer terms until the venue answers', () => {
    const held = { ...NO_EXPOSURE, reservedCash: decimal('10000.1'), openBuyQuantity: decimal('100') };
    const account = { ...inputWith().account, cash: decimal('10000.1'), reserved: decimal('10000.1') };
    const smaller = checkRisk(inputWith({ order: orderWith({ quantity: decimal('50') }), held, account }));
    assert.equal(smaller.outcome === 'reserved' && smaller.contribution.reservedCash, '10000.1');
    assert.deepEqual(codesOf(inputWith({ order: orderWith({ quantity: decimal('101') }), held, account })), [
      'INSUFFICIENT_BUYING_POWER',
    ]);
  });
});

const units = (max: number) => fc.integer({ min: 1, max }).map((n) => decimal(String(n)));
const price = fc.integer({ min: 1, max: 30_000 }).map((n) => multiply(decimal(String(n)), decimal('0.01')));

describe('checkRisk, for any order', () => {
  const arbitraryInput = fc.record({
    quantity: units(150_000),
    limitPrice: price,
    cash: units(20_000_000),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    owned: units(2_000),
  });

  it('never reserves more cash than the account has, nor more position', () => {
    fc.assert(
      fc.property(arbitraryInput, ({ quantity, limitPrice, cash, side, owned }) => {
        const position = { quantity: owned, reservedSell: ZERO, openBuy: ZERO };
        const account = { cash, reserved: ZERO, position };
        const result = checkRisk(
          inputWith({ order: orderWith({ quantity, limitPrice, side }), account, quote: undefined }),
        );
        if (result.outcome === 'denied') return result.reasons.length > 0;
        const { reservedCash, reservedPosition } = result.contribution;
        return compare(reservedCash, cash) <= 0 && compare(reservedPosition, owned) <= 0;
      }),
    );
  });

  it('reserves enough for the worst fill: the limit price and the highest fee', () => {
    fc.assert(
      fc.property(arbitraryInput, ({ quantity, limitPrice }) => {
        const account = { ...inputWith().account, cash: decimal('99999999999') };
        const result = checkRisk(
          inputWith({ order: orderWith({ quantity, limitPrice }), account, quote: undefined }),
        );
        if (result.outcome === 'denied') return true;
        const worst: Decimal = add(multiply(quantity, limitPrice), multiply(quantity, decimal('0.001')));
        return compare(subtract(result.contribution.reservedCash, worst), ZERO) >= 0;
      }),
    );
  });
});
