import assert from 'node:assert/strict';
import { createOrderEntryActivities } from '../../../activities/order-entry/order-entry.activities';
import type { ValidateOrderInput } from '../../../activities/order-entry/order-entry.port';
import { seedDemoWorld } from '../../../activities/order-entry/demo-seed';
import { addDays } from '../../../domain/calendar/civil-date';
import { listingDayBegin, listingDayOf } from '../../../domain/instrument/listing-day';
import { decimal } from '../../../domain/money/decimal';
import { type InstrumentRecord, collection } from '../../../storage/collections';
import { listHalts } from '../../../storage/queries/halts';
import { findInstrument, listInstrumentAudit, writeInstruments } from '../../../storage/queries/instruments';
import type { Answer, ProblemBody } from '../../support/api-client';
import { eventually } from '../../support/eventually';
import { uniqueName } from '../../support/servers';
import { startApi, type ApiUnderTest } from './api-harness';

interface Shown {
  symbol: string;
  tickSize: string;
  ticks: { from: string; tickSize: string }[];
  lotSize: string;
  tradable: boolean;
  notTradableReason?: string;
  halted: boolean;
  haltReason?: string;
  revision: number;
  effectiveFrom: string;
  effectiveTo?: string;
}
interface Detail {
  instrument: Shown;
  versions: Shown[];
}
interface History {
  items: {
    change: string;
    by: string;
    reason: string;
    revision: number;
    at: string;
    from?: { versions?: Shown[] };
    to: { versions?: Shown[]; withdrawn?: { by: string }; halted?: boolean };
  }[];
  nextCursor: string | null;
}

const NEW_YORK = 'XNYS';
/** The longest that a change takes to be seen by order entry, as docs/instruments.md says, and some for a busy machine. */
const SEEN_MS_MAX = 15_000;

function rules(effectiveFrom: string, change: object = {}): Record<string, unknown> {
  return {
    effectiveFrom,
    venue: 'XSIM',
    listing: NEW_YORK,
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    priceMin: '0.01',
    priceMax: '1000000',
    quantityMin: '1',
    quantityMax: '1000000',
    reason: 'test',
    ...change,
  };
}

// Goal: instruments are changed by those who may, never over somebody else's change, never in the past, and always on
// record. Method: the API on a real MongoDB, and order entry reading what it wrote.
describe('component: instruments', function () {
  this.timeout(60_000);
  let api: ApiUnderTest;
  before(async () => {
    api = await startApi();
    await seedDemoWorld(api.mongo.db);
  });
  after(async () => {
    await api.stop();
  });

  const call = <T = Detail>(who: string, method: string, path: string, body?: unknown) =>
    api.clients[who]!.call<T & ProblemBody>(method, `/v1/instruments${path}`, body);
  const today = () => listingDayOf(NEW_YORK, new Date().toISOString());
  const tomorrow = () => addDays(today(), 1);
  const faultsOf = ({ status, body }: Answer<ProblemBody>) => [
    status,
    ...(body.errors ?? []).map(({ code, pointer }) => `${code} ${pointer}`),
  ];

  /** A new instrument of a test's own, with revision 1. */
  async function create(change: object = {}): Promise<string> {
    const symbol = uniqueName('I').replaceAll('_', '-').slice(0, 30);
    const made = await call(
      'risk',
      'PUT',
      `/${symbol}`,
      rules('2020-01-01', { expectedRevision: 0, ...change }),
    );
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return symbol;
  }

  it('shows seeded instruments with their table of ticks and no halt', async () => {
    const { body } = await call<{ items: Shown[] }>('trader', 'GET', '');
    const ibm = body.items.find(({ symbol }) => symbol === 'IBM');
    assert.deepEqual(
      [ibm?.tickSize, ibm?.ticks, ibm?.lotSize, ibm?.tradable, ibm?.halted, ibm?.revision],
      ['0.01', [{ from: '0', tickSize: '0.01' }], '1', true, false, 1],
    );
    assert.equal((await call('trader', 'GET', '/NOPE')).status, 404);
  });

  it('lets risk and admin change, everybody read, and only risk, auditor and admin read the history', async () => {
    const symbol = await create();
    const body = rules(tomorrow(), { expectedRevision: 1 });
    for (const who of ['trader', 'approver', 'ops', 'auditor']) {
      assert.equal((await call(who, 'PUT', `/${symbol}`, body)).body.code, 'FORBIDDEN_ROLE', who);
      assert.equal(
        (await call(who, 'PATCH', `/${symbol}`, { tradable: false, reason: 'x' })).status,
        403,
        who,
      );
      assert.equal((await call(who, 'GET', `/${symbol}`)).status, 200, who);
    }
    assert.equal((await call('admin', 'PUT', `/${symbol}`, body)).status, 200);
    for (const who of ['risk', 'auditor', 'admin']) {
      assert.equal((await call(who, 'GET', `/${symbol}/history`)).status, 200, who);
    }
    for (const who of ['trader', 'approver', 'ops']) {
      assert.equal((await call(who, 'GET', `/${symbol}/history`)).status, 403, who);
    }
  });

  it('puts price-banded ticks in force from a day on, and shows the rules of any day', async () => {
    const symbol = await create();
    const ticks = [
      { from: '0', tickSize: '0.0001' },
      { from: '1.00', tickSize: '0.01' },
    ];
    const planned = rules(tomorrow(), { ticks, tickSize: undefined, expectedRevision: 1 });
    const put = await call('risk', 'PUT', `/${symbol}`, planned);
    assert.equal(put.status, 200, JSON.stringify(put.body));
    assert.deepEqual(
      put.body.versions.map(({ effectiveFrom, effectiveTo, tickSize }) => [
        effectiveFrom,
        effectiveTo,
        tickSize,
      ]),
      [
        ['2020-01-01', today(), '0.01'],
        [tomorrow(), undefined, '0.01'],
      ],
    );
    assert.deepEqual(put.body.versions[1]?.ticks[1], { from: '1', tickSize: '0.01' });
    const on = async (day: string) => {
      const { body } = await call<{ items: Shown[] }>('trader', 'GET', `?on=${day}`);
      return body.items.find((item) => item.symbol === symbol)?.ticks.length;
    };
    assert.deepEqual([await on('2019-12-31'), await on(today()), await on(tomorrow())], [undefined, 1, 2]);
    assert.equal((await call('trader', 'GET', '?on=2026-02-30')).status, 400);
  });

  it('refuses to rewrite a day that has begun, and says from when a version can begin', async () => {
    const symbol = await create();
    for (const day of [today(), '2021-01-01']) {
      const refused = await call('risk', 'PUT', `/${symbol}`, rules(day, { expectedRevision: 1 }));
      assert.deepEqual(faultsOf(refused), [422, 'INSTRUMENT_DATE_PAST /effectiveFrom']);
      assert.match(refused.body.errors?.[0]?.message ?? '', /tomorrow or later/);
    }
    const untouched = await call('trader', 'GET', `/${symbol}`);
    assert.equal(untouched.body.instrument.revision, 1);
  });

  it('names every fault of a version, and takes nothing that is rounded or no decimal string', async () => {
    const symbol = await create();
    const wrong = { expectedRevision: 1, listing: 'XXXX', lotSize: '0', priceMax: '0.001' };
    const refused = await call('risk', 'PUT', `/${symbol}`, rules(tomorrow(), wrong));
    assert.deepEqual(faultsOf(refused), [
      422,
      'INSTRUMENT_RULES_INVALID /listing',
      'INSTRUMENT_RULES_INVALID /lotSize',
      'INSTRUMENT_RULES_INVALID /priceMax',
    ]);
    const malformed = {
      expectedRevision: 1,
      tickSize: 0.01,
      lotSize: '1e2',
      priceMin: '0.0000000000000000000000000000000000001',
      colour: 'red',
    };
    assert.deepEqual(
      faultsOf(await call('risk', 'PUT', `/${symbol}`, rules(tomorrow(), malformed))).slice(0, 5),
      [
        400,
        'MALFORMED_REQUEST /tickSize',
        'MALFORMED_REQUEST /lotSize',
        'MALFORMED_REQUEST /priceMin',
        'MALFORMED_REQUEST /colour',
      ],
    );
    const both = rules(tomorrow(), { expectedRevision: 1, ticks: [{ from: '0', tickSize: '1' }] });
    assert.equal((await call('risk', 'PUT', `/${symbol}`, both)).status, 400);
    const silent = rules(tomorrow(), { expectedRevision: 1, reason: ' ' });
    assert.deepEqual(faultsOf(await call('risk', 'PUT', `/${symbol}`, silent)), [
      400,
      'MALFORMED_REQUEST /reason',
    ]);
  });

  it('lets one of many changes of the same revision through, and tells the others', async () => {
    const symbol = await create();
    const lots = ['2', '3', '4', '5', '6'];
    const answers = await Promise.all(
      lots.map((lotSize) =>
        call(
          'risk',
          'PUT',
          `/${symbol}`,
          rules(tomorrow(), { lotSize, quantityMin: lotSize, expectedRevision: 1 }),
        ),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409, 409]);
    const lost = answers.find(({ status }) => status === 409);
    assert.equal(lost?.body.code, 'INSTRUMENT_CHANGED');
    const { body } = await call('trader', 'GET', `/${symbol}`);
    assert.equal(body.instrument.revision, 2);
    const winner = lots[answers.findIndex(({ status }) => status === 200)];
    assert.equal(body.versions.at(-1)?.lotSize, winner);
    const history = await call<History>('auditor', 'GET', `/${symbol}/history`);
    assert.equal(history.body.items.length, 2);
    const again = await call('risk', 'PUT', `/${symbol}`, rules(tomorrow(), { expectedRevision: 0 }));
    assert.deepEqual(faultsOf(again), [409, 'INSTRUMENT_CHANGED /expectedRevision']);
  });

  it('writes nothing over what the writer has not seen, a halt with it neither', async () => {
    const { db } = api.mongo;
    for (const symbol of [await create(), 'AIG']) {
      const seen = (await findInstrument(db, symbol))!;
      const reason = { tradable: false, reason: 'somebody else' };
      assert.equal((await call('risk', 'PATCH', `/${symbol}`, reason)).status, 200);
      const at = new Date().toISOString();
      const next = { ...seen, revision: seen.revision + 1, versions: seen.versions.slice(0, 1) };
      const halt = { scope: 'symbol', id: symbol, halted: true, by: 'late', reason: 'late', at } as const;
      const change = { current: seen, next, change: 'flagsSet', by: 'late', reason: 'late', at } as const;
      assert.equal(await writeInstruments(db, [change], [{ halt, revision: next.revision }]), 'stale');
      assert.equal((await findInstrument(db, symbol))?.withdrawn?.reason, 'somebody else');
      const { items } = await listInstrumentAudit(db, { symbol });
      assert.equal(items.filter(({ by }) => by === 'late').length, 0);
      assert.equal((await listHalts(db)).filter(({ id }) => id === symbol).length, 0);
    }
  });

  it('stops and resumes at once, and keeps who did what, when, why, and from what to what', async () => {
    const symbol = await create();
    const stop = { tradable: false, halted: true, reason: 'merger news' };
    const stopped = await call('risk', 'PATCH', `/${symbol}`, stop);
    const { instrument } = stopped.body;
    assert.deepEqual(
      [
        instrument.tradable,
        instrument.notTradableReason,
        instrument.halted,
        instrument.haltReason,
        instrument.revision,
      ],
      [false, 'merger news', true, 'merger news', 2],
    );
    const halts = await api.clients['trader']!.call<{ items: { id: string; halted: boolean }[] }>(
      'GET',
      '/v1/halts',
    );
    assert.equal(halts.body.items.find(({ id }) => id === symbol)?.halted, true);
    const stale = { tradable: true, reason: 'over', expectedRevision: 1 };
    assert.equal((await call('risk', 'PATCH', `/${symbol}`, stale)).status, 409);
    const resumed = await call('admin', 'PATCH', `/${symbol}`, { ...stale, expectedRevision: 2 });
    assert.deepEqual([resumed.body.instrument.tradable, resumed.body.instrument.halted], [true, true]);
    await api.clients['risk']!.call('PUT', `/v1/halts/symbol/${symbol}`, { halted: false, reason: 'calm' });
    const { body } = await call<History>('auditor', 'GET', `/${symbol}/history`);
    assert.deepEqual(
      body.items.map(({ change, by, reason, revision }) => [change, by, reason, revision]).sort(),
      [
        ['created', 'risk', 'test', 1],
        ['flagsSet', 'admin', 'over', 3],
        ['flagsSet', 'risk', 'merger news', 2],
        ['halted', 'risk', 'merger news', 2],
        ['resumed', 'risk', 'calm', 3],
      ],
    );
    const change = body.items.find(({ change, revision }) => change === 'flagsSet' && revision === 2);
    assert.equal(change?.to.withdrawn?.by, 'risk');
    assert.equal(change?.from?.versions?.[0]?.tickSize, '0.01');
    assert.ok(Date.parse(change?.at ?? '') > 0);
    const first = await call<History>('auditor', 'GET', `/${symbol}/history?limit=3`);
    const second = await call<History>(
      'auditor',
      'GET',
      `/${symbol}/history?limit=3&cursor=${first.body.nextCursor}`,
    );
    assert.deepEqual([...first.body.items, ...second.body.items], body.items);
  });

  it('ends an instrument after a day that is not over, and cannot resume what its rules keep closed', async () => {
    const symbol = await create();
    const ended = await call('risk', 'PATCH', `/${symbol}`, { effectiveTo: today(), reason: 'delisted' });
    assert.equal(ended.body.instrument.effectiveTo, today());
    const past = await call('risk', 'PATCH', `/${symbol}`, { effectiveTo: '2021-01-01', reason: 'delisted' });
    assert.deepEqual(faultsOf(past), [422, 'INSTRUMENT_DATE_PAST /effectiveTo']);
    const closed = await create({ tradable: false });
    const refused = await call('risk', 'PATCH', `/${closed}`, { tradable: true, reason: 'open' });
    assert.deepEqual(faultsOf(refused), [422, 'INSTRUMENT_RULES_INVALID /tradable']);
    assert.equal((await call('risk', 'PATCH', '/NOPE', { tradable: true, reason: 'open' })).status, 404);
    assert.equal((await call('risk', 'PATCH', `/${symbol}`, { reason: 'nothing' })).status, 400);
  });

  it('is obeyed by order entry: from the midnight of the listing on, and within seconds for flags', async () => {
    const symbol = await create();
    const planned = rules(tomorrow(), { lotSize: '100', quantityMin: '100', expectedRevision: 1 });
    assert.equal((await call('risk', 'PUT', `/${symbol}`, planned)).status, 200);
    const desk = createOrderEntryActivities({
      db: api.mongo.db,
      config: {
        STEADFILL_PROFILE: 'demo',
        STEADFILL_SETTLEMENT_DELAY_MS: 1_000,
        STEADFILL_VENUE_TASK_QUEUE_PREFIX: 'test-',
      },
    });
    const codes = async (at: string, account = 'ACC-1'): Promise<string[]> => {
      const result = await desk.validateOrder(orderInput(symbol, account, at));
      return result.outcome === 'denied' ? result.reasons.map(({ code }) => code) : [];
    };
    const midnightMs = Date.parse(listingDayBegin(NEW_YORK, tomorrow()));
    const justBefore = new Date(midnightMs - 1).toISOString();
    const atMidnight = new Date(midnightMs).toISOString();
    assert.deepEqual(await codes(justBefore), []);
    assert.deepEqual(await codes(atMidnight), ['QUANTITY_OUT_OF_BOUNDS', 'QUANTITY_NOT_ON_LOT']);
    assert.equal(
      (await call('risk', 'PATCH', `/${symbol}`, { tradable: false, reason: 'stop' })).status,
      200,
    );
    await eventually(async () => (await codes(justBefore)).includes('INSTRUMENT_NOT_TRADABLE'), {
      timeoutMs: SEEN_MS_MAX,
    });
  });

  it('keeps records that builds without versions read as the rules of the day', async () => {
    const symbol = await create();
    const planned = rules(tomorrow(), { lotSize: '100', quantityMin: '100', expectedRevision: 1 });
    assert.equal((await call('risk', 'PUT', `/${symbol}`, planned)).status, 200);
    const record = await collection<InstrumentRecord>(api.mongo.db, 'instruments').findOne({ _id: symbol });
    assert.deepEqual(
      [String(record?.lotSize), record?.effectiveFrom, record?.effectiveTo, record?.tradable],
      ['1', '2020-01-01', today(), true],
    );
  });
});

function orderInput(symbol: string, account: string, at: string): ValidateOrderInput {
  const clientOrderId = uniqueName('c').slice(0, 60);
  return {
    orderId: clientOrderId,
    workflowId: `order:${account}:${clientOrderId}`,
    firstRunId: 'run-1',
    request: {
      clientOrderId,
      account,
      symbol,
      side: 'buy',
      type: 'limit',
      quantity: decimal('10'),
      limitPrice: decimal('50'),
      timeInForce: 'day',
    },
    requestHash: 'hash',
    enteredBy: 'trader',
    at,
  };
}
