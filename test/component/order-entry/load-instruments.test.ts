import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { seedDemoWorld } from '../../../activities/order-entry/demo-seed';
import { addDays } from '../../../domain/calendar/civil-date';
import { listingDayOf } from '../../../domain/instrument/listing-day';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { listHalts, setHalt } from '../../../storage/queries/halts';
import { findInstrument, listInstrumentAudit } from '../../../storage/queries/instruments';
import { parseInstrumentFile } from '../../../tools/instruments/instrument-file';
import { loadInstruments } from '../../../tools/instruments/load-instruments';
import { testMongo, uniqueName } from '../../support/servers';

const ROOT = resolve(__dirname, '../../..');
const run = promisify(execFile);

const AT = new Date().toISOString();
const TOMORROW = addDays(listingDayOf('XNYS', AT), 1);
const BOUNDS = { priceMin: '0.01', priceMax: '10000000', quantityMin: '1', quantityMax: '1000000000' };

function version(effectiveFrom: string, change: object = {}): object {
  const places = { venue: 'XSIM', listing: 'XNYS', currency: 'USD' };
  return { effectiveFrom, ...places, tickSize: '0.01', lotSize: '1', ...BOUNDS, ...change };
}
const IBM = version('2007-01-01');
const GOOD = [
  { symbol: 'IBM', versions: [IBM, version(TOMORROW, { lotSize: '10', quantityMin: '10' })] },
  { symbol: 'ACME', haltReason: 'opens later', versions: [version('2026-01-05')] },
];

// Goal: a file is loaded whole or not at all, by name, and loading it again is nothing. Method: the loader and the real
// command on a real MongoDB with the demo instruments.
describe('component: loading instruments', function () {
  this.timeout(60_000);
  let mongo: Mongo;
  let uri: string;
  let database: string;
  let folder: string;
  beforeEach(async () => {
    ({ uri } = await testMongo());
    database = uniqueName('instruments').slice(0, 38);
    mongo = await openMongo({ uri, database });
    await seedDemoWorld(mongo.db, AT);
    folder = await mkdtemp(join(tmpdir(), 'steadfill-instruments-'));
  });
  afterEach(async () => {
    await mongo.db.dropDatabase();
    await mongo.close();
    await rm(folder, { recursive: true });
  });

  const load = (instruments: unknown) => {
    const file = parseInstrumentFile(JSON.stringify({ instruments }));
    assert.ok(file.ok, JSON.stringify(file));
    return loadInstruments(mongo.db, file.instruments, { by: 'ops-1', reason: 'new plan', at: AT });
  };
  const lotsOf = async (symbol: string) =>
    (await findInstrument(mongo.db, symbol))?.versions.map(({ lotSize }) => lotSize);

  it('takes what is new, leaves a line for each change, and is nothing the second time', async () => {
    assert.deepEqual(await load(GOOD), {
      ok: true,
      created: ['ACME'],
      changed: ['IBM'],
      unchanged: [],
      halted: ['ACME'],
    });
    assert.deepEqual(await load(GOOD), {
      ok: true,
      created: [],
      changed: [],
      unchanged: ['IBM', 'ACME'],
      halted: [],
    });
    assert.deepEqual(await lotsOf('IBM'), ['1', '10']);
    const { items } = await listInstrumentAudit(mongo.db, { symbol: 'IBM' });
    assert.deepEqual(
      items.map(({ change, by, reason, revision, at, from }) => [
        change,
        by,
        reason,
        revision,
        at,
        from?.versions?.length,
      ]),
      [['loaded', 'ops-1', 'new plan', 2, AT, 1]],
    );
  });

  it('loads nothing when one instrument is wrong, and names every place', async () => {
    const result = await load([
      ...GOOD,
      { symbol: 'SPY', versions: [version('2007-01-01', { tickSize: '0.05' })] },
      { symbol: 'BAC', versions: [version(TOMORROW)] },
      { symbol: 'NEW', versions: [version('2026-01-05', { listing: 'XXXX' })] },
    ]);
    assert.ok(!result.ok);
    assert.deepEqual(
      result.faults.map((fault) => fault.split(': ')[0]),
      [
        'instruments[2] (SPY) versions[0].tickSize',
        'instruments[3] (BAC)',
        'instruments[4] (NEW) versions[0].listing',
      ],
    );
    assert.deepEqual(await lotsOf('IBM'), ['1']);
    assert.equal(await lotsOf('ACME'), undefined);
    assert.equal((await listInstrumentAudit(mongo.db, { symbol: 'IBM' })).items.length, 0);
  });

  it('never lifts a halt, and leaves one that a person set', async () => {
    const halt = { scope: 'symbol', id: 'ACME', halted: true, by: 'risk-1', reason: 'news', at: AT } as const;
    await setHalt(mongo.db, halt);
    await load(GOOD);
    assert.deepEqual(
      (await listHalts(mongo.db)).map(({ by, reason, halted }) => [by, reason, halted]),
      [['risk-1', 'news', true]],
    );
  });

  it('lets two loads at the same time both end, with one line of history a change', async () => {
    const results = await Promise.all([load(GOOD), load(GOOD)]);
    assert.deepEqual(
      results.map((result) => result.ok && result.created.length + result.changed.length).sort(),
      [0, 2],
    );
    assert.equal((await listInstrumentAudit(mongo.db, { symbol: 'IBM' })).items.length, 1);
  });

  it('is a command that says what it did, and exits with 1 when a file does not fit', async () => {
    const command = (...args: string[]) =>
      run(process.execPath, ['--import', 'tsx', 'tools/instruments/main.ts', ...args], {
        cwd: ROOT,
        env: {
          ...process.env,
          MONGODB_URI: uri,
          MONGODB_DATABASE: database,
          STEADFILL_HOME: folder,
          INIT_CWD: folder,
        },
      });
    await writeFile(join(folder, 'good.json'), JSON.stringify({ instruments: GOOD }));
    await writeFile(
      join(folder, 'bad.json'),
      JSON.stringify({ instruments: [{ symbol: 'IBM', versions: [] }] }),
    );
    assert.match(
      (await command('load', 'good.json', '--dry-run')).stdout,
      /^Would be: 1 new, 1 changed, 0 unchanged/,
    );
    assert.match((await command('load', 'good.json')).stdout, /^1 new, 1 changed, 0 unchanged, 1 halted\.$/m);
    await assert.rejects(
      command('load', 'bad.json'),
      ({ code, stderr }: { code: number; stderr: string }) => {
        assert.equal(code, 1);
        assert.match(
          stderr,
          /1 fault\(s\), and nothing was loaded:\n {2}- instruments\[0\] \(IBM\) versions: /,
        );
        return true;
      },
    );
    const { stdout: listed } = await command('list', '--on', TOMORROW);
    assert.match(listed, /^IBM\tXSIM\tXNYS\tUSD\t0\.01\t10\ttradable\t.*\trevision 2$/m);
    const shown = JSON.parse((await command('show', 'IBM')).stdout) as {
      history: { by: string; reason: string }[];
    };
    assert.deepEqual(
      shown.history.map(({ by, reason }) => [by, reason]),
      [[userInfo().username, 'loaded from good.json']],
    );
  });
});
