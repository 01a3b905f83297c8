import {
  add,
  compare,
  isPositive,
  minimum,
  subtract,
  ZERO,
  type Quantity,
} from '../../../domain/money/decimal';
import { assertNever } from '../../../domain/errors/assert-never';
import { Executions } from './executions';
import { SymbolBook, type Taken } from './symbol-book';
import { isBuy, leavesOf, type BookedOrder, type JournalEntry, type MarketRun } from './book-types';
import type { WireAuctionKind, WireOrderStatus, WireReport } from '../protocol';

/**
 * Everything that the venue knows, as the fold of its journal: what happens while it runs and what it reads after a
 * restart go through the same `apply`, so that both lead to the same books.
 */
export class VenueState {
  epoch = '';
  lastRun: MarketRun | undefined;
  /** All reports as text; the one with sequence number n is at n - 1. */
  readonly log: string[] = [];
  readonly orders: BookedOrder[] = [];
  readonly executions = new Executions();
  private readonly books = new Map<string, SymbolBook>();
  private readonly byVenueOrderId = new Map<string, BookedOrder>();
  /** Every ClOrdID ever seen; without an order when a request named none of ours. */
  private readonly byClOrdId = new Map<string, BookedOrder | undefined>();
  private readonly strayReports = new Map<string, string[]>();
  /** Open orders that end at a time of their own: those of a day, and good-till-date. */
  private readonly timed = new Set<BookedOrder>();
  /** Open orders that wait for an auction. */
  private readonly gathered = new Set<BookedOrder>();
  private readonly taken = new Map<string, Taken & { quoteId: string }>();

  book(symbol: string): SymbolBook {
    let book = this.books.get(symbol);
    if (book === undefined) {
      book = new SymbolBook();
      this.books.set(symbol, book);
    }
    return book;
  }

  symbols(): IterableIterator<[string, SymbolBook]> {
    return this.books.entries();
  }

  knows(clOrdId: string): boolean {
    return this.byClOrdId.has(clOrdId);
  }

  orderOf(clOrdId: string): BookedOrder | undefined {
    return this.byClOrdId.get(clOrdId);
  }

  /** Reports about requests that named an order that the venue never had. */
  strayReportsOf(clOrdId: string): readonly string[] {
    return this.strayReports.get(clOrdId) ?? [];
  }

  /** Open orders whose time ended at or before `atMs`. */
  dueAt(atMs: number): BookedOrder[] {
    return [...this.timed].filter(
      ({ expiresAt }) => expiresAt !== undefined && Date.parse(expiresAt) <= atMs,
    );
  }

  /** Open orders for auctions of this kind; with `atMs` only for those that were due by then. */
  waitingFor(kind: WireAuctionKind, atMs = Number.POSITIVE_INFINITY): BookedOrder[] {
    return [...this.gathered].filter(
      ({ auction }) => auction?.kind === kind && Date.parse(auction.at) <= atMs,
    );
  }

  /** What our users took of the quote row `quoteId`, when that is the last one that they took from. */
  takenOf(symbol: string, quoteId: string | undefined): Taken | undefined {
    const taken = this.taken.get(symbol);
    return quoteId !== undefined && taken?.quoteId === quoteId ? taken : undefined;
  }

  /** Takes one entry in; `text` is the report as it is kept, when the caller has it already. */
  apply(entry: JournalEntry, text?: string): void {
    switch (entry.e) {
      case 'venue':
        this.epoch = entry.epoch;
        return;
      case 'market':
        this.lastRun = entry.run;
        return;
      case 'order':
        this.applyOrder(entry);
        return;
      case 'request':
        this.byClOrdId.set(entry.clOrdId, this.byVenueOrderId.get(entry.venueOrderId ?? ''));
        return;
      case 'report':
        this.applyReport(entry.report, text ?? JSON.stringify(entry.report), entry.quoteId);
        return;
      default:
        assertNever(entry);
    }
  }

  private applyOrder({
    venueOrderId,
    terms,
    enteredAt,
    expiresAt,
    auction,
  }: Extract<JournalEntry, { e: 'order' }>): void {
    const order: BookedOrder = {
      venueOrderId,
      entryClOrdId: terms.clOrdId,
      clOrdId: terms.clOrdId,
      terms,
      quantity: terms.quantity,
      cumQty: ZERO,
      status: 'new',
      open: false,
      priority: 0,
      enteredAt,
      reports: [],
      ...(terms.limitPrice !== undefined && { limitPrice: terms.limitPrice }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(auction !== undefined && { auction }),
    };
    this.orders.push(order);
    this.byVenueOrderId.set(venueOrderId, order);
    this.byClOrdId.set(terms.clOrdId, order);
  }

  private applyReport(report: WireReport, text: string, quoteId: string | undefined): void {
    if (report.seq !== this.log.length + 1)
      throw new Error(`report ${report.seq} follows ${this.log.length}`);
    this.log.push(text);
    const order = this.byVenueOrderId.get(report.venueOrderId ?? '');
    if (order === undefined) {
      this.strayReports.set(report.clOrdId, [...this.strayReportsOf(report.clOrdId), text]);
      return;
    }
    order.reports.push(text);
    switch (report.kind) {
      case 'accepted':
        return this.openOrder(order, report.seq);
      case 'rejected':
        return this.closeOrder(order, 'rejected');
      case 'cancelled':
        return this.closeOrder(order, 'cancelled');
      case 'expired':
        return this.closeOrder(order, 'expired');
      case 'fill':
        return this.applyFill(order, report, quoteId);
      case 'replaced':
        return this.applyReplaced(order, report);
      case 'bust':
      case 'correct':
        return this.applyCorrection(order, report);
      case 'cancelRejected':
      case 'replaceRejected':
        return;
      default:
        assertNever(report.kind);
    }
  }

  private openOrder(order: BookedOrder, seq: number): void {
    order.open = true;
    order.priority = seq;
    showTranche(order);
    if (order.auction === undefined) this.book(order.terms.symbol).insert(order);
    else this.gathered.add(order);
    if (order.expiresAt !== undefined) this.timed.add(order);
  }

  private closeOrder(order: BookedOrder, status: WireOrderStatus): void {
    this.book(order.terms.symbol).remove(order);
    order.open = false;
    order.status = status;
    this.timed.delete(order);
    this.gathered.delete(order);
  }

  /** The report says what is filled now, and whether anything of the order is open. */
  private applyCorrection(order: BookedOrder, report: WireReport): void {
    this.executions.change(report);
    const { cumQty = order.cumQty, leavesQty = ZERO } = report;
    order.cumQty = cumQty;
    if (order.open && leavesQty === ZERO) this.closeOrder(order, 'filled');
    else if (leavesQty !== ZERO) {
      order.status = cumQty === ZERO ? 'new' : 'partiallyFilled';
      if (!order.open) this.openOrder(order, report.seq);
    }
  }

  private applyFill(order: BookedOrder, report: WireReport, quoteId: string | undefined): void {
    const { lastQty = ZERO, seq } = report;
    this.executions.add(order, report);
    order.cumQty = add(order.cumQty, lastQty);
    order.status = 'partiallyFilled';
    if (leavesOf(order) === ZERO) this.closeOrder(order, 'filled');
    else this.refresh(order, lastQty, seq);
    if (quoteId === undefined) return;
    const { symbol } = order.terms;
    const before = this.takenOf(symbol, quoteId) ?? { bid: ZERO, ask: ZERO };
    const bid = isBuy(order) ? before.bid : add(before.bid, lastQty);
    const ask = isBuy(order) ? add(before.ask, lastQty) : before.ask;
    this.taken.set(symbol, { quoteId, bid, ask });
  }

  /** When the tranche that an iceberg shows is gone, the next one shows, at the end of the queue. */
  private refresh(order: BookedOrder, traded: Quantity, seq: number): void {
    if (order.shown === undefined) return;
    order.shown = subtract(order.shown, minimum(order.shown, traded));
    if (isPositive(order.shown)) return;
    const book = this.book(order.terms.symbol);
    book.remove(order);
    order.priority = seq;
    showTranche(order);
    book.insert(order);
  }

  /** An order keeps its place only when nothing but its quantity changed, and that downwards. */
  private applyReplaced(order: BookedOrder, { clOrdId, orderQty, limitPrice, seq }: WireReport): void {
    const book = this.book(order.terms.symbol);
    book.remove(order);
    const quantity = orderQty ?? order.quantity;
    const keepsPlace = limitPrice === order.limitPrice && compare(quantity, order.quantity) <= 0;
    order.clOrdId = clOrdId;
    order.quantity = quantity;
    if (limitPrice !== undefined) order.limitPrice = limitPrice;
    if (!keepsPlace) {
      order.priority = seq;
      showTranche(order);
    } else if (order.shown !== undefined) order.shown = minimum(order.shown, leavesOf(order));
    if (leavesOf(order) === ZERO) this.closeOrder(order, 'filled');
    else if (order.auction === undefined) book.insert(order);
  }
}

/** An iceberg shows its display quantity, or what is left when that is less. */
function showTranche(order: BookedOrder): void {
  const { displayQuantity } = order.terms;
  if (displayQuantity !== undefined) order.shown = minimum(displayQuantity, leavesOf(order));
}
