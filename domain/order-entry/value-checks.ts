import {
  compare,
  isMultipleOf,
  nearestMultiples,
  type Decimal,
  type Price,
  type Quantity,
} from '../money/decimal';
import type { ErrorCode } from '../errors/error-codes';
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

interface Range {
  min: Decimal;
  max: Decimal;
}

/** Bounds that a check of values needs; absent bounds are not checked. */
export interface ValueRules {
  tickSize: Price;
  lotSize: Quantity;
  price?: Range;
  quantity?: Range;
}

type PriceField = 'limitPrice' | 'stopPrice';

/** Breaches of tick and bounds. A price is never rounded for the client: the refusal names the nearest valid ones. */
export function checkPrice(field: PriceField, price: Price, rules: ValueRules): Reason[] {
  return [
    ...outside('PRICE_OUT_OF_BOUNDS', field, price, rules.price),
    ...between('PRICE_NOT_ON_TICK', field, price, rules.tickSize, 'tick size', rules.price),
  ];
}

/** Breaches of the tick by an amount of money that is no price of its own, such as an offset. */
export function checkOnTick(field: string, amount: Decimal, tickSize: Price): Reason[] {
  return between('PRICE_NOT_ON_TICK', field, amount, tickSize, 'tick size', undefined);
}

/** Breaches of lot and bounds. */
export function checkQuantity(quantity: Quantity, rules: ValueRules): Reason[] {
  return [
    ...outside('QUANTITY_OUT_OF_BOUNDS', 'quantity', quantity, rules.quantity),
    ...between('QUANTITY_NOT_ON_LOT', 'quantity', quantity, rules.lotSize, 'lot size', rules.quantity),
  ];
}

function outside(code: ErrorCode, field: string, value: Decimal, range: Range | undefined): Reason[] {
  if (range === undefined) return [];
  const { min, max } = range;
  if (compare(value, min) < 0)
    return [breach(code, `${field} ${value} is below the minimum ${min}.`, field, value, min)];
  if (compare(value, max) > 0)
    return [breach(code, `${field} ${value} is above the maximum ${max}.`, field, value, max)];
  return [];
}

function between(
  code: ErrorCode,
  field: string,
  value: Decimal,
  step: Decimal,
  stepName: string,
  range: Range | undefined,
): Reason[] {
  if (isMultipleOf(value, step)) return [];
  const { below, above } = nearestMultiples(value, step);
  const valid = [below, above].filter(
    (candidate) =>
      range === undefined || (compare(candidate, range.min) >= 0 && compare(candidate, range.max) <= 0),
  );
  const nearest = valid.length === 0 ? '' : ` Nearest valid: ${valid.join(' and ')}.`;
  return [
    breach(
      code,
      `${field} ${value} is not a multiple of the ${stepName} ${step}.${nearest}`,
      field,
      value,
      step,
    ),
  ];
}
