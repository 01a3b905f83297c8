import { compare, decimal, isMultipleOf, isPositive } from '../../../domain/money/decimal';
import type { WireOrder, WireReplace } from '../protocol';
import type { BookedOrder } from './book-types';

export const ORDER_TYPES_TRADED = ['market', 'limit'] as const;
export const TIMES_IN_FORCE_TRADED = ['day', 'gtc', 'ioc', 'fok'] as const;
export const QUANTITY_MAX = decimal('1000000000');
const PRICE_STEP = decimal('0.0001');
const LOT = decimal('1');

/** A refusal with its FIX number: OrdRejReason for orders, CxlRejReason for cancels and replaces. */
export interface VenueRefusal {
  reason: string;
  text: string;
}

const refusal = (reason: string, text: string): VenueRefusal => ({ reason, text });

/** Why the venue does not take this order; undefined when it does. */
export function refuseOrder(order: WireOrder, isListed: boolean): VenueRefusal | undefined {
  if (!isListed) return refusal('1', `unknown symbol: symbol=${order.symbol}`);
  if (!includes(ORDER_TYPES_TRADED, order.type))
    return refusal('11', `order type is not traded: type=${order.type}`);
  if (!includes(TIMES_IN_FORCE_TRADED, order.timeInForce)) {
    return refusal('11', `time in force is not traded: timeInForce=${order.timeInForce}`);
  }
  if (!isTradable(order.quantity)) {
    return refusal(
      '13',
      `quantity must be a whole number from 1 to ${QUANTITY_MAX}: quantity=${order.quantity}`,
    );
  }
  if (order.type === 'limit' && order.limitPrice === undefined)
    return refusal('99', 'a limit order needs limitPrice');
  if (order.type === 'market' && order.limitPrice !== undefined) {
    return refusal('99', 'a market order takes no limitPrice');
  }
  return priceRefusal(order.limitPrice);
}

/** Why the venue does not replace the order this way. Too late is CxlRejReason 0. */
export function refuseReplace(order: BookedOrder, wanted: WireReplace): VenueRefusal | undefined {
  if (!order.open) return refusal('0', `too late to replace: status=${order.status}`);
  if (!isTradable(wanted.quantity)) {
    return refusal(
      '99',
      `quantity must be a whole number from 1 to ${QUANTITY_MAX}: quantity=${wanted.quantity}`,
    );
  }
  if ((wanted.limitPrice === undefined) !== (order.limitPrice === undefined)) {
    return refusal('99', 'a replace cannot change the order type');
  }
  return priceRefusal(wanted.limitPrice);
}

function priceRefusal(price: WireOrder['limitPrice']): VenueRefusal | undefined {
  if (price === undefined) return undefined;
  if (isPositive(price) && isMultipleOf(price, PRICE_STEP)) return undefined;
  return refusal('18', `limitPrice must be a positive multiple of ${PRICE_STEP}: limitPrice=${price}`);
}

function isTradable(quantity: WireOrder['quantity']): boolean {
  return isPositive(quantity) && isMultipleOf(quantity, LOT) && compare(quantity, QUANTITY_MAX) <= 0;
}

function includes(list: readonly string[], value: string): boolean {
  return list.includes(value);
}
