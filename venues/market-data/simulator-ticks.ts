import { VenueStreamClient } from '../simulator/client/venue-stream-client';
import { SIMULATOR_VENUE, type StreamMessage } from '../simulator/protocol';
import type { TickPage, TickSource } from '../venue-port';
import type { Logger } from '../../observability/logger';

const ANSWER_MS_MAX = 3_000;

export interface SimulatorTicksOptions {
  /** Base URL of the venue. */
  url: string;
  logger: Logger;
}

/**
 * The market of the simulated venue, moment by moment. The stream only says that something happened; what it was is
 * read from the venue's history, so that a reader who was away reads it the same way as one who was there.
 */
export function createSimulatorTicks({ url, logger }: SimulatorTicksOptions): TickSource {
  let tell: (symbols: readonly string[] | 'all') => void = () => undefined;
  const stream = new VenueStreamClient({
    url,
    query: () => ({ reports: '0' }),
    logger,
    onMessage: (message: StreamMessage) => {
      if (message.type === 'quotes') tell(message.quotes.map(({ symbol }) => symbol));
      // Also after a break of the stream, and for trades that came without a quote.
      else if (message.type === 'heartbeat') tell('all');
    },
  });
  return {
    venue: SIMULATOR_VENUE,
    start: async (onNews) => {
      tell = onNews;
      stream.start();
    },
    async ticks(symbol, since) {
      const path = `/ticks/${encodeURIComponent(symbol)}?since=${encodeURIComponent(since)}`;
      const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
      if (!response.ok) throw new Error(`the venue answered ${response.status} to ${path}`);
      return (await response.json()) as TickPage;
    },
    stop: () => stream.stop(),
  };
}
