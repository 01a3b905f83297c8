import { LineJournal } from '../../journal/line-journal';
import { TickHistory } from '../core/tick-history';
import { VenueEngine, type Outcome, type VenueRules } from '../core/venue-engine';
import type { JournalEntry, MarketRun, QuoteRow } from '../core/book-types';
import type { Market, MarketSink, PastRows } from '../market/market';
import type { WireCancel, WireOrder, WireQuote, WireReplace } from '../protocol';
import type { Logger } from '../../../observability/logger';

const EXPIRY_CHECK_MS = 1_000;
/** The venue keeps every order in memory, about 1.5 KB each. */
export const ORDERS_MAX = 1_000_000;

export interface VenueHostOptions {
  journalPath: string;
  rules: VenueRules;
  logger: Logger;
  /** Called when the journal cannot be written: memory is then ahead of the disk, and the process must end. */
  onJournalFailure(fault: unknown): void;
  nowMs?: () => number;
}

/**
 * The venue at work: engine, journal, clock and those who listen. Nothing is told to anybody, neither as an answer
 * nor on the stream, before it is on disk.
 */
export class VenueHost implements MarketSink {
  readonly engine: VenueEngine;
  /** Sequence number of the last report on disk; the stream shows nothing beyond it. */
  committedSeq = 0;
  private readonly options: VenueHostOptions;
  private readonly journal: LineJournal;
  private readonly listeners = new Set<VenueListener>();
  readonly ticks = new TickHistory();
  /** Symbols that traded since quotes were told last. */
  private readonly traded = new Set<string>();
  private expiry: NodeJS.Timeout | undefined;
  private market: Market | undefined;

  private constructor(options: VenueHostOptions, engine: VenueEngine, journal: LineJournal) {
    this.options = options;
    this.engine = engine;
    this.journal = journal;
    this.committedSeq = engine.state.log.length;
  }

  /** Reads the journal, so that the books are as they were. Throws when it cannot be read. */
  static async open(options: VenueHostOptions): Promise<VenueHost> {
    const engine = new VenueEngine(options.rules);
    const journal = await LineJournal.open(options.journalPath, (line) => {
      for (const entry of JSON.parse(line) as JournalEntry[]) engine.state.apply(entry);
    });
    const host = new VenueHost(options, engine, journal);
    if (engine.state.epoch === '') {
      await host.commit(engine.record({ e: 'venue', epoch: newEpoch(host.nowMs()) }));
    }
    return host;
  }

  /** Ends what is due, opens the market and begins to expire day orders. */
  async start(market: Market): Promise<void> {
    this.market = market;
    this.engine.list(market.symbols);
    this.expireDue();
    await market.start(this);
    this.expiry = setInterval(() => this.expireDue(), EXPIRY_CHECK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.expiry);
    await this.market?.stop();
    await this.journal.close();
  }

  /** True while another order can be taken; cancels and replaces always can. */
  hasRoom(): boolean {
    return this.engine.state.orders.length < ORDERS_MAX;
  }

  enter(order: WireOrder): Promise<Outcome> {
    return this.settle(this.engine.enter(order, this.now()));
  }

  cancel(origClOrdId: string, cancel: WireCancel): Promise<Outcome> {
    return this.settle(this.engine.cancel(origClOrdId, cancel, this.now()));
  }

  replace(origClOrdId: string, replace: WireReplace): Promise<Outcome> {
    return this.settle(this.engine.replace(origClOrdId, replace, this.now()));
  }

  /** Resolves when everything that a reader can see now is on disk. */
  settled(): Promise<void> {
    return this.journal.flushed();
  }

  quotes(rows: readonly QuoteRow[], marketTime?: string, atMs = this.nowMs()): void {
    this.keep(this.engine.onQuotes(rows, this.now(), marketTime));
    for (const row of rows) this.ticks.quote(row.symbol, atMs, row, marketTime);
    const symbols = new Set([...this.traded, ...rows.map(({ symbol }) => symbol)]);
    this.traded.clear();
    for (const listener of this.listeners) listener.onQuotes([...symbols]);
  }

  trade(symbol: string, price: Parameters<MarketSink['trade']>[1], atMs = this.nowMs()): void {
    this.engine.onTrade(symbol, price);
    this.ticks.trade(symbol, atMs, price, this.engine.state.book(symbol).quote?.marketTime);
    this.traded.add(symbol);
  }

  past({ quotes, trades, time }: PastRows, atMs: number): void {
    for (const { symbol, price } of trades) this.ticks.trade(symbol, atMs, price, time);
    for (const row of quotes) this.ticks.quote(row.symbol, atMs, row, time);
  }

  run(run: MarketRun): void {
    this.keep(this.engine.record({ e: 'market', run }));
  }

  quoteOf(symbol: string): WireQuote | undefined {
    return this.allQuotes().find((quote) => quote.symbol === symbol);
  }

  /** Quotes as they stand: sizes are what is still there. */
  allQuotes(): WireQuote[] {
    const quotes: WireQuote[] = [];
    for (const [symbol, { quote, last }] of this.engine.state.symbols()) {
      if (quote === undefined) continue;
      const { bid, ask, bidLeft, askLeft, asOf, marketTime } = quote;
      quotes.push({
        symbol,
        ...(bid !== undefined && { bid, bidSize: bidLeft }),
        ...(ask !== undefined && { ask, askSize: askLeft }),
        ...(last !== undefined && { last }),
        asOf,
        ...(marketTime !== undefined && { marketTime }),
      });
    }
    return quotes;
  }

  listen(listener: VenueListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private expireDue(): void {
    this.keep(this.engine.expireDue(this.now()));
  }

  private async settle(outcome: Outcome): Promise<Outcome> {
    // A repeat may meet an order whose first entry is still on its way to the disk.
    await (outcome.entries.length > 0 ? this.commit(outcome.entries) : this.settled());
    return outcome;
  }

  private keep(entries: readonly string[]): void {
    this.commit(entries).catch((fault: unknown) => this.options.onJournalFailure(fault));
  }

  private async commit(entries: readonly string[]): Promise<void> {
    if (entries.length === 0) return;
    const seq = this.engine.state.log.length;
    await this.journal.append(`[${entries.join(',')}]`);
    if (seq <= this.committedSeq) return;
    this.committedSeq = seq;
    for (const listener of this.listeners) listener.onReports();
  }

  private nowMs(): number {
    return (this.options.nowMs ?? Date.now)();
  }

  private now(): string {
    return new Date(this.nowMs()).toISOString();
  }
}

export interface VenueListener {
  /** Reports up to `committedSeq` may be told. */
  onReports(): void;
  onQuotes(symbols: readonly string[]): void;
}

/** Tells one journal of this venue from another; part of every id that the venue gives. */
function newEpoch(nowMs: number): string {
  return `${nowMs.toString(36)}${Math.floor(Math.random() * 1_296)
    .toString(36)
    .padStart(2, '0')}`;
}
