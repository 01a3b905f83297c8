import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'mocha';
import { WebSocketServer, type WebSocket } from 'ws';
import { createLogger } from '../../../observability/logger';
import { createSimulatorMarketData } from '../../../venues/market-data/simulator-market-data';
import { VenueProcess } from '../../conformance/venues/venue-process';
import { eventually } from '../../support/eventually';
import { hasRecordedDay, quotesOf, RECORDED_DAY, standingAt } from '../../support/recorded-day';

// Goal: the venue's market reaches its readers, and fills follow it. Method: the venue as its own process.
describe('simulated market', function () {
  this.timeout(60_000);
  const logger = createLogger('test', 'error');
  let home = '';
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'steadfill-market-data-'));
  });
  after(() => rm(home, { recursive: true }));

  it('streams quotes, confirms those that stand, and comes back after the venue was killed', async () => {
    const dataDir = join(home, 'synthetic');
    let venue = await VenueProcess.start({ dataDir, args: [] });
    const marketData = createSimulatorMarketData({ url: venue.url, logger });
    await marketData.start();
    try {
      const first = await eventually(() => marketData.latest('SPY'));
      assert.equal(first.venue, 'XSIM');
      assert.equal(marketData.all().length, 4);
      assert.equal(marketData.latest('NOPE'), undefined);
      const later = await eventually(() => {
        const quote = marketData.latest('SPY');
        return quote !== undefined && quote.asOf > first.asOf ? quote : undefined;
      });
      assert.ok(later.receivedAt > first.receivedAt);
      await venue.crash();
      const crashedAt = new Date().toISOString();
      venue = await VenueProcess.start({ dataDir, port: venue.port, args: [] });
      await eventually(() => (marketData.latest('SPY')?.receivedAt ?? '') > crashedAt);
    } finally {
      await marketData.stop();
      await venue.stop();
    }
  });

  it('has no price rather than one that a venue sent as a rounded number', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    const quote = {
      symbol: 'IBM',
      bidSize: '100',
      ask: '182.5',
      askSize: '100',
      asOf: '2026-01-05T15:00:00Z',
    };
    const sockets: WebSocket[] = [];
    server.on('connection', (socket) => {
      sockets.push(socket);
      socket.send(JSON.stringify({ type: 'quotes', quotes: [{ ...quote, bid: '182.4' }] }));
    });
    await new Promise((listening) => server.once('listening', listening));
    const { port } = server.address() as AddressInfo;
    const marketData = createSimulatorMarketData({ url: `http://127.0.0.1:${port}`, logger });
    await marketData.start();
    try {
      assert.equal((await eventually(() => marketData.latest('IBM'))).bid, '182.4');
      sockets[0]?.send(JSON.stringify({ type: 'quotes', quotes: [{ ...quote, bid: 182.4 }] }));
      await eventually(() => marketData.latest('IBM') === undefined);
    } finally {
      await marketData.stop();
      for (const socket of sockets) socket.terminate();
      await new Promise((closed) => server.close(closed));
    }
  });

  it('fills at the ask of that second and not beyond its size on the recorded day', async function () {
    if (!hasRecordedDay()) return this.skip();
    const rows = await quotesOf('IBM');
    const args = ['--market', RECORDED_DAY, '--speed', '5'];
    const venue = await VenueProcess.start({ dataDir: join(home, 'recorded'), args });
    try {
      const order = { clOrdId: 'day-1', symbol: 'IBM', side: 'buy', type: 'market', quantity: '900' };
      assert.equal((await venue.call('POST', '/orders', order)).status, 201);
      const { reports } = await eventually(
        async () => {
          const { body } = await venue.call<{ order: { open: boolean }; reports: Fill[] }>(
            'GET',
            '/orders/day-1',
          );
          return body.order.open ? undefined : body;
        },
        { timeoutMs: 30_000 },
      );
      const fills = reports.filter(({ kind }) => kind === 'fill');
      assert.ok(fills.length > 1);
      const takenOf = new Map<string, number>();
      for (const { lastPx, lastQty, marketTime } of fills) {
        const row = standingAt(rows, marketTime);
        assert.equal(lastPx, row?.ask, marketTime);
        const taken = (takenOf.get(row?.time ?? '') ?? 0) + Number(lastQty);
        takenOf.set(row?.time ?? '', taken);
        assert.ok(taken <= Number(row?.askSize), `${taken} of ${row?.askSize} at ${row?.time}`);
      }
    } finally {
      assert.equal(await venue.stop(), 0);
    }
  });
});

interface Fill {
  kind: string;
  lastPx: string;
  lastQty: string;
  marketTime: string;
}
