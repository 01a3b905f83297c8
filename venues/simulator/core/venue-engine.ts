import { compare, minimum, subtract, type Price } from '../../../domain/money/decimal';
import { refuseOrder, refuseReplace } from './entry-rules';
import { viewOf } from './order-view';
import { ReportWriter } from './report-writer';
import { VenueState } from './venue-state';
import { isBuy, leavesOf, type BookedOrder, type JournalEntry, type QuoteRow } from './book-types';
import {
  bustTrade,
  correctTrade,
  findExecution,
  refuseCorrection,
  type TradeRefusal,
} from './trade-corrections';
import type { Execution } from './executions';
import type {
  WireCancel,
  WireOrder,
  WireOrderView,
  WireReplace,
  WireTradeBust,
  WireTradeCorrection,
} from '../protocol';

export interface VenueRules {
  feePerShare: Price;
  /** When a day order entered at this instant ends; both ISO 8601 UTC. */
  dayEndOf(instant: string): string;
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
 * The venue's rules, without clock or I/O: each command changes the state at once and returns what to store. An order
 * fills at the market's shown price up to its shown size; what is left of a day, good-till-cancelled or market order
 * waits, and trades on at later quotes at the price shown then. Immediate-or-cancel takes what is there;
 * fill-or-kill trades whole or not at all.
 */
export class VenueEngine {
  readonly state = new VenueState();
  private readonly rules: VenueRules;
  private readonly writer: ReportWriter;
  private readonly listed = new Set<string>();

  constructor(rules: VenueRules) {
    this.rules = rules;
    this.writer = new ReportWriter(this.state, rules.feePerShare);
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
      const end = terms.timeInForce === 'day' ? { expiresAt: this.rules.dayEndOf(at) } : {};
      this.writer.entry({ e: 'order', venueOrderId, terms, enteredAt: at, ...end });
      const order = this.known(terms.clOrdId);
      const refused = refuseOrder(terms, this.listed.has(terms.symbol));
      if (refused !== undefined) return this.writer.report(order, 'rejected', { ...refused });
      this.writer.report(order, 'accepted');
      this.tradeEntry(order);
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
      const refused = refuseReplace(order, wanted);
      if (refused !== undefined) return this.writer.report(order, 'replaceRejected', { ...ids, ...refused });
      // Down to what is filled or below ends the order there, as filled (FIX 4.4 Appendix D, D11).
      const orderQty = compare(wanted.quantity, order.cumQty) < 0 ? order.cumQty : wanted.quantity;
      const leavesQty = subtract(orderQty, order.cumQty);
      const price = wanted.limitPrice === undefined ? {} : { limitPrice: wanted.limitPrice };
      this.writer.report(order, 'replaced', { ...ids, orderQty, leavesQty, ...price });
      this.take(order);
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
    return { state, writer, rules, take: (order: BookedOrder) => this.take(order) };
  }

  /** New rows of the market: each renews the shown size of its symbol, and open orders trade with it. */
  onQuotes(rows: readonly QuoteRow[], at: string, marketTime?: string): string[] {
    return this.writer.collect(at, () => {
      this.writer.marketTime = marketTime;
      for (const row of rows) {
        this.listed.add(row.symbol);
        const taken = this.state.takenOf(row.symbol, row.id);
        this.state.book(row.symbol).setQuote(row, at, marketTime, taken);
        this.tradeOn(row.symbol);
      }
    });
  }

  onTrade(symbol: string, price: Price): void {
    this.listed.add(symbol);
    this.state.book(symbol).last = price;
  }

  /** Ends the day orders whose day is over. */
  expireDue(at: string): string[] {
    const due = this.state.dueAt(Date.parse(at));
    return this.writer.collect(at, () => {
      for (const order of due) this.writer.report(order, 'expired', { text: 'end of day' });
    });
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

  private tradeEntry(order: BookedOrder): void {
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
  private take(order: BookedOrder): void {
    const book = this.state.book(order.terms.symbol);
    while (order.open) {
      const best = book.bestCounterparty(order);
      if (best === undefined) return;
      const size = minimum(leavesOf(order), best.size);
      if (best.resting === undefined) {
        book.takeShown(isBuy(order), size);
        this.writer.fill(order, size, best.price, book.quote?.id);
      } else {
        this.writer.fill(order, size, best.price);
        this.writer.fill(best.resting, size, best.price);
      }
    }
  }

  /** After a new quote: both sides in their ranks, until the first that finds nothing. */
  private tradeOn(symbol: string): void {
    for (const side of ['buy', 'sell'] as const) {
      const ranked = this.state.book(symbol).ranked(side);
      for (let first = ranked[0]; first !== undefined; first = ranked[0]) {
        this.take(first);
        if (first.open) break;
      }
    }
  }

  private known(clOrdId: string): BookedOrder {
    const order = this.state.orderOf(clOrdId);
    if (order === undefined) throw new Error(`order ${clOrdId} was entered and is not there`);
    return order;
  }
}
