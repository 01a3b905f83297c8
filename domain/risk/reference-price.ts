import {
  add,
  decimal,
  maximum,
  minimum,
  multiply,
  subtract,
  type Decimal,
  type Price,
} from '../money/decimal';
import type { RiskLimits } from './risk-limits';
import type { RiskOrder } from './risk-decision';

/** What risk needs of a quote. `receivedAt` is when the feed last confirmed it (ISO 8601 UTC). */
export interface RiskQuote {
  bid?: Price;
  ask?: Price;
  last?: Price;
  receivedAt: string;
}

const ONE = decimal('1');

/** `quote` when it is fresh at `at` (ISO 8601 UTC); a quote from our future, by clock skew, is fresh. */
export function freshQuote(
  quote: RiskQuote | undefined,
  at: string,
  ageMsMax: number,
): RiskQuote | undefined {
  if (quote === undefined) return undefined;
  return Date.parse(at) - Date.parse(quote.receivedAt) <= ageMsMax ? quote : undefined;
}

/** The side of the book that the order would trade with. */
function farTouch(order: RiskOrder, quote: RiskQuote | undefined): Price | undefined {
  return order.side === 'buy' ? quote?.ask : quote?.bid;
}

/**
 * The price at which the order is valued, and at which a buy is reserved: its limit, or for a market order the far
 * touch, for buys raised by the market collar. An order that becomes a market order at a stop trades about there, or
 * now when the market is beyond it already, so the higher of the two takes the place of the touch. Undefined when
 * neither is known.
 */
export function valuationPrice(
  order: RiskOrder,
  quote: RiskQuote | undefined,
  limits: RiskLimits,
): Price | undefined {
  if (order.limitPrice !== undefined) return order.limitPrice;
  const touch = either(farTouch(order, quote), order.stopPrice, maximum);
  if (touch === undefined || order.side !== 'buy') return touch;
  return multiply(touch, add(ONE, limits.marketCollarFraction));
}

/** The one that is there, or what `choose` makes of both. */
function either(
  a: Price | undefined,
  b: Price | undefined,
  choose: (a: Price, b: Price) => Price,
): Price | undefined {
  return a === undefined || b === undefined ? (a ?? b) : choose(a, b);
}

/**
 * The dearest limit price that the collar allows: a buy not further above the market than the fraction, a sell not
 * further below. The passive side is free, because an order that rests away from the market cannot trade badly.
 * An order that waits for a stop trades about there, so its limit is measured from the stop when that is the dearer of
 * the two. Undefined when there is no collar or no fresh price to measure from.
 */
export function collarBound(
  order: RiskOrder,
  quote: RiskQuote | undefined,
  fraction: Decimal | undefined,
): Price | undefined {
  const touch = farTouch(order, quote) ?? quote?.last;
  const reference = either(touch, order.stopPrice, order.side === 'buy' ? maximum : minimum);
  if (reference === undefined || fraction === undefined) return undefined;
  return multiply(reference, order.side === 'buy' ? add(ONE, fraction) : subtract(ONE, fraction));
}
