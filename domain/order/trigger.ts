import { assertNever } from '../errors/assert-never';
import { add, compare, isPositive, isZero, multiply, nearestMultiples, subtract } from '../money/decimal';
import type { Decimal, Price } from '../money/decimal';
import type { TrailingOffsetType, TriggerPriceType, TriggerType } from './hold';
import type { Side } from './order-types';

const HALF = '0.5' as Decimal;
const BASIS_POINT = '0.0001' as Decimal;

/** What the market was at one moment; sides may be empty, and there may have been no trade yet. */
export interface Tick {
  /** When the venue published it, ISO 8601 UTC. */
  at: string;
  bid?: Price;
  ask?: Price;
  last?: Price;
  /** Time of the recorded market, when the venue replays one. */
  marketTime?: string;
}

export interface Trail {
  offset: Decimal;
  offsetType: TrailingOffsetType;
  tickSize: Price;
}

/** What is watched for: how the price has to come to the stop, and whether the stop follows the market. */
export interface WatchedTerms {
  type: TriggerType;
  side: Side;
  priceType: TriggerPriceType;
  trail?: Trail;
}

/** Where the watch of one order stands after a moment of the market. */
export interface Watched {
  /** Undefined only while a trail has not begun. */
  stopPrice?: Price;
  /** The price that reached the stop; absent while none did. */
  reachedBy?: Price;
}

/** The price of the market that counts; undefined while there is none. A middle needs both sides. */
export function watchedPrice(priceType: TriggerPriceType, side: Side, tick: Tick): Price | undefined {
  switch (priceType) {
    case 'last':
      return tick.last;
    case 'bidAsk':
      return side === 'buy' ? tick.ask : tick.bid;
    case 'mid':
      return tick.bid === undefined || tick.ask === undefined
        ? undefined
        : multiply(add(tick.bid, tick.ask), HALF);
    default:
      return assertNever(priceType);
  }
}

/**
 * True when `price` reaches `stop`: a stop to buy at or above it and a stop to sell at or below it, and orders that
 * wait to be touched the other way round.
 */
export function reaches(type: TriggerType, side: Side, stop: Price, price: Price): boolean {
  const above = compare(price, stop);
  return isFromBelow(type, side) ? above >= 0 : above <= 0;
}

function isFromBelow(type: TriggerType, side: Side): boolean {
  const isTouched = type === 'marketIfTouched' || type === 'limitIfTouched';
  return (side === 'buy') !== isTouched;
}

/** How far a trail stays behind a market at `price`, in money. */
export function trailDistance({ offset, offsetType, tickSize }: Trail, price: Price): Decimal {
  switch (offsetType) {
    case 'price':
      return offset;
    case 'bps':
      return multiply(price, multiply(offset, BASIS_POINT));
    case 'ticks':
      return multiply(offset, tickSize);
    default:
      return assertNever(offsetType);
  }
}

/**
 * The stop of a trailing order after the market was at `price`: it moves only in favour of the client, a stop to sell
 * up and a stop to buy down, and is rounded to the tick away from the market. A trail to sell that would come to zero
 * or below has not begun.
 */
export function trailedStop(
  trail: Trail,
  side: Side,
  stop: Price | undefined,
  price: Price,
): Price | undefined {
  const distance = trailDistance(trail, price);
  const isBuy = side === 'buy';
  const exact = isBuy ? add(price, distance) : subtract(price, distance);
  const wanted = isZero(trail.tickSize)
    ? exact
    : nearestMultiples(exact, trail.tickSize)[isBuy ? 'above' : 'below'];
  if (!isPositive(wanted)) return stop;
  if (stop === undefined) return wanted;
  const isBetter = isBuy ? compare(wanted, stop) < 0 : compare(wanted, stop) > 0;
  return isBetter ? wanted : stop;
}

/**
 * Where the watch stands after one more moment of the market. A stop that was reached stays where it was; a trail
 * follows only prices that did not reach it.
 */
export function watch(terms: WatchedTerms, { stopPrice }: Watched, tick: Tick): Watched {
  const price = watchedPrice(terms.priceType, terms.side, tick);
  if (price === undefined) return stopPrice === undefined ? {} : { stopPrice };
  if (stopPrice !== undefined && reaches(terms.type, terms.side, stopPrice, price)) {
    return { stopPrice, reachedBy: price };
  }
  const next = terms.trail === undefined ? stopPrice : trailedStop(terms.trail, terms.side, stopPrice, price);
  return next === undefined ? {} : { stopPrice: next };
}
