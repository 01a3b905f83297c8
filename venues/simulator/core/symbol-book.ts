import { compare, minimum, subtract, ZERO, type Price, type Quantity } from '../../../domain/money/decimal';
import {
  isBuy,
  isPegged,
  leavesOf,
  visibleOf,
  workingPrice,
  type BookedOrder,
  type QuoteRow,
  type StandingQuote,
} from './book-types';
import { pegPriceOf } from './peg';

/** Something that an order can trade with now. */
export interface Counterparty {
  price: Price;
  size: Quantity;
  /** The user's order on the other side; absent when it is the market's shown size. */
  resting?: BookedOrder;
}

/**
 * The book of one symbol: the market's best bid and ask, and our users' open orders in price-time priority. An order
 * trades with the market's shown size at the market's price, and with other users strictly inside the market's spread;
 * at the market's price, the market was there first. So nobody trades through the market, nor at its price beyond
 * what it shows.
 */
export class SymbolBook {
  quote: StandingQuote | undefined;
  last: Price | undefined;
  private readonly buys: BookedOrder[] = [];
  private readonly sells: BookedOrder[] = [];
  /** Every open pegged order, also one that has no price now and therefore no rank. */
  private readonly pegs = new Set<BookedOrder>();

  /** Sets the market's quote; `taken` of its sides went before (only after a restart). */
  setQuote(row: QuoteRow, asOf: string, marketTime: string | undefined, taken: Taken = NOTHING_TAKEN): void {
    const { symbol: _symbol, ...sides } = row;
    this.quote = {
      ...sides,
      bidLeft: leftOf(row.bidSize, taken.bid),
      askLeft: leftOf(row.askSize, taken.ask),
      asOf,
      ...(marketTime !== undefined && { marketTime }),
    };
  }

  /** Takes `size` of what the market shows on the side that `buyer` trades with. */
  takeShown(buyer: boolean, size: Quantity): void {
    const { quote } = this;
    if (quote === undefined) return;
    if (buyer) quote.askLeft = leftOf(quote.askLeft, size);
    else quote.bidLeft = leftOf(quote.bidLeft, size);
  }

  insert(order: BookedOrder): void {
    if (isPegged(order)) {
      this.pegs.add(order);
      this.pricePeg(order);
      if (order.pegPrice === undefined) return;
    }
    this.rank(order);
  }

  remove(order: BookedOrder): void {
    this.unrank(order);
    if (this.pegs.delete(order)) delete order.pegPrice;
  }

  /** Places pegs that stand nowhere, as all do after a restart until the first quote: they have no place to be hit at. */
  placePegs(): void {
    for (const order of [...this.pegs].filter(({ pegPrice }) => pegPrice === undefined)) {
      this.pricePeg(order);
      if (order.pegPrice !== undefined) this.rank(order);
    }
  }

  /** Moves pegged orders to where they belong in the market as it stands; true when one moved. */
  movePegs(): boolean {
    let moved = false;
    for (const order of this.pegs) {
      if (pegPriceOf(order, this.quote) === order.pegPrice) continue;
      moved = true;
      this.unrank(order);
      this.pricePeg(order);
      if (order.pegPrice !== undefined) this.rank(order);
    }
    return moved;
  }

  /** Open orders of one side, best first: market orders, then by price, then by time. */
  ranked(side: 'buy' | 'sell'): readonly BookedOrder[] {
    return side === 'buy' ? this.buys : this.sells;
  }

  /** The best price that `order` can trade at now, and how much of it; undefined when there is none. */
  bestCounterparty(order: BookedOrder): Counterparty | undefined {
    const market = this.marketSide(order);
    const user = this.insideOrder(order);
    if (market === undefined || user === undefined) return user ?? market;
    return isBetterFor(order, user.price, market.price) ? user : market;
  }

  /** How much `order` could trade at once, up to its quantity: what fill-or-kill needs to know before it trades. */
  availableFor(order: BookedOrder): Quantity {
    let missing = order.quantity;
    const take = (size: Quantity): void => {
      missing = subtract(missing, minimum(missing, size));
    };
    take(this.marketSide(order)?.size ?? ZERO);
    for (const other of isBuy(order) ? this.sells : this.buys) {
      if (missing === ZERO) break;
      if (this.tradesInside(order, other)) take(leavesOf(other));
    }
    return subtract(order.quantity, missing);
  }

  private pricePeg(order: BookedOrder): void {
    const price = pegPriceOf(order, this.quote);
    if (price === undefined) delete order.pegPrice;
    else order.pegPrice = price;
  }

  private rank(order: BookedOrder): void {
    const side = this.sideOf(order);
    side.splice(placeIn(side, order), 0, order);
  }

  private unrank(order: BookedOrder): void {
    const side = this.sideOf(order);
    const index = side.indexOf(order);
    if (index >= 0) side.splice(index, 1);
  }

  private sideOf(order: BookedOrder): BookedOrder[] {
    return isBuy(order) ? this.buys : this.sells;
  }

  private marketSide(order: BookedOrder): Counterparty | undefined {
    const { quote } = this;
    const price = isBuy(order) ? quote?.ask : quote?.bid;
    const size = isBuy(order) ? quote?.askLeft : quote?.bidLeft;
    if (price === undefined || size === undefined || size === ZERO) return undefined;
    return isAllowed(order, price) ? { price, size } : undefined;
  }

  private insideOrder(order: BookedOrder): Counterparty | undefined {
    const resting = (isBuy(order) ? this.sells : this.buys).find((other) => this.tradesInside(order, other));
    const price = resting === undefined ? undefined : workingPrice(resting);
    if (resting === undefined || price === undefined) return undefined;
    return { price, size: visibleOf(resting), resting };
  }

  private tradesInside(order: BookedOrder, resting: BookedOrder): boolean {
    const { bid, ask } = this.quote ?? {};
    const price = workingPrice(resting);
    if (price === undefined || bid === undefined || ask === undefined) return false;
    return compare(bid, price) < 0 && compare(price, ask) < 0 && isAllowed(order, price);
  }
}

/** What was taken of each side of a quote before. */
export interface Taken {
  bid: Quantity;
  ask: Quantity;
}
export const NOTHING_TAKEN: Taken = { bid: ZERO, ask: ZERO };

function leftOf(size: Quantity | undefined, taken: Quantity): Quantity {
  return size === undefined ? ZERO : subtract(size, minimum(size, taken));
}

function isAllowed(order: BookedOrder, price: Price): boolean {
  const worst = workingPrice(order);
  if (worst === undefined) return !isPegged(order);
  const difference = compare(price, worst);
  return isBuy(order) ? difference <= 0 : difference >= 0;
}

function isBetterFor(order: BookedOrder, price: Price, other: Price): boolean {
  const difference = compare(price, other);
  return isBuy(order) ? difference < 0 : difference > 0;
}

/** Where `order` stands among orders that are ranked: binary search for the first that ranks behind it. */
function placeIn(side: readonly BookedOrder[], order: BookedOrder): number {
  let low = 0;
  let high = side.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = side[middle];
    if (other !== undefined && ranksBefore(other, order)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A peg stands behind all others at its price: each move would cost it its place, and its entry alone is on record. */
function ranksBefore(a: BookedOrder, b: BookedOrder): boolean {
  const [priceA, priceB] = [workingPrice(a), workingPrice(b)];
  if (priceA === undefined || priceB === undefined) {
    if (priceA === priceB) return a.priority < b.priority;
    return priceA === undefined;
  }
  const difference = compare(priceA, priceB);
  if (difference !== 0) return isBuy(a) ? difference > 0 : difference < 0;
  if (isPegged(a) !== isPegged(b)) return isPegged(b);
  return a.priority < b.priority;
}
