import { compare, subtract, type Price } from '../../../domain/money/decimal';
import { refuseOrder, refuseReplace } from './entry-rules';
import { holdAuction } from './hold-auction';
import { Matching } from './matching';
import { viewOf } from './order-view';
import { ReportWriter } from './report-writer';
import { VenueState } from './venue-state';
import { auctionKindOf } from './special-terms';
import {
  bustTrade,
  correctTrade,
  findExecution,
  refuseCorrection,
  type TradeRefusal,
} from './trade-corrections';
import type { Execution } from './executions';
import type { BookedOrder, JournalEntry, QuoteRow } from './book-types';
import type {
  WireAuction,
  WireAuctionKind,
  WireCancel,
  WireOrder,
  WireOrderView,
  WireReplace,
  WireTradeBust,
  WireTradeCorrection,
} from '../protocol';

const AUCTION_KINDS: readonly WireAuctionKind[] = ['close', 'open'];

export interface VenueRules {
  feePerShare: Price;
  /** When a day order entered at this instant ends; both ISO 8601 UTC. */
  dayEndOf(instant: string): string;
  /** The next auction after this instant, ISO 8601 UTC. */
  auctionAfter(kind: WireAuctionKind, instant: string): WireAuction;
}

/** What a command did: journal entries as JSON, to be stored before anybody hears of them. */
export interface Outcome {
  entries: string[];
  /** The order concerned as it is now, when the venue has it. */
  order?: WireOrderView;
  /** The reports that answer the command, as JSON. */
  reports: string[];
  /** The ClOrdID was known before; nothing was done, and the reports are all that there are. */
  duplicate: boolean;
}

/**
 * The venue's rules, without clock or I/O: each command changes the state at once and returns what to store. How orders
 * trade is in matching.ts; orders for an auction gather outside the book until it is held.
 */
export class VenueEngine {
  readonly state = new VenueState();
  private readonly rules: VenueRules;
  private readonly writer: ReportWriter;
  private readonly matching: Matching;
  private readonly listed = new Set<string>();

  constructor(rules: VenueRules) {
    this.rules = rules;
    this.writer = new ReportWriter(this.state, rules.feePerShare);
    this.matching = new Matching(this.state, this.writer);
  }

  list(symbols: Iterable<string>): void {
    for (const symbol of symbols) this.listed.add(symbol);
  }

  /** Records the epoch or the run of a market. */
  record(entry: JournalEntry): string[] {
    return this.writer.collect('', () => this.writer.entry(entry));
  }

  /** Everything that is known of a ClOrdID, of an order or of a request; undefined when it never came here. */
  status(clOrdId: string): Outcome | undefined {
    if (!this.state.knows(clOrdId)) return undefined;
    const order = this.state.orderOf(clOrdId);
    const reports = [...(order?.reports ?? this.state.strayReportsOf(clOrdId))];
    return { entries: [], reports, duplicate: true, ...(order !== undefined && { order: viewOf(order) }) };
  }

  enter(terms: WireOrder, at: string): Outcome {
    const repeat = this.status(terms.clOrdId);
    if (repeat !== undefined) return repeat;
    const venueOrderId = `V${this.state.epoch}-${this.state.orders.length + 1}`;
    const entries = this.writer.collect(at, () => {
      const ending = this.endingOf(terms, at);
      this.writer.entry({ e: 'order', venueOrderId, terms, enteredAt: at, ...ending });
      const order = this.known(terms.clOrdId);
      const isListed = this.listed.has(terms.symbol);
      const refused = refuseOrder(terms, { isListed, at, auction: ending.auction });
      if (refused !== undefined) return this.writer.report(order, 'rejected', { ...refused });
      this.writer.report(order, 'accepted');
      this.matching.enter(order);
    });
    const order = this.known(terms.clOrdId);
    return { entries, order: viewOf(order), reports: [...order.reports], duplicate: false };
  }

  cancel(origClOrdId: string, cancel: WireCancel, at: string): Outcome {
    return this.request('cancelRejected', origClOrdId, cancel, at, (order) => {
      const ids = { clOrdId: cancel.clOrdId, origClOrdId: order.clOrdId };
      if (order.open) return this.writer.report(order, 'cancelled', ids);
      const text = `too late to cancel: status=${order.status}`;
      this.writer.report(order, 'cancelRejected', { ...ids, reason: '0', text });
    });
  }

  replace(origClOrdId: string, wanted: WireReplace, at: string): Outcome {
    return this.request('replaceRejected', origClOrdId, wanted, at, (order) => {
      const ids = { clOrdId: wanted.clOrdId, origClOrdId: order.clOrdId };
      const refused = refuseReplace(order, wanted, at);
      if (refused !== undefined) return this.writer.report(order, 'replaceRejected', { ...ids, ...refused });
      // Down to what is filled or below ends the order there, as filled (FIX 4.4 Appendix D, D11).
      const orderQty = compare(wanted.quantity, order.cumQty) < 0 ? order.cumQty : wanted.quantity;
      const leavesQty = subtract(orderQty, order.cumQty);
      const price = wanted.limitPrice === undefined ? {} : { limitPrice: wanted.limitPrice };
      this.writer.report(order, 'replaced', { ...ids, orderQty, leavesQty, ...price });
      this.matching.take(order);
    });
  }

  /** An act of the venue's operator: takes an execution back, named by the last id of its chain. */
  bust(execId: string, wanted: WireTradeBust, at: string): Outcome | TradeRefusal {
    const execution = findExecution(this.state, execId);
    if ('code' in execution) return execution;
    return this.changeTrade(execution, at, () => bustTrade(this.tradeDesk, execution, wanted));
  }

  /** An act of the venue's operator: restates an execution as a whole, named by the last id of its chain. */
  correct(execId: string, wanted: WireTradeCorrection, at: string): Outcome | TradeRefusal {
    const execution = findExecution(this.state, execId);
    if ('code' in execution) return execution;
    const refused = refuseCorrection(execution, wanted);
    if (refused !== undefined) return refused;
    return this.changeTrade(execution, at, () => correctTrade(this.tradeDesk, execution, wanted));
  }

  private changeTrade({ order }: Execution, at: string, act: () => void): Outcome {
    const known = order.reports.length;
    const entries = this.writer.collect(at, act);
    return { entries, order: viewOf(order), reports: order.reports.slice(known), duplicate: false };
  }

  private get tradeDesk() {
    const { state, writer, rules } = this;
    return { state, writer, rules, take: (order: BookedOrder) => this.matching.take(order) };
  }

  /** New rows of the market: each renews the shown size of its symbol, and open orders trade with it. */
  onQuotes(rows: readonly QuoteRow[], at: string, marketTime?: string): string[] {
    return this.writer.collect(at, () => {
      this.writer.marketTime = marketTime;
      for (const row of rows) {
        this.listed.add(row.symbol);
        const taken = this.state.takenOf(row.symbol, row.id);
        this.state.book(row.symbol).setQuote(row, at, marketTime, taken);
        this.matching.tradeOn(row.symbol);
      }
    });
  }

  onTrade(symbol: string, price: Price): void {
    this.listed.add(symbol);
    this.state.book(symbol).last = price;
  }

  /** Ends the orders whose day or date is over. */
  expireDue(at: string): string[] {
    const due = this.state.dueAt(Date.parse(at));
    return this.writer.collect(at, () => {
      for (const order of due) {
        const text = order.terms.timeInForce === 'gtd' ? 'good till date' : 'end of day';
        this.writer.report(order, 'expired', { text });
      }
    });
  }

  /** Holds the auctions that are due, the closing of a day before the opening of the next. */
  holdDueAuctions(at: string): string[] {
    return this.writer.collect(at, () => {
      for (const kind of AUCTION_KINDS) {
        holdAuction(this.state, this.writer, kind, this.state.waitingFor(kind, Date.parse(at)));
      }
    });
  }

  /** Holds an auction now, whenever it was due: for those who run the venue by hand. */
  holdAuctionNow(kind: WireAuctionKind, at: string): string[] {
    return this.writer.collect(at, () =>
      holdAuction(this.state, this.writer, kind, this.state.waitingFor(kind)),
    );
  }

  /** When an order ends by itself: at its auction, at its date, or with the day. */
  private endingOf(terms: WireOrder, at: string): { expiresAt?: string; auction?: WireAuction } {
    const kind = auctionKindOf(terms);
    if (kind !== undefined) return { auction: this.rules.auctionAfter(kind, at) };
    if (terms.timeInForce === 'gtd' && terms.expireAt !== undefined) return { expiresAt: terms.expireAt };
    return terms.timeInForce === 'day' ? { expiresAt: this.rules.dayEndOf(at) } : {};
  }

  private request(
    refusal: 'cancelRejected' | 'replaceRejected',
    origClOrdId: string,
    { clOrdId, clientRef }: WireCancel | WireReplace,
    at: string,
    act: (order: BookedOrder) => void,
  ): Outcome {
    const repeat = this.status(clOrdId);
    if (repeat !== undefined) return repeat;
    const order = this.state.orderOf(origClOrdId);
    const known = order?.reports.length ?? 0;
    const entries = this.writer.collect(at, () => {
      const target = order === undefined ? {} : { venueOrderId: order.venueOrderId };
      this.writer.entry({ e: 'request', clOrdId, ...target });
      if (order !== undefined) return act(order);
      const ref = clientRef === undefined ? {} : { clientRef };
      const text = `unknown order: origClOrdId=${origClOrdId}`;
      this.writer.bare({ kind: refusal, clOrdId, origClOrdId, ...ref, reason: '1', text });
    });
    const all = order?.reports ?? this.state.strayReportsOf(clOrdId);
    const view = order === undefined ? {} : { order: viewOf(order) };
    return { entries, reports: all.slice(known), duplicate: false, ...view };
  }

  private known(clOrdId: string): BookedOrder {
    const order = this.state.orderOf(clOrdId);
    if (order === undefined) throw new Error(`order ${clOrdId} was entered and is not there`);
    return order;
  }
}
