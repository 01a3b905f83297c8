import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { dateIn, instantOf } from '../../domain/calendar/zone-time';
import { addDays } from '../../domain/calendar/civil-date';
import { createAuctionTimes } from './auction-times';
import { createManualMarket, type Market } from './market/market';
import { createRecordedMarket } from './market/recorded-market';
import { createSyntheticMarket } from './market/synthetic-market';
import { createVenueApp } from './server/venue-app';
import { VenueHost } from './server/venue-host';
import { attachVenueStream } from './server/venue-stream';
import type { VenueRules } from './core/venue-engine';
import type { VenueSettings } from './settings';
import type { Logger } from '../../observability/logger';

const MANUAL_SYMBOLS = ['SPY', 'IBM', 'BAC', 'AIG'];
/** Longer than clients keep a connection, so that we do not close one that is just used again. */
const KEEP_ALIVE_MS = 65_000;
const REQUEST_MS_MAX = 10_000;
const CLOSE_MS_MAX = 2_000;
const SECOND_MS = 1_000;

export interface RunningSimulator {
  url: string;
  host: VenueHost;
  stop(): Promise<void>;
}

/** Starts a venue. `onFatal` is called when it cannot go on; the owner then ends the process. */
export async function startSimulator(
  settings: VenueSettings,
  logger: Logger,
  onFatal: (fault: unknown) => void,
): Promise<RunningSimulator> {
  const host = await VenueHost.open({
    journalPath: join(settings.STEADFILL_VENUE_DATA_DIR, 'venue.journal'),
    rules: rulesOf(settings),
    logger,
    onJournalFailure: onFatal,
  });
  await host.start(marketOf(settings, host, logger));
  const app = createVenueApp({ host, logger, manual: settings.manual });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS_MAX }, app);
  const stream = attachVenueStream(server, host, logger);
  await listen(server, settings.STEADFILL_VENUE_HOST, settings.STEADFILL_VENUE_PORT);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${settings.STEADFILL_VENUE_HOST}:${port}`,
    host,
    stop: async () => {
      stream.close();
      await closeServer(server);
      await host.stop();
    },
  };
}

function rulesOf(settings: VenueSettings): VenueRules {
  const dayEndOf = createDayEnd(settings.STEADFILL_VENUE_DAY_END, settings.STEADFILL_VENUE_DAY_ZONE);
  return {
    feePerShare: settings.STEADFILL_VENUE_FEE_PER_SHARE,
    dayEndOf,
    auctionAfter: createAuctionTimes({
      dayEndOf,
      openDelayMs: settings.STEADFILL_VENUE_OPEN_DELAY_SECONDS * SECOND_MS,
      cutOffMs: settings.STEADFILL_VENUE_AUCTION_CUT_OFF_SECONDS * SECOND_MS,
    }),
  };
}

function marketOf(settings: VenueSettings, host: VenueHost, logger: Logger): Market {
  const { market: path, speed, from } = settings;
  if (settings.manual) return createManualMarket(MANUAL_SYMBOLS);
  if (path === undefined) return createSyntheticMarket(settings.STEADFILL_VENUE_SEED);
  const { lastRun } = host.engine.state;
  return createRecordedMarket({ path, speed, ...(from !== undefined && { from }), lastRun, logger });
}

/** When the day of a day order ends: at the next `time` in `zone`. Zone arithmetic is dear, so the answer is kept. */
export function createDayEnd(time: string, zone: string): (instant: string) => string {
  let fromMs = 0;
  let end = '';
  return (instant) => {
    const atMs = Date.parse(instant);
    if (end === '' || atMs < fromMs || atMs >= Date.parse(end)) {
      const date = dateIn(instant, zone);
      const today = instantOf(date, time, zone);
      end = atMs < Date.parse(today) ? today : instantOf(addDays(date, 1), time, zone);
      fromMs = atMs;
    }
    return end;
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
