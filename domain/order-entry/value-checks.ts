import {
  bandAt,
  isOnTick,
  nearestText,
  nearestValidPrices,
  nearestValidQuantities,
} from '../instrument/valid-values';
import { compare, isMultipleOf, multiply, type Decimal, type Price, type Quantity } from '../money/decimal';
import type { ErrorCode } from '../errors/error-codes';
import type { NearestValues, Range, TickTable } from '../instrument/valid-values';
import type { Reason } from '../order/order-types';

/** A breach, with the field it is about, what the field says and what would have been allowed. */
export function breach(
  code: ErrorCode,
  message: string,
  field: string,
  value?: string,
  limit?: string,
): Reason {
  return {
    code,
    message,
    field,
    ...(value !== undefined && { value }),
    ...(limit !== undefined && { limit }),
  };
}

/** Bounds that a check of values needs; absent bounds are not checked. */
export interface ValueRules {
  ticks: TickTable;
  /** The smallest of the steps, for amounts that are added to a price; see {@link checkOnTick}. */
  tickSize: Price;
  lotSize: Quantity;
  price?: Range;
  quantity?: Range;
  notional?: { min?: Decimal; max?: Decimal; multiplier: Decimal };
}

/** What FIX calls a price between two steps, and a quantity that is not taken. */
const FIX_PRICE_INCREMENT = '18';
const FIX_INCORRECT_QUANTITY = '13';

/**
 * Breaches of tick and bounds by the price in `field`, whichever it is. A price is never rounded for the client: the
 * refusal names the nearest valid ones.
 */
export function checkPrice(field: string, price: Price, rules: ValueRules): Reason[] {
  const nearest = (): NearestValues => nearestValidPrices(price, rules.ticks, rules.price);
  const reasons = outside('PRICE_OUT_OF_BOUNDS', field, price, rules.price, nearest);
  if (isOnTick(rules.ticks, price)) return reasons;
  const { from, tickSize } = bandAt(rules.ticks, price);
  const band = rules.ticks.length > 1 ? ` that holds from ${from}` : '';
  const message = `${field} ${price} is not a multiple of the tick size ${tickSize}${band}.`;
  const fault = breach('PRICE_NOT_ON_TICK', message, field, price, tickSize);
  return [...reasons, { ...withNearest(fault, nearest()), fixReason: FIX_PRICE_INCREMENT }];
}

/** Breaches of the tick by an amount of money that is no price of its own, such as an offset. */
export function checkOnTick(field: string, amount: Decimal, tickSize: Price): Reason[] {
  return checkPrice(field, amount, {
    ticks: [{ from: '0' as Price, tickSize }],
    tickSize,
    lotSize: tickSize,
  });
}

/** Breaches of lot and bounds by the quantity in `field`: the order's own, or a part of it that is shown or asked for. */
export function checkQuantity(quantity: Quantity, rules: ValueRules, field = 'quantity'): Reason[] {
  const { lotSize, quantity: range } = rules;
  const nearest = (): NearestValues => nearestValidQuantities(quantity, lotSize, range);
  const reasons = outside('QUANTITY_OUT_OF_BOUNDS', field, quantity, range, nearest);
  if (!isMultipleOf(quantity, lotSize)) {
    const message = `${field} ${quantity} is not a multiple of the lot size ${lotSize}.`;
    const fault = breach('QUANTITY_NOT_ON_LOT', message, field, quantity, lotSize);
    reasons.push(withNearest(fault, nearest()));
  }
  return reasons.map((reason) => ({ ...reason, fixReason: FIX_INCORRECT_QUANTITY }));
}

/** A breach of the least or largest value of an order that states its price, in the currency of the instrument. */
export function checkNotional(quantity: Quantity, price: Price, { notional }: ValueRules): Reason[] {
  if (notional === undefined) return [];
  const value = multiply(multiply(price, quantity), notional.multiplier);
  const { min, max } = notional;
  const refuse = (side: string, limit: Decimal): Reason[] => [
    breach('NOTIONAL_OUT_OF_BOUNDS', `The value ${value} is ${side} ${limit}.`, 'quantity', value, limit),
  ];
  if (min !== undefined && compare(value, min) < 0) return refuse('below the minimum', min);
  if (max !== undefined && compare(value, max) > 0) return refuse('above the maximum', max);
  return [];
}

function outside(
  code: ErrorCode,
  field: string,
  value: Decimal,
  range: Range | undefined,
  nearest: () => NearestValues,
): Reason[] {
  if (range === undefined) return [];
  const { min, max } = range;
  if (compare(value, min) < 0) {
    const message = `${field} ${value} is below the minimum ${min}.`;
    return [withNearest(breach(code, message, field, value, min), nearest())];
  }
  if (compare(value, max) > 0) {
    const message = `${field} ${value} is above the maximum ${max}.`;
    return [withNearest(breach(code, message, field, value, max), nearest())];
  }
  return [];
}

/** Names the valid values in the text for people and beside it for programs. */
function withNearest(reason: Reason, nearest: NearestValues): Reason {
  const text = nearestText(nearest);
  return text === '' ? reason : { ...reason, message: `${reason.message} ${text}`, nearest };
}
