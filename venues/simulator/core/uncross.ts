import {
  absolute,
  add,
  compare,
  decimal,
  isPositive,
  minimum,
  multiply,
  nearestMultiples,
  subtract,
  sum,
  ZERO,
  type Price,
  type Quantity,
} from '../../../domain/money/decimal';
import { isBuy, leavesOf, type BookedOrder, type StandingQuote } from './book-types';

/** A share of an auction: what `order` trades with other users, and what with the market's shown size. */
export interface AuctionFill {
  order: BookedOrder;
  withUsers: Quantity;
  withMarket: Quantity;
}
export interface AuctionResult {
  price: Price;
  fills: AuctionFill[];
}

/** Somebody on one side of an auction; without an order it is the market with its shown size. */
interface Interest {
  order?: BookedOrder;
  /** Undefined trades at any price. */
  limit?: Price;
  size: Quantity;
}

const TICK = decimal('0.01');
const HALF = decimal('0.5');

/**
 * The one price at which the gathered orders and the market's shown size trade most. Among equal volumes: the least
 * left over, then the nearest to the middle of the market (or what is known of it), then the lower one. Within a
 * side market orders go first, then the better price; at one price the market was there first, then time decides.
 * Undefined when nothing can trade.
 */
export function uncross(
  orders: readonly BookedOrder[],
  quote: StandingQuote | undefined,
  last: Price | undefined,
): AuctionResult | undefined {
  const buys = interestsOf(orders.filter(isBuy), quote?.bid, quote?.bidLeft);
  const sells = interestsOf(
    orders.filter((order) => !isBuy(order)),
    quote?.ask,
    quote?.askLeft,
  );
  const best = bestPrice(buys, sells, referencePrice(quote, last));
  if (best === undefined) return undefined;
  const { price, volume } = best;
  const bought = share(ranked(willingToBuy(buys, price), true), volume);
  const sold = share(ranked(willingToSell(sells, price), false), volume);
  return { price, fills: [...fillsOf(bought, marketPart(sold)), ...fillsOf(sold, marketPart(bought))] };
}

function interestsOf(orders: readonly BookedOrder[], shown?: Price, size?: Quantity): Interest[] {
  const market =
    shown !== undefined && size !== undefined && isPositive(size) ? [{ limit: shown, size }] : [];
  return [
    ...market,
    ...orders.map((order) => ({
      order,
      size: leavesOf(order),
      ...(order.limitPrice !== undefined && { limit: order.limitPrice }),
    })),
  ];
}

/** The middle of the market on the tick at or below it; the side that there is; the last trade. */
function referencePrice(quote: StandingQuote | undefined, last: Price | undefined): Price | undefined {
  const { bid, ask } = quote ?? {};
  if (bid !== undefined && ask !== undefined) {
    return nearestMultiples(multiply(add(bid, ask), HALF), TICK).below;
  }
  return bid ?? ask ?? last;
}

interface Candidate {
  price: Price;
  volume: Quantity;
  leftOver: Quantity;
  distance: Price;
}

function bestPrice(
  buys: readonly Interest[],
  sells: readonly Interest[],
  reference: Price | undefined,
): Candidate | undefined {
  // Many orders stand at few prices: per price the work does not grow with the orders.
  const [bids, asks] = [byLimit(buys), byLimit(sells)];
  const limits = [...bids, ...asks].flatMap(({ limit }) => limit ?? []);
  const prices = new Set(reference === undefined ? limits : [...limits, reference]);
  let best: Candidate | undefined;
  for (const price of [...prices].filter(isPositive)) {
    const demand = sum(willingToBuy(bids, price).map(({ size }) => size));
    const supply = sum(willingToSell(asks, price).map(({ size }) => size));
    const candidate = {
      price,
      volume: minimum(demand, supply),
      leftOver: absolute(subtract(demand, supply)),
      distance: reference === undefined ? ZERO : absolute(subtract(price, reference)),
    };
    if (candidate.volume !== ZERO && (best === undefined || isBetter(candidate, best))) best = candidate;
  }
  return best;
}

function byLimit(interests: readonly Interest[]): Interest[] {
  const levels = new Map<Price | undefined, Interest>();
  for (const { limit, size } of interests) {
    const before = levels.get(limit)?.size ?? ZERO;
    levels.set(limit, { size: add(before, size), ...(limit !== undefined && { limit }) });
  }
  return [...levels.values()];
}

function isBetter(a: Candidate, b: Candidate): boolean {
  const byRule = [
    compare(b.volume, a.volume),
    compare(a.leftOver, b.leftOver),
    compare(a.distance, b.distance),
    compare(a.price, b.price),
  ];
  return (byRule.find((difference) => difference !== 0) ?? 0) < 0;
}

function willingToBuy(buys: readonly Interest[], price: Price): Interest[] {
  return buys.filter(({ limit }) => limit === undefined || compare(limit, price) >= 0);
}

function willingToSell(sells: readonly Interest[], price: Price): Interest[] {
  return sells.filter(({ limit }) => limit === undefined || compare(limit, price) <= 0);
}

function ranked(side: readonly Interest[], isBuySide: boolean): Interest[] {
  return [...side].sort((a, b) => {
    if (a.limit === undefined || b.limit === undefined) {
      if (a.limit !== b.limit) return a.limit === undefined ? -1 : 1;
    } else {
      const difference = compare(a.limit, b.limit);
      if (difference !== 0) return isBuySide ? -difference : difference;
    }
    return (a.order?.priority ?? 0) - (b.order?.priority ?? 0);
  });
}

/** Gives `volume` out in the order of rank. */
function share(side: readonly Interest[], volume: Quantity): Interest[] {
  let left = volume;
  return side.flatMap((interest) => {
    const size = minimum(interest.size, left);
    left = subtract(left, size);
    return size === ZERO ? [] : [{ ...interest, size }];
  });
}

function marketPart(side: readonly Interest[]): Quantity {
  return sum(side.filter(({ order }) => order === undefined).map(({ size }) => size));
}

/** What came from the market goes to those who rank first on the other side. */
function fillsOf(side: readonly Interest[], fromMarket: Quantity): AuctionFill[] {
  let left = fromMarket;
  return side.flatMap(({ order, size }) => {
    if (order === undefined) return [];
    const withMarket = minimum(size, left);
    left = subtract(left, withMarket);
    return [{ order, withMarket, withUsers: subtract(size, withMarket) }];
  });
}
