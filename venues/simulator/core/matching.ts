import { compare, minimum, type Quantity } from '../../../domain/money/decimal';
import { isBuy, leavesOf, visibleOf, type BookedOrder } from './book-types';
import type { ReportWriter } from './report-writer';
import type { VenueState } from './venue-state';

/**
 * Continuous trading. An order fills at the market's shown price up to its shown size; what is left of a day, good-till
 * or market order waits, and trades on at later quotes at the price shown then. Immediate-or-cancel takes what is
 * there; fill-or-kill trades whole or not at all. A resting iceberg trades one shown tranche at a time. An order for
 * an auction does not trade here.
 */
export class Matching {
  private readonly state: VenueState;
  private readonly writer: ReportWriter;

  constructor(state: VenueState, writer: ReportWriter) {
    this.state = state;
    this.writer = writer;
  }

  /** Lets a new order trade, and ends what its time in force does not let wait. */
  enter(order: BookedOrder): void {
    const { timeInForce, symbol } = order.terms;
    if (timeInForce === 'fok') {
      const available = this.state.book(symbol).availableFor(order);
      if (compare(available, order.quantity) < 0) {
        return this.writer.report(order, 'cancelled', { text: 'fill or kill: not enough to fill it whole' });
      }
    }
    this.take(order);
    if (order.open && timeInForce === 'ioc') {
      this.writer.report(order, 'cancelled', { text: 'immediate or cancel: the rest was not there' });
    }
  }

  /** Lets `order` trade with the best that is there until it is filled or nothing is left for it. */
  take(order: BookedOrder): void {
    if (order.auction !== undefined) return;
    while (order.open && this.tradeOnce(order, leavesOf(order)));
  }

  /**
   * After a new quote: the market trades with pegs where they stood, because nobody moves before he is hit; then they
   * follow it, and trade where they stand now.
   */
  tradeOn(symbol: string): void {
    const book = this.state.book(symbol);
    book.placePegs();
    this.tradeRanked(symbol);
    if (book.movePegs()) this.tradeRanked(symbol);
  }

  /** Both sides in their ranks, until the first that finds nothing. */
  private tradeRanked(symbol: string): void {
    for (const side of ['buy', 'sell'] as const) {
      const ranked = this.state.book(symbol).ranked(side);
      for (let first = ranked[0]; first !== undefined; first = ranked[0]) {
        if (!this.tradeOnce(first, visibleOf(first))) break;
      }
    }
  }

  /** One trade of `order`, of at most `sizeMax`, with the best that is there; false when nothing is. */
  private tradeOnce(order: BookedOrder, sizeMax: Quantity): boolean {
    const book = this.state.book(order.terms.symbol);
    const best = book.bestCounterparty(order);
    if (best === undefined) return false;
    const size = minimum(sizeMax, best.size);
    if (best.resting === undefined) {
      book.takeShown(isBuy(order), size);
      this.writer.fill(order, size, best.price, book.quote?.id);
    } else {
      this.writer.fill(order, size, best.price);
      this.writer.fill(best.resting, size, best.price);
    }
    return true;
  }
}
