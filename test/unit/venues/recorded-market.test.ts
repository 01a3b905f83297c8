import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createLogger } from '../../../observability/logger';
import { createRecordedMarket, startOfRun } from '../../../venues/simulator/market/recorded-market';
import { readRecordedDay, type RecordedSecond } from '../../../venues/simulator/market/recorded-rows';
import { eventually } from '../../support/eventually';
import { hasRecordedDay, RECORDED_DAY } from '../../support/recorded-day';
import type { MarketRun, QuoteRow } from '../../../venues/simulator/core/book-types';

const HEADER = 'time,symbol,kind,bid,bidSize,ask,askSize,price,size';
const DAY = [
  HEADER,
  '2013-10-07T13:29:59Z,AIG,Q,48.0000,100,48.0100,100,,',
  '2013-10-07T13:30:00Z,IBM,Q,181.8500,200,182.0600,100,,',
  '2013-10-07T13:30:00Z,IBM,T,,,,,181.9000,600',
  '2013-10-07T13:30:01Z,IBM,Q,182.0600,200,182.0600,100,,',
  '2013-10-07T13:30:02Z,IBM,Q,182.0700,200,182.0600,100,,',
  '2013-10-07T13:30:04Z,IBM,Q,181.9000,300,182.0100,400,,',
].join('\n');

// Goal: a recorded day is played as it was. Method: a small file at high speed, and the real day where it is there.
describe('recorded market', () => {
  let folder = '';
  const logger = createLogger('test', 'error');
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steadfill-market-'));
    await writeFile(join(folder, 'day.csv'), DAY);
  });
  after(() => rm(folder, { recursive: true }));

  const seconds = async (path: string): Promise<RecordedSecond[]> => {
    const all: RecordedSecond[] = [];
    for await (const second of readRecordedDay(path)) all.push(second);
    return all;
  };

  it('reads canonical decimals and leaves crossed and locked rows out', async () => {
    const all = await seconds(join(folder, 'day.csv'));
    const quotes = all.flatMap((second) =>
      second.quotes.map(({ bid, ask }) => `${second.time} ${bid}/${ask}`),
    );
    assert.deepEqual(quotes, [
      '2013-10-07T13:29:59.000Z 48/48.01',
      '2013-10-07T13:30:00.000Z 181.85/182.06',
      '2013-10-07T13:30:04.000Z 181.9/182.01',
    ]);
    assert.deepEqual(all[1]?.trades, [{ symbol: 'IBM', price: '181.9' }]);
  });

  it('names file and line of what is malformed', async () => {
    const path = join(folder, 'bad.csv');
    await writeFile(path, `${HEADER}\n2013-10-07T13:30:00Z,IBM,Q,1e3,1,2,1,,\n`);
    await assert.rejects(seconds(path), /bad\.csv line 2: bid=1e3 is not a decimal/);
    await writeFile(path, 'a,b\n1,2\n');
    await assert.rejects(seconds(path), /columns are missing/);
    await assert.rejects(seconds(join(folder, 'absent.csv.gz')), /ENOENT/);
  });

  it('begins at the open of the session, or where it is told to', () => {
    const firstMs = Date.parse('2013-10-07T08:00:00Z');
    const begin = (from?: string): string => new Date(startOfRun(firstMs, from)).toISOString();
    assert.equal(begin(), '2013-10-07T13:30:00.000Z');
    assert.equal(begin('15:00'), '2013-10-07T15:00:00.000Z');
    assert.equal(begin('15:00:30Z'), '2013-10-07T15:00:30.000Z');
    assert.equal(begin('2013-10-07T16:00:00Z'), '2013-10-07T16:00:00.000Z');
    assert.throws(() => begin('noon'), RangeError);
  });

  const play = async (options: { from?: string; lastRun?: MarketRun; nowMs?: () => number } = {}) => {
    const market = createRecordedMarket({ path: join(folder, 'day.csv'), speed: 50, logger, ...options });
    const played: string[] = [];
    const runs: MarketRun[] = [];
    await market.start({
      quotes: (rows: readonly QuoteRow[], time) =>
        rows.forEach(({ symbol, ask }) => played.push(`${time} ${symbol} ${ask}`)),
      trade: () => undefined,
      run: (run) => void runs.push(run),
    });
    return { market, played, runs };
  };

  it('shows at the open what stood before it, plays on, and ends with the last quotes standing', async () => {
    const { market, played, runs } = await play();
    assert.deepEqual(played, ['2013-10-07T13:30:00.000Z AIG 48.01', '2013-10-07T13:30:00.000Z IBM 182.06']);
    await eventually(() => played.length === 3, { what: 'the last row' });
    assert.equal(played[2], '2013-10-07T13:30:04.000Z IBM 182.01');
    await market.stop();
    assert.deepEqual(
      runs.map(({ stopped }) => stopped),
      [false, true],
    );
  });

  it('goes on after a crash where the market would be, and begins anew after an orderly stop', async () => {
    const lastRun = {
      source: 'day.csv',
      startedAtMs: Date.now() - 2_000,
      marketStartMs: Date.parse('2013-10-07T13:30:00Z'),
      speed: 50,
      stopped: false,
    };
    const resumed = await play({ lastRun });
    assert.deepEqual(resumed.played, [
      '2013-10-07T13:30:04.000Z AIG 48.01',
      '2013-10-07T13:30:04.000Z IBM 182.01',
    ]);
    await resumed.market.stop();
    const anew = await play({ lastRun: { ...lastRun, stopped: true } });
    assert.equal(anew.played[1], '2013-10-07T13:30:00.000Z IBM 182.06');
    await anew.market.stop();
  });

  it('reads the whole real day', async function () {
    if (!hasRecordedDay()) return this.skip();
    this.timeout(30_000);
    const all = await seconds(RECORDED_DAY);
    const rows = all.reduce((count, { quotes, trades }) => count + quotes.length + trades.length, 0);
    assert.equal(rows, 115_720 - 635);
  });
});
