import { compare, decimal, isMultipleOf, isPositive } from '../../../domain/money/decimal';
import { refusal, type VenueRefusal } from './refusal';
import { refuseSpecialTerms } from './special-terms';
import { isPegged, type BookedOrder } from './book-types';
import type { WireAuction, WireOrder, WireReplace } from '../protocol';

export const ORDER_TYPES_TRADED = [
  'market',
  'limit',
  'iceberg',
  'pegged',
  'marketOnOpen',
  'limitOnOpen',
  'marketOnClose',
  'limitOnClose',
] as const;
export const TIMES_IN_FORCE_TRADED = ['day', 'gtc', 'ioc', 'fok', 'gtd', 'opg', 'cls'] as const;
export const QUANTITY_MAX = decimal('1000000000');
const PRICE_STEP = decimal('0.0001');
const LOT = decimal('1');
const LIMIT_NEEDED: readonly string[] = ['limit', 'iceberg', 'limitOnOpen', 'limitOnClose'];

/** What an order is judged by beside its own terms. `at` is the venue's time, ISO 8601 UTC. */
export interface EntryContext {
  isListed: boolean;
  at: string;
  /** The auction that it is for. */
  auction: WireAuction | undefined;
}

/** Why the venue does not take this order; undefined when it does. */
export function refuseOrder(order: WireOrder, context: EntryContext): VenueRefusal | undefined {
  if (!context.isListed) return refusal('1', `unknown symbol: symbol=${order.symbol}`);
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
  const needsLimit = LIMIT_NEEDED.includes(order.type);
  if (needsLimit && order.limitPrice === undefined)
    return refusal('99', `a ${order.type} order needs limitPrice`);
  if (!needsLimit && order.type !== 'pegged' && order.limitPrice !== undefined) {
    return refusal('99', `a ${order.type} order takes no limitPrice`);
  }
  return priceRefusal(order.limitPrice) ?? refuseSpecialTerms(order, context);
}

/** Why the venue does not replace the order this way at `at`. Too late is CxlRejReason 0. */
export function refuseReplace(order: BookedOrder, wanted: WireReplace, at: string): VenueRefusal | undefined {
  if (!order.open) return refusal('0', `too late to replace: status=${order.status}`);
  if (order.auction !== undefined && Date.parse(at) >= Date.parse(order.auction.entryEndsAt)) {
    return refusal('0', `too late to replace: entry for the auction ended at ${order.auction.entryEndsAt}`);
  }
  if (!isTradable(wanted.quantity)) {
    return refusal(
      '99',
      `quantity must be a whole number from 1 to ${QUANTITY_MAX}: quantity=${wanted.quantity}`,
    );
  }
  // A peg may get a limit later, and keep it; for all others the limit is what their type is about.
  const losesLimit = wanted.limitPrice === undefined && order.limitPrice !== undefined;
  const gainsLimit = wanted.limitPrice !== undefined && order.limitPrice === undefined;
  if (losesLimit || (gainsLimit && !isPegged(order))) {
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
