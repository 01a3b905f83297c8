import { ZERO } from '../../../domain/money/decimal';
import { isBuy, type BookedOrder } from './book-types';
import type { SymbolBook } from './symbol-book';
import { uncross, type AuctionResult } from './uncross';
import type { WireAuctionKind } from '../protocol';
import type { ReportWriter } from './report-writer';
import type { VenueState } from './venue-state';

const NAMES: Readonly<Record<WireAuctionKind, string>> = { open: 'opening', close: 'closing' };

/** Lets the orders that wait for one auction trade, symbol by symbol; whatever is left of them ends. */
export function holdAuction(
  state: VenueState,
  writer: ReportWriter,
  kind: WireAuctionKind,
  waiting: readonly BookedOrder[],
): void {
  for (const symbol of new Set(waiting.map(({ terms }) => terms.symbol))) {
    const book = state.book(symbol);
    const orders = waiting.filter(({ terms }) => terms.symbol === symbol);
    const result = uncross(orders, book.quote, book.last);
    if (result !== undefined) trade(book, writer, result);
    for (const order of orders.filter(({ open }) => open)) {
      writer.report(order, 'expired', { text: `not filled in the ${NAMES[kind]} auction` });
    }
  }
}

function trade(book: SymbolBook, writer: ReportWriter, { price, fills }: AuctionResult): void {
  for (const { order, withMarket, withUsers } of fills) {
    if (withMarket !== ZERO) {
      book.takeShown(isBuy(order), withMarket);
      writer.fill(order, withMarket, price, book.quote?.id);
    }
    if (withUsers !== ZERO) writer.fill(order, withUsers, price);
  }
}
