import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../../observability/logger';
import { createSimulatorAdapter } from '../../../venues/simulator/adapter';
import { describeVenueConformance, type VenueUnderTest } from './cards';
import { CuttingProxy } from './cutting-proxy';
import { VenueProcess } from './venue-process';

// Goal: the simulator's adapter keeps the promises that order workflows build on.
// Method: the cards that every adapter passes, against the simulator as a process of its own, with a line that can be
// cut and a process that is killed.
describeVenueConformance('simulator', async (): Promise<VenueUnderTest> => {
  const home = await mkdtemp(join(tmpdir(), 'steadfill-venue-'));
  const dataDir = join(home, 'venue');
  let venue = await VenueProcess.start({ dataDir });
  const proxy = await CuttingProxy.open(venue.port);
  const logger = createLogger('test', 'error');
  return {
    symbol: 'IBM',
    unknownSymbol: 'NOPE',
    newAdapter: () => createSimulatorAdapter({ url: proxy.url, journalDir: join(home, 'session'), logger }),
    show: async (quote) => {
      const { status } = await venue.call('PUT', '/quotes/IBM', quote);
      assert.equal(status, 200);
    },
    holdAuction: async (kind) => {
      const { status } = await venue.call('POST', '/auctions', { kind });
      assert.equal(status, 200);
    },
    countOrders: async (clOrdId) => {
      const { body } = await venue.call<{ items: { entryClOrdId: string }[] }>('GET', '/orders?limit=10000');
      return body.items.filter((order) => order.entryClOrdId === clOrdId).length;
    },
    breakLine: () => proxy.cutConnections(),
    loseAnswers: (count) => proxy.cutAnswers(count),
    crash: () => venue.crash(),
    restart: async () => {
      venue = await VenueProcess.start({ dataDir, port: venue.port });
    },
    close: async () => {
      await proxy.close();
      await venue.stop();
      await rm(home, { recursive: true });
    },
  };
});
