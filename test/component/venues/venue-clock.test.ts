import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createLogger } from '../../../observability/logger';
import { dayEndOf } from '../../../domain/calendar/day-end';
import { decimal } from '../../../domain/money/decimal';
import { createAuctionTimes } from '../../../venues/simulator/auction-times';
import { VenueHost } from '../../../venues/simulator/server/venue-host';
import { eventually } from '../../support/eventually';
import type { Market } from '../../../venues/simulator/market/market';
import type { WireOrder, WireReport } from '../../../venues/simulator/protocol';

const QUOTE = {
  symbol: 'IBM',
  bid: decimal('182'),
  bidSize: decimal('500'),
  ask: decimal('182.06'),
  askSize: decimal('500'),
};
const ONE_QUOTE: Market = {
  symbols: ['IBM'],
  start: async (sink) => sink.quotes([QUOTE]),
  stop: async () => undefined,
};

// Goal: the venue's own clock holds auctions and ends dates, also those that fell due while it was down.
// Method: the venue with its journal on disk, and a clock that the test moves.
describe('the clock of the venue', function () {
  this.timeout(20_000);
  let home = '';
  let nowMs = Date.parse('2026-01-05T21:58:00.000Z');
  let host: VenueHost;

  const open = async (): Promise<void> => {
    const ofDay = (instant: string): string => dayEndOf('XSIM', instant);
    const auctionAfter = createAuctionTimes({ dayEndOf: ofDay, openDelayMs: 60_000, cutOffMs: 30_000 });
    host = await VenueHost.open({
      journalPath: join(home, 'venue.journal'),
      rules: { feePerShare: decimal('0.001'), dayEndOf: ofDay, auctionAfter },
      logger: createLogger('test', 'error'),
      onJournalFailure: (fault) => assert.fail(String(fault)),
      nowMs: () => nowMs,
    });
    await host.start(ONE_QUOTE);
  };
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'steadfill-venue-clock-'));
    await open();
  });
  after(async () => {
    await host.stop();
    await rm(home, { recursive: true });
  });

  const enter = (clOrdId: string, more: Partial<WireOrder>) =>
    host.enter({
      clOrdId,
      symbol: 'IBM',
      side: 'buy',
      type: 'market',
      quantity: decimal('100'),
      timeInForce: 'day',
      ...more,
    });
  const told = (clOrdId: string): string[] =>
    (host.engine.state.orderOf(clOrdId)?.reports ?? [])
      .map((text) => JSON.parse(text) as WireReport)
      .map(({ kind, lastPx }) => (lastPx === undefined ? kind : `${kind}@${lastPx}`));

  it('closes the day with one auction, opens the next with another, and ends what is dated', async () => {
    await enter('closing', { type: 'marketOnClose' });
    await enter('opening', { timeInForce: 'opg' });
    const limitPrice = decimal('170');
    await enter('day', { type: 'limit', limitPrice });
    await enter('dated', {
      type: 'limit',
      limitPrice,
      timeInForce: 'gtd',
      expireAt: '2026-01-05T22:00:30.000Z',
    });
    nowMs = Date.parse('2026-01-05T22:00:00.000Z');
    await eventually(() => told('day').includes('expired'));
    assert.deepEqual(told('closing'), ['accepted', 'fill@182.06']);
    assert.deepEqual(told('opening'), ['accepted']);
    assert.deepEqual(told('dated'), ['accepted']);
    nowMs = Date.parse('2026-01-05T22:01:00.000Z');
    await eventually(() => told('opening').includes('fill@182.06'));
    await eventually(() => told('dated').includes('expired'));
  });

  it('holds the auction that it missed when it comes back, and lets no dated order trade first', async () => {
    await enter('missed', { type: 'limitOnClose', limitPrice: decimal('183'), timeInForce: 'cls' });
    const expireAt = '2026-01-06T10:00:00.000Z';
    await enter('late', { type: 'limit', limitPrice: decimal('182.03'), timeInForce: 'gtd', expireAt });
    assert.deepEqual(told('late'), ['accepted']);
    await host.stop();
    nowMs = Date.parse('2026-01-06T23:00:00.000Z');
    await open();
    assert.deepEqual(told('missed'), ['accepted', 'fill@182.06']);
    assert.deepEqual(told('late'), ['accepted', 'expired']);
  });
});
