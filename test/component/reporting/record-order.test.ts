import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createReportingActivities } from '../../../activities/reporting/reporting.activities';
import { postingsToSettle } from '../../../activities/settlement/settlement.activities';
import { add, decimal, sum, ZERO, type Decimal } from '../../../domain/money/decimal';
import { totalsByAsset } from '../../../domain/money/ledger';
import { foldBalance } from '../../../domain/reporting/fill-effect';
import { averagePriceOf, foldPosition } from '../../../domain/reporting/position-fold';
import { toFillViews, toOrderView } from '../../../domain/order/order-projection';
import { createLogger } from '../../../observability/logger';
import { collection, type LedgerRecord } from '../../../storage/collections';
import { fromStored, toStored } from '../../../storage/decimal128';
import { ensureIndexes } from '../../../storage/indexes';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { listPositions, readAccount } from '../../../storage/queries/accounts';
import { findIdentity } from '../../../storage/queries/admissions';
import { listFills } from '../../../storage/queries/fills';
import { findOrder, findOrderByClientId, listEvents, listOrders } from '../../../storage/queries/orders';
import { InvalidCursorError } from '../../../storage/queries/page';
import { testMongo, uniqueName } from '../../support/servers';
import { RecordedOrder } from './order-records';
import type { RecordOrderInput, ReportingActivities } from '../../../activities/reporting/reporting.port';

const ONE = decimal('1');
const OPENING = decimal('1000000');
let mongo: Mongo;
const others: Mongo[] = [];

function activities(on: Mongo = mongo): ReportingActivities {
  return createReportingActivities({ db: on.db, logger: createLogger('test', 'error') });
}

/** As another worker process: a client and a memory of its own. */
async function competitor(): Promise<ReportingActivities> {
  const other = await openMongo({ uri: (await testMongo()).uri, database: mongo.db.databaseName });
  others.push(other);
  return activities(other);
}

async function seedAccount(account: string): Promise<void> {
  await mongo.db
    .collection<{ _id: string }>('accounts')
    .insertOne(toStored({ _id: account, currency: 'USD', openingCash: OPENING }) as never);
}

/** Every view of one account must be what its orders say. */
async function assertViews(account: string, orders: RecordedOrder[]): Promise<void> {
  for (const order of orders) {
    const { orderId } = order.state;
    assert.deepEqual(await findOrder(mongo.db, orderId), toOrderView(order.state));
    assert.deepEqual((await listEvents(mongo.db, { orderId, limit: 500 })).items, order.log);
    const fills = (await listFills(mongo.db, { orderId, limit: 500 })).items;
    const byId = (a: { fillId: string }, b: { fillId: string }) => (a.fillId < b.fillId ? -1 : 1);
    assert.deepEqual([...fills].sort(byId), [...toFillViews(order.state)].sort(byId));
  }
  const fills = orders.flatMap(({ state }) => toFillViews(state));
  const positions = await listPositions(mongo.db, [account], () => undefined);
  for (const symbol of new Set(fills.map((fill) => fill.symbol))) {
    const folded = foldPosition(
      fills.filter((fill) => fill.symbol === symbol),
      ONE,
    );
    const position = positions.find((candidate) => candidate.symbol === symbol);
    assert.equal(position?.quantity, folded.quantity);
    assert.equal(position?.realisedPnl, folded.realisedPnl);
    assert.equal(position?.averagePrice, averagePriceOf(folded, ONE));
  }
  const balance = foldBalance(
    OPENING,
    fills.map((fill) => ({ ...fill, multiplier: ONE })),
  );
  const view = await readAccount(mongo.db, account);
  assert.equal(view?.cash, balance.cash);
  assert.equal(view?.settledCash, balance.settledCash);
  await assertLedger(account, balance.cash);
}

/** The ledger sums to zero for each asset, and its trade postings explain the account's cash. */
async function assertLedger(account: string, cash: Decimal): Promise<void> {
  const stored = await collection<LedgerRecord>(mongo.db, 'ledger').find({}).toArray();
  const postings = stored.map((doc) => fromStored<LedgerRecord>(doc));
  for (const [asset, total] of Object.entries(totalsByAsset(postings)))
    assert.equal(total, ZERO, `sum of ${asset}`);
  const own = postings.filter((posting) => posting.account === account && posting.asset === 'USD');
  assert.equal(add(OPENING, sum(own.map(({ amount }) => amount))), cash);
}

/** Goal: log, views and ledger say what happened, however often and in whatever order they are told. */
describe('recordOrder', function () {
  this.timeout(60_000);
  before(async () => {
    mongo = await openMongo({ uri: (await testMongo()).uri, database: uniqueName('reporting') });
    await ensureIndexes(mongo.db);
  });
  after(async () => {
    for (const other of others) await other.close();
    await mongo.db.dropDatabase();
    await mongo.close();
  });

  it('records an order from its first event to its settlement', async () => {
    await seedAccount('plain');
    const order = new RecordedOrder('plain', 'c1', 'buy', '100');
    const reporting = activities();
    await reporting.recordOrder(order.record());
    order.fill('60', '99.5');
    await reporting.recordOrder(order.record());
    order.fill('40', '99.75');
    order.settle();
    await reporting.recordOrder(order.record());
    await assertViews('plain', [order]);
    const [position] = await listPositions(mongo.db, ['plain'], () => decimal('101'));
    assert.equal(position?.settledQuantity, '100');
    assert.equal(position?.unrealisedPnl, '140');
    assert.deepEqual((await findOrderByClientId(mongo.db, 'plain', 'c1'))?.state, order.state.state);
    assert.equal(await findIdentity(mongo.db, 'plain', 'c1'), undefined);
  });

  it('takes a bust and a correction into views, position and ledger', async () => {
    await seedAccount('bust');
    const first = new RecordedOrder('bust', 'c1', 'buy', '100');
    const second = new RecordedOrder('bust', 'c2', 'sell', '50');
    const reporting = activities();
    const wrong = first.fill('60', '99.5');
    const dear = first.fill('40', '99.75');
    await reporting.recordOrder(first.record());
    second.fill('50', '101');
    await reporting.recordOrder(second.record());
    first.bust(wrong);
    await reporting.recordOrder(first.record());
    await assertViews('bust', [first, second]);
    first.correct(dear, '40', '98');
    await reporting.recordOrder(first.record());
    first.settle();
    await reporting.recordOrder(first.record());
    await assertViews('bust', [first, second]);
    const kinds = await mongo.db.collection('ledger').distinct('kind', { fillId: `XSIM-${wrong}` });
    assert.ok(kinds.includes('bust'));
  });

  it('books a fill that was busted before it was recorded not at all', async () => {
    await seedAccount('never');
    const order = new RecordedOrder('never', 'c1', 'buy', '100');
    order.bust(order.fill('60', '99.5'));
    await activities().recordOrder(order.record());
    await assertViews('never', [order]);
  });

  it('is the same when records come twice, shuffled, at once and through several processes', async () => {
    await seedAccount('storm');
    const orders = Array.from(
      { length: 24 },
      (_, n) =>
        new RecordedOrder('storm', `c${n}`, n % 3 === 0 ? 'sell' : 'buy', '100', n % 2 === 0 ? 'IBM' : 'SPY'),
    );
    const records: RecordOrderInput[] = [];
    for (const order of orders) {
      records.push(order.record());
      const execId = order.fill('30', '99.5');
      order.fill('20', '100.25');
      records.push(order.record());
      if (orders.indexOf(order) % 4 === 0) order.bust(execId);
      if (orders.indexOf(order) % 4 === 1) order.correct(execId, '25', '99');
      order.fill('10', '101');
      records.push(order.record());
      order.settle();
      records.push(order.record());
    }
    const desks = [activities(), await competitor()];
    const shuffled = fc.sample(
      fc.shuffledSubarray([...records, ...records], {
        minLength: records.length * 2,
        maxLength: records.length * 2,
      }),
      1,
    )[0]!;
    await Promise.all(shuffled.map((record, n) => desks[n % 2]!.recordOrder(record)));
    for (const record of records) await desks[0]!.recordOrder(record);
    await assertViews('storm', orders);
  });

  it('folds a position anew when a fill comes that is older than its checkpoint', async () => {
    await seedAccount('late');
    const reporting = activities();
    const late = new RecordedOrder('late', 'late', 'sell', '100');
    late.fill('100', '100', '2026-11-20T15:00:00.000Z');
    const many = new RecordedOrder('late', 'many', 'buy', '2000');
    for (let n = 0; n < 600; n += 1) many.fill('3', n % 2 === 0 ? '99.5' : '99.51');
    await reporting.recordOrder(many.record());
    await reporting.recordOrder(late.record());
    const next = new RecordedOrder('late', 'next', 'sell', '10');
    next.fill('10', '101');
    await (await competitor()).recordOrder(next.record());
    const folded = foldPosition(
      [late, many, next].flatMap(({ state }) => toFillViews(state)),
      ONE,
    );
    const [position] = await listPositions(mongo.db, ['late'], () => undefined);
    assert.equal(position?.quantity, folded.quantity);
    assert.equal(position?.realisedPnl, folded.realisedPnl);
  });

  it('takes what a workflow task says when it ran again, and not what it said first', async () => {
    // A task that Temporal did not take leaves records behind; the history has the later attempt only.
    await seedAccount('again');
    const order = new RecordedOrder('again', 'c1', 'buy', '100');
    order.fill('60', '99.5');
    const discarded = order.record();
    const later = (at: string): string => new Date(Date.parse(at) + 9).toISOString();
    const kept = {
      ...discarded,
      events: discarded.events.map((event) => ({ ...event, at: later(event.at) })),
      view: { ...discarded.view, updatedAt: later(discarded.view.updatedAt) },
    };
    const reporting = activities();
    for (const record of [discarded, kept, discarded]) await reporting.recordOrder(record);
    const { orderId } = order.state;
    assert.deepEqual((await listEvents(mongo.db, { orderId, limit: 500 })).items, kept.events);
    assert.deepEqual(await findOrder(mongo.db, orderId), kept.view);
    assert.equal((await listFills(mongo.db, { orderId, limit: 500 })).items.length, 1);
  });

  it('does not let a record that cannot be written stop others', async () => {
    await seedAccount('poison');
    const good = new RecordedOrder('poison', 'good', 'buy', '100');
    const bad = new RecordedOrder('poison', 'bad', 'buy', '100');
    const poisoned = bad.record();
    poisoned.events[0] = { ...poisoned.events[0]!, at: 'x'.repeat(17 * 1024 * 1024) };
    const reporting = activities();
    const [kept, refused] = await Promise.allSettled([
      reporting.recordOrder(good.record()),
      reporting.recordOrder(poisoned),
    ]);
    assert.equal(kept.status, 'fulfilled');
    assert.equal(refused.status, 'rejected');
    assert.deepEqual(await findOrder(mongo.db, good.state.orderId), toOrderView(good.state));
  });

  it('books a settlement with the record that tells of it, both or neither, and once', async () => {
    await seedAccount('settled');
    const order = new RecordedOrder('settled', 'c1', 'buy', '100');
    order.fill('100', '99.5');
    const reporting = activities();
    await reporting.recordOrder(order.record());
    const settlement = postingsToSettle({
      ...order.state.request,
      orderId: order.state.orderId,
      ...{ currency: 'USD', multiplier: '1', venue: 'XSIM' },
      fills: order.state.fills,
      settlementDate: '2026-11-24',
      at: '2026-11-24T05:00:00.000Z',
    });
    const booked = () => mongo.db.collection('ledger').countDocuments({ _id: { $in: ids } as never });
    const ids = settlement.map(({ postingId }) => postingId);
    order.settle();
    const record = order.record();
    const [event] = record.events;
    const unwritable = { ...record, events: [{ ...event!, at: 'x'.repeat(17 * 1024 * 1024) }] };
    await assert.rejects(reporting.recordOrder(unwritable, settlement));
    assert.equal(await booked(), 0, 'nothing is booked without its record');
    for (const process of [reporting, reporting, await competitor()]) {
      await process.recordOrder(record, settlement);
      assert.equal(await booked(), ids.length);
    }
    assert.equal(ids.length, 4);
    await assertViews('settled', [order]);
  });

  it('lists in stable pages that neither skip nor repeat', async () => {
    await seedAccount('pages');
    const reporting = activities();
    const orders = Array.from({ length: 23 }, (_, n) => new RecordedOrder('pages', `c${n}`, 'buy', '100'));
    for (const order of orders) order.fill('100', '100');
    await Promise.all(orders.map((order) => reporting.recordOrder(order.record())));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listOrders(mongo.db, { accounts: ['pages'], limit: 5, cursor });
      seen.push(...page.items.map(({ orderId }) => orderId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(seen, orders.map(({ state }) => state.orderId).reverse());
    const fills = await listFills(mongo.db, { accounts: ['pages'], limit: 20 });
    const rest = await listFills(mongo.db, {
      accounts: ['pages'],
      limit: 20,
      cursor: fills.nextCursor ?? '',
    });
    assert.equal(new Set([...fills.items, ...rest.items].map(({ fillId }) => fillId)).size, 23);
    const since = orders[20]!.state.fills[0]!.executedAt;
    assert.equal((await listFills(mongo.db, { accounts: ['pages'], from: since })).items.length, 3);
    assert.equal((await listOrders(mongo.db, { accounts: ['pages'], state: 'cancelled' })).items.length, 0);
    await assert.rejects(listOrders(mongo.db, { cursor: 'rubbish' }), InvalidCursorError);
  });
});
