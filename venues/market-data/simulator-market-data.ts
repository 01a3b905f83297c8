import { VenueStreamClient } from '../simulator/client/venue-stream-client';
import { parseDecimal } from '../../domain/money/decimal';
import { SIMULATOR_VENUE, type StreamMessage, type WireQuote } from '../simulator/protocol';
import type { MarketDataPort, Quote } from '../venue-port';
import type { Logger } from '../../observability/logger';

export interface SimulatorMarketDataOptions {
  /** Base URL of the venue. */
  url: string;
  logger: Logger;
}

type KeptQuote = Quote & { receivedAt: string };

/**
 * Quotes of the simulated venue over its stream. While the stream lives, its heartbeat confirms that the last quotes
 * still stand, so that `receivedAt` ages only when the stream is broken.
 */
export function createSimulatorMarketData({ url, logger }: SimulatorMarketDataOptions): MarketDataPort {
  const quotes = new Map<string, Quote>();
  let confirmedAt = new Date(0).toISOString();

  const stream = new VenueStreamClient({
    url,
    query: () => ({ reports: '0' }),
    logger,
    onMessage: (message: StreamMessage) => {
      if (message.type === 'quotes') {
        for (const quote of message.quotes) {
          if (isExact(quote)) quotes.set(quote.symbol, { ...quote, venue: SIMULATOR_VENUE });
          else quotes.delete(quote.symbol);
        }
      }
      if (message.type === 'quotes' || message.type === 'heartbeat') confirmedAt = new Date().toISOString();
    },
  });
  const kept = (quote: Quote): KeptQuote => ({ ...quote, receivedAt: confirmedAt });

  return {
    latest: (symbol) => {
      const quote = quotes.get(symbol);
      return quote === undefined ? undefined : kept(quote);
    },
    all: () => [...quotes.values()].map(kept),
    start: async () => stream.start(),
    stop: () => stream.stop(),
  };
}

const AMOUNTS = ['bid', 'bidSize', 'ask', 'askSize', 'last'] as const;

/** A quote with a JSON number, or with no number at all, has no price that risk may count with: better none. */
function isExact(quote: WireQuote): boolean {
  return AMOUNTS.every((name) => quote[name] === undefined || parseDecimal(quote[name]) !== undefined);
}
