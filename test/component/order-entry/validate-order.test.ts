import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { seedDemoWorld } from '../../../activities/order-entry/demo-seed';
import {
  createOrderEntryActivities,
  type OrderEntryConfig,
} from '../../../activities/order-entry/order-entry.activities';
import { decimal, sum } from '../../../domain/money/decimal';
import { orderIdOf, requestHashOf, workflowIdOf } from '../../../domain/order/order-id';
import { isMongoUnavailable } from '../../../storage/availability';
import {
  collection,
  type IdentityDoc,
  type InstrumentRecord,
  type LedgerRecord,
} from '../../../storage/collections';
import { fromStored } from '../../../storage/decimal128';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { testMongo, uniqueName } from '../../support/servers';
import type { ValidateOrderInput } from '../../../activities/order-entry/order-entry.port';
import type { OrderRequest } from '../../../domain/order/order-types';

const CONFIG: OrderEntryConfig = {
  STEADFILL_PROFILE: 'demo',
  STEADFILL_SETTLEMENT_DELAY_MS: 1_500,
  STEADFILL_VENUE_TASK_QUEUE_PREFIX: 'test-',
};
const AT = '2026-01-05T15:00:00.000Z';

function inputOf(
  clientOrderId: string,
  firstRunId: string,
  change: Partial<OrderRequest> = {},
): ValidateOrderInput {
  const request: OrderRequest = {
    clientOrderId,
    account: 'ACC-1',
    symbol: 'IBM',
    side: 'buy',
    type: 'limit',
    quantity: decimal('100'),
    limitPrice: decimal('182.5'),
    timeInForce: 'day',
    ...change,
  };
  return {
    orderId: orderIdOf(request.account, clientOrderId),
    workflowId: workflowIdOf(request.account, clientOrderId),
    firstRunId,
    request,
    requestHash: requestHashOf(request),
    enteredBy: 'desk-1',
    at: AT,
  };
}

/** Goal: an id is owned by one run for ever, and every breach is named. Method: the activities on a real server. */
describe('order entry on MongoDB', function () {
  this.timeout(60_000);
  let mongo: Mongo;
  const activities = (config = CONFIG) => createOrderEntryActivities({ db: mongo.db, config });

  before(async () => {
    mongo = await openMongo({ uri: (await testMongo()).uri, database: uniqueName('order-entry') });
    await seedDemoWorld(mongo.db, AT);
  });
  after(async () => {
    await mongo.db.dropDatabase();
    await mongo.close();
  });

  it('answers a valid order with its terms, and keeps who owns the id', async () => {
    const input = inputOf('valid', 'run-1');
    assert.deepEqual(await activities().validateOrder(input), {
      outcome: 'valid',
      terms: {
        venue: 'XSIM',
        venueTaskQueue: 'test-XSIM',
        currency: 'USD',
        tickSize: '0.01',
        lotSize: '1',
        multiplier: '1',
        sessionCloseAt: '2026-01-05T22:00:00Z',
        settlement: { mode: 'demo', delayMs: 1_500 },
      },
    });
    assert.deepEqual(
      await collection<IdentityDoc>(mongo.db, 'orderIdentities').findOne({ _id: 'ACC-1:valid' }),
      {
        _id: 'ACC-1:valid',
        orderId: input.orderId,
        requestHash: input.requestHash,
        workflowId: 'order:ACC-1:valid',
        firstRunId: 'run-1',
        createdAt: AT,
      },
    );
  });

  it('fixes when an order for an auction or a date ends by itself', async () => {
    const endOf = async (id: string, change: Partial<OrderRequest>): Promise<string | undefined> => {
      const result = await activities().validateOrder(inputOf(id, 'run-1', change));
      assert.ok(result.outcome === 'valid', JSON.stringify(result));
      return result.terms.endsAt;
    };
    assert.equal(await endOf('closing', { type: 'limitOnClose' }), '2026-01-05T22:00:00.000Z');
    assert.equal(await endOf('opening', { timeInForce: 'opg' }), '2026-01-05T22:01:00.000Z');
    const expireAt = '2026-02-02T09:30:00.000Z';
    assert.equal(await endOf('dated', { timeInForce: 'gtd', expireAt }), expireAt);
    assert.equal(await endOf('shown', { type: 'iceberg', displayQuantity: decimal('10') }), undefined);
  });

  it('settles by the calendar outside the demo profile', async () => {
    const result = await activities({ ...CONFIG, STEADFILL_PROFILE: 'production' }).validateOrder(
      inputOf('real', 'run-1'),
    );
    assert.ok(result.outcome === 'valid');
    assert.deepEqual(result.terms.settlement, { mode: 'calendar' });
  });

  it('names every breach', async () => {
    const input = inputOf('bad', 'run-1', { account: 'ACC-9', symbol: 'NOPE', side: 'sellShort' });
    const result = await activities().validateOrder(input);
    assert.ok(result.outcome === 'denied');
    assert.deepEqual(
      result.reasons.map(({ code }) => code),
      ['UNKNOWN_ACCOUNT', 'UNKNOWN_SYMBOL', 'UNSUPPORTED_SIDE'],
    );
  });

  it('gives a retry of the same run the same answer, also from another process and for a denied order', async () => {
    for (const change of [{}, { quantity: decimal('0.5') }]) {
      const input = inputOf(`retry-${Object.keys(change).length}`, 'run-1', change);
      const first = await activities().validateOrder(input);
      assert.deepEqual(await activities().validateOrder(input), first);
    }
  });

  it('refuses an id of another run, and says whether the content is the same', async () => {
    const desk = activities();
    await desk.validateOrder(inputOf('taken', 'run-1'));
    const same = await desk.validateOrder(inputOf('taken', 'run-2'));
    assert.deepEqual(same, { outcome: 'duplicate', sameContent: true });
    const other = await desk.validateOrder(inputOf('taken', 'run-3', { quantity: decimal('200') }));
    assert.deepEqual(other, { outcome: 'duplicate', sameContent: false });
  });

  it('lets exactly one of many runs have an id, in one process and across two', async () => {
    const desks = [activities(), activities()];
    const runs = Array.from({ length: 20 }, (_, index) => `run-${index}`);
    const results = await Promise.all(
      runs.map((run, index) => desks[index % 2]!.validateOrder(inputOf('race', run))),
    );
    assert.equal(results.filter(({ outcome }) => outcome === 'valid').length, 1);
    assert.equal(results.filter(({ outcome }) => outcome === 'duplicate').length, 19);
  });

  it('costs one message in the usual case, and one for all orders that arrive together', async () => {
    const { uri } = await testMongo();
    const client = await MongoClient.connect(uri, { monitorCommands: true });
    const commands: string[] = [];
    client.on('commandStarted', ({ commandName }) => commands.push(commandName));
    try {
      const desk = createOrderEntryActivities({ db: client.db(mongo.db.databaseName), config: CONFIG });
      await desk.validateOrder(inputOf('warm', 'run-1'));
      commands.length = 0;
      await desk.validateOrder(inputOf('alone', 'run-1'));
      assert.deepEqual(commands, ['insert']);
      commands.length = 0;
      await Promise.all(['a', 'b', 'c'].map((id) => desk.validateOrder(inputOf(`together-${id}`, 'run-1'))));
      assert.deepEqual(commands, ['insert']);
    } finally {
      await client.close();
    }
  });

  it('sees an instrument as soon as it exists', async () => {
    const desk = activities();
    assert.equal((await desk.validateOrder(inputOf('early', 'run-1', { symbol: 'NEW' }))).outcome, 'denied');
    const ibm = await collection<InstrumentRecord>(mongo.db, 'instruments').findOne({ _id: 'IBM' });
    await collection<InstrumentRecord>(mongo.db, 'instruments').insertOne({ ...ibm!, _id: 'NEW' });
    assert.equal((await desk.validateOrder(inputOf('late', 'run-1', { symbol: 'NEW' }))).outcome, 'valid');
  });

  it('checks amendments against terms and bounds', async () => {
    const desk = activities();
    const result = await desk.validateOrder(inputOf('amended', 'run-1'));
    assert.ok(result.outcome === 'valid');
    const { request } = inputOf('amended', 'run-1');
    const amend = (change: { quantity?: string; limitPrice?: string }) =>
      desk.validateAmendment({ request, terms: result.terms, ...change });
    assert.deepEqual(await amend({ quantity: '150', limitPrice: '182.49' }), { reasons: [] });
    const { reasons } = await amend({ quantity: '2000000000', limitPrice: '182.491' });
    assert.deepEqual(
      reasons.map(({ code }) => code),
      ['QUANTITY_OUT_OF_BOUNDS', 'PRICE_NOT_ON_TICK'],
    );
  });

  it('seeds the demo world once, with opening balances that are in balance', async () => {
    await mongo.db
      .collection<{ _id: string }>('instruments')
      .updateOne({ _id: 'AIG' }, { $set: { tradable: false } });
    await seedDemoWorld(mongo.db);
    const aig = await collection<InstrumentRecord>(mongo.db, 'instruments').findOne({ _id: 'AIG' });
    assert.equal(aig?.tradable, false);
    assert.equal(await mongo.db.collection('accounts').countDocuments(), 2);
    const stored = await collection<LedgerRecord>(mongo.db, 'ledger').find().toArray();
    const postings = stored.map((posting) => fromStored<LedgerRecord>(posting));
    assert.equal(postings.length, 4);
    assert.equal(sum(postings.map(({ amount }) => amount)), '0');
    assert.deepEqual(new Set(postings.map(({ at }) => at)), new Set([AT]));
  });
});

/** Goal: a caller is never kept waiting. Method: no server, and a server that takes connections and says nothing. */
describe('order entry without MongoDB', function () {
  this.timeout(30_000);
  const PROMPT_MS_MAX = 2_000;

  async function assertRefusedPromptly(uri: string): Promise<void> {
    const mongo = await openMongo({ uri, database: 'nowhere' });
    try {
      const desk = createOrderEntryActivities({ db: mongo.db, config: CONFIG });
      const startedMs = performance.now();
      await assert.rejects(desk.validateOrder(inputOf('down', 'run-1')), isMongoUnavailable);
      assert.ok(performance.now() - startedMs < PROMPT_MS_MAX);
    } finally {
      await mongo.close();
    }
  }

  it('throws at once when nobody listens', async () => {
    await assertRefusedPromptly('mongodb://127.0.0.1:1/?directConnection=true');
  });

  it('throws within two seconds when the server falls silent in the middle', async () => {
    const { uri } = await testMongo();
    const gate = await openGate(new URL(uri.replace('mongodb:', 'http:')));
    const mongo = await openMongo({
      uri: `mongodb://127.0.0.1:${gate.port}/?directConnection=true`,
      database: uniqueName('silent'),
    });
    try {
      await seedDemoWorld(mongo.db, AT);
      const desk = createOrderEntryActivities({ db: mongo.db, config: CONFIG });
      assert.equal((await desk.validateOrder(inputOf('spoken', 'run-1'))).outcome, 'valid');
      gate.silence();
      const startedMs = performance.now();
      await assert.rejects(desk.validateOrder(inputOf('silent', 'run-1')), isMongoUnavailable);
      assert.ok(performance.now() - startedMs < PROMPT_MS_MAX);
    } finally {
      await mongo.close();
      await gate.close();
    }
  });
});

interface Gate {
  port: number;
  silence(): void;
  close(): Promise<void>;
}

/** Passes bytes to the server until it is told to swallow them. */
async function openGate({ hostname, port }: URL): Promise<Gate> {
  const { connect } = await import('node:net');
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server: Server = createServer((inside) => {
    const outside = connect(parseInt(port, 10), hostname);
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => isSilent || to.write(bytes));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => (isSilent = true),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
