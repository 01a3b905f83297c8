import type { Price } from '../../../domain/money/decimal';
import type { MarketRun, QuoteRow } from '../core/book-types';

export interface PastRows {
  quotes: readonly QuoteRow[];
  trades: readonly { symbol: string; price: Price }[];
  /** Time of the recorded market. */
  time: string;
}

/** What a market tells the venue. */
export interface MarketSink {
  /** `atMs` is when it happened by the wall clock, epoch milliseconds; now when left out. */
  quotes(rows: readonly QuoteRow[], marketTime?: string, atMs?: number): void;
  trade(symbol: string, price: Price, atMs?: number): void;
  /** What the market did while the venue was not there: nobody traded on it, but it happened. */
  past?(happened: PastRows, atMs: number): void;
  /** A recorded market began or was stopped; kept so that a crash does not begin its day anew. */
  run(run: MarketRun): void;
}

/** Where quotes come from. */
export interface Market {
  /** Symbols that are listed before the first quote. */
  readonly symbols: readonly string[];
  /** Begins to feed the sink; resolves when the first quotes stand. Throws when the source cannot be read. */
  start(sink: MarketSink): Promise<void>;
  stop(): Promise<void>;
}

/** A market without life of its own: whoever runs the venue sets the quotes (`PUT /quotes/{symbol}`). */
export function createManualMarket(symbols: readonly string[]): Market {
  return { symbols, start: () => Promise.resolve(), stop: () => Promise.resolve() };
}
