import assert from 'node:assert/strict';
import { createSettlementActivities } from '../../../activities/settlement/settlement.activities';
import { decimal, sum } from '../../../domain/money/decimal';
import { collection, type LedgerRecord } from '../../../storage/collections';
import { fromStored } from '../../../storage/decimal128';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { testMongo, uniqueName } from '../../support/servers';
import type { SettleFillsInput } from '../../../activities/settlement/settlement.port';

/** Goal: settlements are in the ledger exactly once, whatever is repeated. Method: the activity on a real server. */
describe('settling fills', function () {
  this.timeout(60_000);
  let mongo: Mongo;

  before(async () => {
    mongo = await openMongo({ uri: (await testMongo()).uri, database: uniqueName('settlement') });
  });
  after(async () => {
    await mongo.db.dropDatabase();
    await mongo.close();
  });

  const input = (orderId: string, fillIds: string[]): SettleFillsInput => ({
    orderId,
    account: 'ACC-1',
    symbol: 'IBM',
    side: 'buy',
    currency: 'USD',
    multiplier: '1',
    venue: 'XSIM',
    settlementDate: '2026-01-06',
    at: '2026-01-06T05:00:00.000Z',
    fills: fillIds.map((fillId) => ({
      fillId,
      execId: fillId,
      lastExecId: fillId,
      quantity: decimal('100'),
      price: decimal('182.505'),
      fee: decimal('0.1'),
      status: 'live',
      executedAt: '2026-01-05T15:00:00.000Z',
      tradeDate: '2026-01-05',
      settlementDate: '2026-01-06',
      settleAt: '2026-01-06T05:00:00.000Z',
      settled: false,
    })),
  });

  async function postingsOf(orderId: string): Promise<LedgerRecord[]> {
    const stored = await collection<LedgerRecord>(mongo.db, 'ledger')
      .find({ orderId })
      .sort({ _id: 1 })
      .toArray();
    return stored.map((document) => fromStored<LedgerRecord>(document));
  }

  it('books both legs of every fill as exact decimals', async () => {
    await createSettlementActivities({ db: mongo.db }).settleFills(input('o1', ['XSIM-1', 'XSIM-2']));
    const postings = await postingsOf('o1');
    assert.deepEqual(
      postings.slice(0, 4).map(({ _id, book, asset, amount }) => [_id, book, asset, amount]),
      [
        ['XSIM-1:settled-cash', 'settled', 'USD', '-18250.6'],
        ['XSIM-1:settled-shares', 'settled', 'IBM', '100'],
        ['XSIM-1:unsettled-cash', 'unsettled', 'USD', '18250.6'],
        ['XSIM-1:unsettled-shares', 'unsettled', 'IBM', '-100'],
      ],
    );
    assert.equal(postings.length, 8);
    const raw = await mongo.db
      .collection<{ _id: string; amount: unknown }>('ledger')
      .findOne({ _id: 'XSIM-1:settled-cash' });
    assert.equal((raw?.amount as { _bsontype: string })._bsontype, 'Decimal128');
  });

  it('books once what is settled again, by another process and with new fills beside', async () => {
    const first = createSettlementActivities({ db: mongo.db });
    const second = createSettlementActivities({ db: mongo.db });
    await Promise.all([
      first.settleFills(input('o2', ['XSIM-3'])),
      second.settleFills(input('o2', ['XSIM-3'])),
    ]);
    await second.settleFills(input('o2', ['XSIM-3', 'XSIM-4']));
    const postings = await postingsOf('o2');
    assert.equal(postings.length, 8);
    assert.equal(sum(postings.map(({ amount }) => amount)), '0');
  });

  it('settles many orders at once', async () => {
    const activities = createSettlementActivities({ db: mongo.db });
    const orders = Array.from({ length: 150 }, (_, index) => `many-${index}`);
    await Promise.all(orders.map((orderId) => activities.settleFills(input(orderId, [`XSIM-${orderId}`]))));
    const count = await mongo.db.collection('ledger').countDocuments({ orderId: /^many-/ });
    assert.equal(count, 600);
  });

  it('has nothing to do when every fill was busted', async () => {
    const busted = input('o3', ['XSIM-9']);
    const fills = busted.fills.map((fill) => ({ ...fill, status: 'busted' as const }));
    await createSettlementActivities({ db: mongo.db }).settleFills({ ...busted, fills });
    assert.deepEqual(await postingsOf('o3'), []);
  });
});
