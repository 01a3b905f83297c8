import assert from 'node:assert/strict';
import { createReportingActivities } from '../../../activities/reporting/reporting.activities';
import { createSettlementActivities } from '../../../activities/settlement/settlement.activities';
import { decimal } from '../../../domain/money/decimal';
import { createLogger } from '../../../observability/logger';
import { toStored } from '../../../storage/decimal128';
import { ensureIndexes } from '../../../storage/indexes';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { compareViews } from '../../../tools/rebuild/compare-views';
import { expectedOrder } from '../../../tools/rebuild/expected-order';
import { writeViews } from '../../../tools/rebuild/write-views';
import { testMongo, uniqueName } from '../../support/servers';
import { RecordedOrder } from './order-records';

type AnyDoc = { _id: string; [field: string]: unknown };

/** Goal: the comparison is silent on true views, names every falsehood, and rebuilding makes the views true. */
describe('rebuilding the views', function () {
  this.timeout(60_000);
  let mongo: Mongo;
  let orders: RecordedOrder[];
  const expected = () => orders.map(({ log }) => expectedOrder(log));
  const changed = async () =>
    [
      ...new Set((await compareViews(mongo.db, expected())).map((difference) => difference.collection)),
    ].sort();
  const docs = (name: string) => mongo.db.collection<AnyDoc>(name);
  const reporting = () => createReportingActivities({ db: mongo.db, logger: createLogger('test', 'error') });

  before(async () => {
    mongo = await openMongo({ uri: (await testMongo()).uri, database: uniqueName('rebuild') });
    await ensureIndexes(mongo.db);
    await docs('accounts').insertOne(
      toStored({ _id: 'A', currency: 'USD', openingCash: decimal('5000000') }) as AnyDoc,
    );
    const desk = reporting();
    const settlement = createSettlementActivities({ db: mongo.db });
    orders = Array.from(
      { length: 8 },
      (_, n) => new RecordedOrder('A', `c${n}`, n % 3 === 0 ? 'sell' : 'buy', '100'),
    );
    for (const [n, order] of orders.entries()) {
      await desk.recordOrder(order.record());
      const execId = order.fill('50', '99.5');
      order.fill('25', '100.5');
      if (n % 2 === 0) await desk.recordOrder(order.record());
      if (n === 2) order.correct(execId, '40', '99');
      if (n === 3) order.bust(execId);
      if (n < 6) {
        const { request, terms, fills, orderId } = order.state;
        const due = fills.filter(({ settled, status }) => !settled && status !== 'busted');
        const head = {
          orderId,
          account: 'A',
          symbol: request.symbol,
          side: request.side,
          currency: 'USD',
          multiplier: '1',
          venue: terms!.venue,
        };
        await settlement.settleFills({
          ...head,
          fills: due,
          settlementDate: '2026-11-24',
          at: '2026-11-24T05:00:00.000Z',
        });
        order.settle();
      }
      if (n === 4) order.bust(execId);
      await desk.recordOrder(order.record());
    }
  });
  after(async () => {
    await mongo.db.dropDatabase();
    await mongo.close();
  });

  it('finds nothing in views that are true', async () => {
    assert.deepEqual(await compareViews(mongo.db, expected()), []);
  });

  it('names each view that is not', async () => {
    const [order] = orders;
    const orderId = order!.state.orderId;
    const fillId = order!.state.fills[0]!.fillId;
    await docs('orders').updateOne({ _id: orderId }, { $set: { state: 'cancelled' } });
    assert.deepEqual(await changed(), ['orders']);
    await docs('orderEvents').deleteOne({ orderId, seq: 2 });
    assert.deepEqual(await changed(), ['orderEvents', 'orders']);
    await docs('fills').updateOne({ _id: fillId }, { $set: { status: 'busted' } });
    await docs('positions').updateOne({ _id: 'A:IBM' }, { $set: { quantity: 7 } });
    await docs('accountBalances').updateOne({ _id: 'A' }, { $set: { cash: 7 } });
    await docs('ledger').deleteOne({ fillId });
    await docs('ledger').insertOne({
      _id: 'stray',
      orderId,
      fillId,
      book: 'unsettled',
      account: 'A',
      asset: 'USD',
      amount: toStored({ amount: decimal('3') }).amount,
    });
    assert.deepEqual(await changed(), [
      'accountBalances',
      'fills',
      'ledger',
      'orderEvents',
      'orders',
      'positions',
    ]);
  });

  it('makes them true again, and lets the system go on', async () => {
    await docs('orders').deleteOne({ _id: orders[5]!.state.orderId });
    await writeViews(mongo.db, expected());
    assert.deepEqual(await compareViews(mongo.db, expected()), []);
    const desk = reporting();
    const next = new RecordedOrder('A', 'next', 'buy', '100');
    next.fill('100', '101');
    await desk.recordOrder(next.record());
    orders.push(next);
    await writeViews(mongo.db, expected());
    const after = new RecordedOrder('A', 'after', 'sell', '30');
    after.fill('30', '102');
    await desk.recordOrder(after.record());
    orders.push(after);
    assert.deepEqual(await compareViews(mongo.db, expected()), []);
  });

  it('reports an order that no history has, unless it is older than Temporal remembers', async () => {
    const known = expected().slice(1);
    const stranger = (await compareViews(mongo.db, known)).filter(
      ({ collection }) => collection === 'orders',
    );
    assert.deepEqual(
      stranger.map(({ id, expected: wanted }) => [id, wanted]),
      [[orders[0]!.state.orderId, 'absent']],
    );
    assert.deepEqual(await compareViews(mongo.db, known, orders[1]!.state.createdAt), []);
  });

  it('does not overwrite what is newer than the history at hand', async () => {
    const old = expectedOrder(orders[6]!.log.slice(0, 5));
    await writeViews(mongo.db, [old]);
    assert.deepEqual(await compareViews(mongo.db, expected()), []);
  });
});
