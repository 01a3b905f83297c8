import {
  add,
  decimal,
  isPositive,
  maximum,
  minimum,
  multiply,
  nearestMultiples,
  ZERO,
  type Price,
} from '../../../domain/money/decimal';
import { isBuy, type BookedOrder, type StandingQuote } from './book-types';

/** The venue's price step for pegs; limit prices may be finer. */
export const PEG_TICK = decimal('0.01');
const HALF = decimal('0.5');

/**
 * Where a pegged order stands in this market: the price that it follows plus its offset, rounded to the tick away from
 * the market (FIX PegRoundDirection passive) and never beyond its limit. Only the market's own quote is followed, so
 * that pegs cannot follow each other. Undefined while that price does not exist, and where the peg would be at or
 * below zero.
 */
export function pegPriceOf(order: BookedOrder, quote: StandingQuote | undefined): Price | undefined {
  const reference = referenceOf(order, quote);
  if (reference === undefined) return undefined;
  const { below, above } = nearestMultiples(add(reference, order.terms.pegOffset ?? ZERO), PEG_TICK);
  const rounded = isBuy(order) ? below : above;
  const { limitPrice } = order;
  if (limitPrice === undefined) return isPositive(rounded) ? rounded : undefined;
  const bounded = isBuy(order) ? minimum(rounded, limitPrice) : maximum(rounded, limitPrice);
  return isPositive(bounded) ? bounded : undefined;
}

function referenceOf(order: BookedOrder, quote: StandingQuote | undefined): Price | undefined {
  const { bid, ask } = quote ?? {};
  switch (order.terms.pegPriceType ?? 'primary') {
    case 'primary':
      return isBuy(order) ? bid : ask;
    case 'market':
      return isBuy(order) ? ask : bid;
    case 'mid':
      return bid === undefined || ask === undefined ? undefined : multiply(add(bid, ask), HALF);
  }
}
