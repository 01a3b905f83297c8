import assert from 'node:assert/strict';
import { createReportingActivities } from '../../../activities/reporting/reporting.activities';
import { add, decimal, multiply, subtract, sum } from '../../../domain/money/decimal';
import { createLogger } from '../../../observability/logger';
import { assertMongoUp, MongoUnavailableError } from '../../../storage/availability';
import { ensureIndexes } from '../../../storage/indexes';
import { openMongo } from '../../../storage/mongo';
import { listFills } from '../../../storage/queries/fills';
import { listPositions } from '../../../storage/queries/accounts';
import { eventually } from '../../support/eventually';
import { RecordedOrder } from '../reporting/order-records';
import { RestartableMongo } from './restartable-mongo';
import { applyTo, buy, RESERVATION, RiskWorld } from './risk-world';

/** Less than waiting for a MongoDB that is away takes. */
const FAST_MS = 1_000;
const RETRY_MS = 100;

/** Repeats as Temporal would repeat an activity. */
async function untilDone<T>(step: () => Promise<T>, repeats: { count: number }): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch {
      repeats.count += 1;
      await new Promise((wake) => setTimeout(wake, RETRY_MS));
    }
  }
}

async function elapsedMs(step: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await assert.rejects(step(), MongoUnavailableError);
  return performance.now() - start;
}

/** Goal: MongoDB may die at any moment; nothing is lost, nothing happens twice, nobody hangs. */
describe('MongoDB killed', function () {
  this.timeout(120_000);
  let server: RestartableMongo;
  before(async () => (server = await RestartableMongo.prepare()));
  after(() => server.remove());

  it('opens while the server is down, says so, and connects by itself', async () => {
    const mongo = await openMongo({ uri: server.uri, database: 'opening' });
    try {
      assert.equal(mongo.ready(), false);
      assert.throws(() => assertMongoUp(mongo.db), MongoUnavailableError);
      await server.start();
      await eventually(() => mongo.ready(), { timeoutMs: 30_000, what: 'readiness' });
      assertMongoUp(mongo.db);
      await ensureIndexes(mongo.db);
      await ensureIndexes(mongo.db);
    } finally {
      await mongo.close();
    }
    assert.equal(mongo.ready(), false);
  });

  it('fails at once while the server is down, and goes on when it is back', async () => {
    const world = await RiskWorld.open(server.uri, 'outage');
    try {
      await world.setLimits();
      await world.seed('A', '1000000');
      const order = buy('A');
      await world.risk.reserveExposure(order);
      await server.kill();
      await eventually(() => !world.mongo.ready(), { timeoutMs: 30_000, what: 'the loss being noticed' });
      assert.ok((await elapsedMs(() => world.risk.reserveExposure(buy('A')))) < FAST_MS);
      const reporting = createReportingActivities({
        db: world.mongo.db,
        logger: createLogger('test', 'error'),
      });
      const record = new RecordedOrder('A', 'c1', 'buy', '100').record();
      assert.ok((await elapsedMs(() => reporting.recordOrder(record))) < FAST_MS);
      await server.start();
      await eventually(() => world.mongo.ready(), { timeoutMs: 30_000, what: 'readiness' });
      assert.equal((await world.risk.reserveExposure(order)).outcome, 'reserved');
      assert.equal((await world.account('A')).reserved, RESERVATION);
      await reporting.recordOrder(record);
    } finally {
      await world.close();
    }
  });

  it('reserves, releases and records exactly once through three crashes under load', async () => {
    const world = await RiskWorld.open(server.uri, 'load');
    const repeats = { count: 0 };
    try {
      await world.setLimits();
      const orders = 120;
      const affordable = 100;
      await world.seed('A', multiply(RESERVATION, decimal(String(affordable))));
      await world.mongo.db.collection('accounts').insertOne({ _id: 'A' as never, currency: 'USD' });
      const reporting = createReportingActivities({
        db: world.mongo.db,
        logger: createLogger('test', 'error'),
      });
      let reserved = 0;
      const run = async (n: number): Promise<void> => {
        const order = buy('A');
        const decision = await untilDone(() => world.risk.reserveExposure(order), repeats);
        if (decision.outcome === 'denied') return;
        reserved += 1;
        const recorded = new RecordedOrder('A', `c${n}`, 'buy', '100');
        const entry = recorded.record();
        await untilDone(() => reporting.recordOrder(entry), repeats);
        recorded.fill('100', '99');
        const moved = { cashDelta: decimal('-9900.1'), positionDelta: decimal('100') };
        const hold = { ...moved, reservedCash: decimal('100') };
        await untilDone(() => world.risk.applyExposure(applyTo(order, 6, hold)), repeats);
        const record = recorded.record();
        await untilDone(() => reporting.recordOrder(record), repeats);
        await untilDone(() => world.risk.applyExposure(applyTo(order, 8, moved)), repeats);
      };
      let launched = 0;
      let allowed = 20;
      const workers = Array.from({ length: 12 }, async () => {
        while (launched < orders) {
          if (launched < allowed) await run(launched++);
          else await new Promise((wake) => setTimeout(wake, 1));
        }
      });
      for (const next of [50, 80, orders]) {
        await eventually(() => launched >= allowed, { timeoutMs: 60_000, intervalMs: 1, what: 'the load' });
        const seen = repeats.count;
        await server.kill();
        // Orders come while it is away, so that each crash is noticed, however fast the machine is.
        allowed = next;
        await eventually(() => repeats.count > seen, { intervalMs: 1, what: 'a call that found it away' });
        await server.start();
      }
      await Promise.all(workers);

      const account = await world.account('A');
      const exposures = await world.exposures('A');
      const cash = add(
        multiply(RESERVATION, decimal(String(affordable))),
        sum(exposures.map(({ contribution }) => contribution.cashDelta)),
      );
      assert.equal(account.reserved, '0');
      assert.equal(account.cash, cash);
      assert.equal(
        subtract(
          account.positions['IBM']?.quantity ?? decimal('0'),
          multiply(decimal('100'), decimal(String(reserved))),
        ),
        '0',
      );
      const fills = await listFills(world.mongo.db, { accounts: ['A'], limit: 500 });
      assert.equal(fills.items.length, reserved);
      const [position] = await listPositions(world.mongo.db, ['A'], () => undefined);
      assert.equal(position?.quantity, account.positions['IBM']?.quantity);
    } finally {
      await world.close();
    }
  });
});
