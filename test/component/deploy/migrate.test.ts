import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createReportingActivities } from '../../../activities/reporting/reporting.activities';
import { decimal } from '../../../domain/money/decimal';
import { createLogger } from '../../../observability/logger';
import { toStored } from '../../../storage/decimal128';
import { ensureIndexes } from '../../../storage/indexes';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { findOrder, listEvents } from '../../../storage/queries/orders';
import { schemaFloor } from '../../../tools/migrate/migration-store';
import { MIGRATIONS } from '../../../tools/migrate/migrations';
import { migrationStatus, runPhase, type PhaseOptions } from '../../../tools/migrate/run-phase';
import { compareViews } from '../../../tools/rebuild/compare-views';
import { expectedOrder } from '../../../tools/rebuild/expected-order';
import { sourceTree } from '../../support/build-tree';
import { testMongo, uniqueName } from '../../support/servers';
import { RecordedOrder } from '../reporting/order-records';
import type { RecordOrderInput } from '../../../activities/reporting/reporting.port';

type AnyDoc = { _id: string; [field: string]: unknown };
type Desk = Pick<ReturnType<typeof createReportingActivities>, 'recordOrder'>;

const run = promisify(execFile);
const ROOT = resolve(__dirname, '../../..');
const [MIGRATION] = MIGRATIONS;
assert.ok(MIGRATION);
const migration = MIGRATION;

// Goal: stored data is raised while builds of both versions write; nothing is lost, and nothing is contracted too early.
// Method: the recorder of this tree beside that of a tree whose documents have no version yet, on one database; the
// backfill is cut in the middle, run again, and held against what the orders' own events say.
describe('migration of stored data', function () {
  this.timeout(120_000);
  let mongo: Mongo;
  let newer: Desk;
  let older: Desk;
  const all: RecordedOrder[] = [];

  const options = (more: Partial<PhaseOptions> = {}): PhaseOptions => ({
    batchSize: 7,
    pauseMs: 0,
    dryRun: false,
    nowMs: () => Date.parse('2026-11-25T22:00:00Z'),
    say: () => undefined,
    oldWriters: () => Promise.resolve([]),
    ...more,
  });
  const status = () => migrationStatus(mongo.db, migration);
  const behind = async () => Object.values((await status()).remaining).reduce((sum, count) => sum + count, 0);
  const differences = () =>
    compareViews(
      mongo.db,
      all.map(({ log }) => expectedOrder(log)),
    );
  const indexNames = async (name: string) =>
    (await mongo.db.collection(name).indexes()).map((index) => index.name);

  /** Events as version 1 wrote them. */
  const asOlder = (input: RecordOrderInput): RecordOrderInput => ({
    ...input,
    events: input.events.map(({ build: _, ...event }) => ({ ...event, v: 1 }) as never),
  });
  const trade = async (desk: Desk, id: string): Promise<void> => {
    const order = new RecordedOrder('A', id, 'buy', '100');
    all.push(order);
    const record = () => (desk === older ? asOlder(order.record()) : order.record());
    await desk.recordOrder(record());
    order.fill('60', '99.5');
    await desk.recordOrder(record());
    order.fill('40', '99.6');
    await desk.recordOrder(record());
  };
  const tradeMany = async (desk: Desk, prefix: string, count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) await trade(desk, `${prefix}${n}`);
  };

  before(async () => {
    mongo = await openMongo({ uri: (await testMongo()).uri, database: uniqueName('migrate') });
    await ensureIndexes(mongo.db);
    await mongo.db.collection<AnyDoc>('orders').dropIndex('byBuild');
    await mongo.db
      .collection<AnyDoc>('accounts')
      .insertOne(toStored({ _id: 'A', currency: 'USD', openingCash: decimal('5000000') }) as AnyDoc);
    const logger = createLogger('test', 'error');
    newer = createReportingActivities({ db: mongo.db, logger });
    const draft = 'activities/reporting/view-draft.ts';
    const tree = sourceTree([
      { file: draft, from: ', schemaVersion: VIEW_VERSION };', to: ' };' },
      { file: draft, from: ', schemaVersion: VIEW_VERSION };', to: ' };' },
    ]);
    const path = join(tree, 'activities/reporting/reporting.activities.ts');
    const there = createRequire(path)(path) as {
      createReportingActivities: typeof createReportingActivities;
    };
    older = there.createReportingActivities({ db: mongo.db, logger });
    await tradeMany(older, 'before', 12);
  });
  after(async () => {
    await mongo?.db.dropDatabase();
    await mongo?.close();
  });

  it('begins with what old builds left, and changes nothing in a dry run', async () => {
    assert.equal(await behind(), 12 + 24);
    await runPhase(mongo.db, migration, 'expand', options({ dryRun: true }));
    assert.equal((await status()).phase, 'pending');
    assert.ok(!(await indexNames('orders')).includes('byBuild'));
    await assert.rejects(runPhase(mongo.db, migration, 'backfill', options()), /expanded first/);
    await assert.rejects(runPhase(mongo.db, migration, 'contract', options()), /expanded first/);
  });

  it('expands twice as once', async () => {
    for (let round = 0; round < 2; round += 1) {
      assert.equal((await runPhase(mongo.db, migration, 'expand', options())).phase, 'expanded');
      const names = await indexNames('orders');
      assert.equal(names.filter((name) => name === 'byBuild' || name === 'bySchemaVersion').length, 2);
    }
  });

  it('goes on after a crash where it was, while both versions write', async () => {
    let batches = 0;
    const crash = () => {
      batches += 1;
      if (batches === 2) throw new Error('the power went');
    };
    await assert.rejects(runPhase(mongo.db, migration, 'backfill', options({ onBatch: crash })), /power/);
    assert.ok((await behind()) > 0);
    const writing = Promise.all([tradeMany(older, 'mid-old', 8), tradeMany(newer, 'mid-new', 8)]);
    await runPhase(mongo.db, migration, 'backfill', options({ batchSize: 2, pauseMs: 1 }));
    await writing;
    assert.deepEqual(await differences(), []);
    const dry = await behind();
    await runPhase(mongo.db, migration, 'backfill', options({ dryRun: true }));
    assert.equal(await behind(), dry);
  });

  it('is not contracted while an old build writes, or a document is behind', async () => {
    await trade(older, 'late');
    await assert.rejects(
      runPhase(mongo.db, migration, 'contract', options()),
      /documents of orders are behind/,
    );
    const finished = await runPhase(mongo.db, migration, 'backfill', options());
    assert.deepEqual([finished.phase, finished.remaining], ['backfilled', { orders: 0, fills: 0 }]);
    const oldWriters = () => Promise.resolve(['build b1 has 3 open orders and writes views of version 1']);
    await assert.rejects(
      runPhase(mongo.db, migration, 'contract', options({ oldWriters })),
      /build b1 has 3 open/,
    );
    assert.equal(await schemaFloor(mongo.db), 1);
  });

  it('contracts once and for all, and the views still say what the events say', async () => {
    for (let round = 0; round < 2; round += 1)
      assert.equal((await runPhase(mongo.db, migration, 'contract', options())).phase, 'contracted');
    assert.equal(await schemaFloor(mongo.db), 2);
    assert.ok(!(await indexNames('orders')).includes('bySchemaVersion'));
    assert.ok((await indexNames('orders')).includes('byBuild'));
    assert.deepEqual(await differences(), []);
    assert.equal((await runPhase(mongo.db, migration, 'expand', options())).phase, 'contracted');
    assert.ok(!(await indexNames('orders')).includes('bySchemaVersion'));
  });

  it('is told by the command in one line for machines', async () => {
    const env = {
      ...process.env,
      MONGODB_URI: (await testMongo()).uri,
      MONGODB_DATABASE: mongo.db.databaseName,
    };
    const args = ['--import', 'tsx', 'tools/migrate/main.ts', 'status', '--json'];
    const { stdout } = await run(process.execPath, args, { cwd: ROOT, env });
    const told = JSON.parse(stdout) as { id: string; phase: string };
    assert.deepEqual([told.id, told.phase], [migration.id, 'contracted']);
    const unknown = run(process.execPath, [...args, '--migration', '9999'], { cwd: ROOT, env });
    await assert.rejects(unknown, /no migration is called 9999/);
  });

  it('shows clients the same in both versions: no bookkeeping, and events of the newest version', async () => {
    const [first] = all;
    assert.ok(first);
    const view = await findOrder(mongo.db, first.state.orderId);
    assert.ok(view !== undefined && !('schemaVersion' in view));
    const { items } = await listEvents(mongo.db, { orderId: first.state.orderId });
    assert.ok(items.length > 3);
    for (const event of items) assert.deepEqual([event.v, event.build], [2, null]);
    const raw = await mongo.db.collection<AnyDoc>('orderEvents').findOne({ orderId: first.state.orderId });
    assert.equal(raw?.['v'], 1, 'the log itself is never rewritten');
  });
});
