// Goal: orders that wait for a price state what they need and nothing else. Method: the validation of orders, a breach
// at a time.
import assert from 'node:assert/strict';
import { DEMO_INSTRUMENTS } from '../../../domain/instrument/demo-instruments';
import { decimal } from '../../../domain/money/decimal';
import { TRADED } from '../../../domain/order-entry/order-form';
import { isHeldFor } from '../../../domain/order-entry/trigger-holding';
import { validateOrder } from '../../../domain/order-entry/validate-order';
import { TRIGGER_PRICE_TYPES, TRIGGER_TYPES, type TrailingOffsetType } from '../../../domain/order/hold';
import type { OrderRequest, OrderType } from '../../../domain/order/order-types';

const [limitPrice, stopPrice] = [decimal('182.5'), decimal('181')];
const PRICES: Partial<Record<OrderType, Partial<OrderRequest>>> = {
  stop: { stopPrice },
  stopLimit: { stopPrice, limitPrice },
  marketIfTouched: { stopPrice },
  limitIfTouched: { stopPrice, limitPrice },
  trailingStop: { trailingOffset: decimal('2') },
};

function codes(type: OrderType, more: Partial<OrderRequest> = {}): string[] {
  const request: OrderRequest = {
    clientOrderId: 'c1',
    account: 'ACC-1',
    symbol: 'IBM',
    side: 'buy',
    type,
    quantity: decimal('100'),
    timeInForce: 'day',
    ...PRICES[type],
    ...more,
  };
  const instrument = DEMO_INSTRUMENTS.find(({ symbol }) => symbol === 'IBM');
  const account = { account: 'ACC-1', currency: 'USD' };
  const context = { account, instrument, traded: TRADED, at: '2026-01-05T15:00:00.000Z' };
  return validateOrder(request, context).map(({ code, field }) => `${code} ${field}`);
}

describe('validating an order that waits for a price', () => {
  for (const type of TRIGGER_TYPES) {
    it(`passes ${type} with its prices, each trigger price and each time in force that lets it wait`, () => {
      for (const triggerPriceType of TRIGGER_PRICE_TYPES)
        assert.deepEqual(codes(type, { triggerPriceType }), []);
      assert.deepEqual(codes(type, { timeInForce: 'gtc' }), []);
      for (const timeInForce of ['ioc', 'fok'] as const)
        assert.deepEqual(codes(type, { timeInForce }), ['UNSUPPORTED_TIME_IN_FORCE timeInForce']);
    });

    it(`holds ${type} here, because the simulated venue does not wait for it`, () => {
      assert.equal(isHeldFor('XSIM', type), true);
    });
  }

  it('wants the offset of a trail', () => {
    const stop = { stopPrice, limitPrice };
    assert.deepEqual(codes('trailingStop', { ...stop, trailingOffset: undefined as never }), [
      'TRAILING_OFFSET_REQUIRED trailingOffset',
    ]);
  });

  it('wants every price that the type needs, on its tick and in its bounds', () => {
    assert.deepEqual(codes('stop', { stopPrice: decimal('181.005') }), ['PRICE_NOT_ON_TICK stopPrice']);
    assert.deepEqual(codes('stop', { stopPrice: decimal('0') }), ['PRICE_OUT_OF_BOUNDS stopPrice']);
    assert.deepEqual(codes('stop', { limitPrice }), ['LIMIT_PRICE_NOT_ALLOWED limitPrice']);
    assert.deepEqual(codes('market', { stopPrice }), ['STOP_PRICE_NOT_ALLOWED stopPrice']);
    assert.deepEqual(codes('trailingStop', { stopPrice, limitPrice }), []);
  });

  const OFFSETS: [string, TrailingOffsetType, boolean][] = [
    ['0.01', 'price', true],
    ['0.015', 'price', false],
    ['0', 'price', false],
    ['-1', 'price', false],
    ['12.5', 'bps', true],
    ['9999', 'bps', true],
    ['10000', 'bps', false],
    ['3', 'ticks', true],
    ['2.5', 'ticks', false],
  ];
  for (const [offset, trailingOffsetType, isGood] of OFFSETS) {
    it(`${isGood ? 'takes' : 'refuses'} a trailing offset of ${offset} in ${trailingOffsetType}`, () => {
      const found = codes('trailingStop', { trailingOffset: decimal(offset), trailingOffsetType });
      assert.equal(found.length, isGood ? 0 : 1);
      if (!isGood)
        assert.match(found[0] ?? '', /^(TRAILING_OFFSET_INVALID|PRICE_NOT_ON_TICK) trailingOffset$/);
    });
  }

  it('takes what only such orders state from no others', () => {
    assert.deepEqual(codes('market', { triggerPriceType: 'last' }), [
      'TRIGGER_PRICE_TYPE_NOT_ALLOWED triggerPriceType',
    ]);
    assert.deepEqual(codes('stop', { trailingOffset: decimal('1'), trailingOffsetType: 'ticks' }), [
      'TRAILING_OFFSET_NOT_ALLOWED trailingOffset',
      'TRAILING_OFFSET_NOT_ALLOWED trailingOffsetType',
    ]);
  });
});
