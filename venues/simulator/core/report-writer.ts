import { add, multiply, subtract, ZERO, type Price, type Quantity } from '../../../domain/money/decimal';
import { leavesOf, type BookedOrder, type JournalEntry } from './book-types';
import type { VenueState } from './venue-state';
import type { WireReport, WireReportKind } from '../protocol';

/** Makes entries of the journal: each changes the state at once and is collected for the disk. */
export class ReportWriter {
  /** Time of the recorded market; undefined when the market is not recorded. */
  marketTime: string | undefined;
  private readonly state: VenueState;
  private readonly feePerShare: Price;
  private entries: string[] = [];
  private at = '';

  constructor(state: VenueState, feePerShare: Price) {
    this.state = state;
    this.feePerShare = feePerShare;
  }

  /** Runs `work` at the time `at`; returns the entries that it made, as JSON. */
  collect(at: string, work: () => void): string[] {
    this.at = at;
    this.entries = [];
    work();
    return this.entries;
  }

  entry(entry: JournalEntry): void {
    this.state.apply(entry);
    this.entries.push(JSON.stringify(entry));
  }

  /** An execution; `quoteId` names the quote row when the market's shown size was taken. */
  fill(order: BookedOrder, lastQty: Quantity, lastPx: Price, quoteId?: string): void {
    const fee = multiply(lastQty, this.feePerShare);
    const cumQty = add(order.cumQty, lastQty);
    const leavesQty = subtract(order.quantity, cumQty);
    const { marketTime } = this;
    const time = marketTime === undefined ? {} : { marketTime };
    this.report(order, 'fill', { lastQty, lastPx, fee, cumQty, leavesQty, ...time }, quoteId);
  }

  report(order: BookedOrder, kind: WireReportKind, more: Partial<WireReport> = {}, quoteId?: string): void {
    const { clientRef, symbol, side } = order.terms;
    const isOver = kind === 'rejected' || kind === 'cancelled' || kind === 'expired';
    const working = kind === 'accepted' ? order.quantity : leavesOf(order);
    this.bare(
      {
        kind,
        clOrdId: order.clOrdId,
        venueOrderId: order.venueOrderId,
        ...(clientRef !== undefined && { clientRef }),
        symbol,
        side,
        cumQty: order.cumQty,
        leavesQty: isOver ? ZERO : working,
        ...more,
      },
      quoteId,
    );
  }

  /** A report as given, with its place in the sequence, its time and, where its kind has one, its id. */
  bare(body: Omit<WireReport, 'seq' | 'transactTime'>, quoteId?: string): void {
    const seq = this.state.log.length + 1;
    const hasExecId = body.kind !== 'cancelRejected' && body.kind !== 'replaceRejected';
    const execId = hasExecId ? { execId: `${this.state.epoch}-${seq}` } : {};
    const report: WireReport = { seq, ...execId, ...body, transactTime: this.at };
    const text = JSON.stringify(report);
    this.state.apply({ e: 'report', report, ...(quoteId !== undefined && { quoteId }) }, text);
    const quote = quoteId === undefined ? '' : `,"quoteId":${JSON.stringify(quoteId)}`;
    this.entries.push(`{"e":"report","report":${text}${quote}}`);
  }
}
