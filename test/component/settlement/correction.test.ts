import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createReportSignals } from '../../../activities/execution/temporal-signals';
import { decimal, isZero, subtract, sum, ZERO, type Decimal } from '../../../domain/money/decimal';
import {
  collection,
  type BalanceRecord,
  type FillRecord,
  type LedgerRecord,
  type PositionRecord,
} from '../../../storage/collections';
import { fromStored, toStored } from '../../../storage/decimal128';
import { ensureIndexes } from '../../../storage/indexes';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { compareViews } from '../../../tools/rebuild/compare-views';
import { expectedOrder } from '../../../tools/rebuild/expected-order';
import { HistoryReader } from '../../../tools/rebuild/read-histories';
import { eventually } from '../../support/eventually';
import { openHarness, type TemporalHarness } from '../../support/temporal-harness';
import { withOrder, type RunningOrder } from '../../support/order-harness';
import { fillOf, reportOf, type Script } from '../../support/scripted-activities';
import { recordingIn } from './recording-in';
import { testMongo, uniqueName } from '../../support/servers';
import type { ExecutionReport } from '../../../domain/order/execution-report';

const OPENING = decimal('100000');

// Goal: whatever a venue busts or corrects after the order's workflow closed, order, fills, position, cash and ledger
// agree, and equal the histories. Method: the real workflows, the real recording and settlement on a real MongoDB, and
// the gateway's own way to signal; only entry, risk and the venue are scripted.
describe('corrections of closed orders', function () {
  this.timeout(60_000);
  let mongo: Mongo;
  let harness: TemporalHarness;

  before(async () => {
    harness = await openHarness();
    mongo = await openMongo({ uri: (await testMongo()).uri, database: uniqueName('correction') });
    await ensureIndexes(mongo.db);
  });
  after(async () => {
    await mongo?.db.dropDatabase();
    await mongo?.close();
    await harness?.close();
  });

  const real = () => ({ activities: recordingIn(mongo.db) });
  const filledAtOnce = (...fills: [string, string][]): Script => ({
    route: ({ orderId, clOrdId }) => ({
      outcome: 'sent',
      reports: [
        reportOf('accepted', orderId, clOrdId),
        ...fills.map(([quantity, price]) => fillOf(orderId, clOrdId, quantity, price, 100)),
      ],
    }),
  });
  const openAccount = async (): Promise<string> => {
    const account = uniqueName('ACC');
    await collection(mongo.db, 'accounts').insertOne(
      toStored({ _id: account, currency: 'USD', openingCash: OPENING }) as never,
    );
    return account;
  };
  /** Brings reports as the gateway does. */
  const tell = async (order: RunningOrder, reports: ExecutionReport[]): Promise<string> =>
    await createReportSignals(harness.client, order.taskQueue)(order.handle.workflowId, reports);
  const dated = (settleInMs = 100) => ({
    settlementDate: '2026-01-08',
    settleAt: new Date(Date.now() + settleInMs).toISOString(),
  });

  async function stateOf(account: string) {
    const read = async <T extends { _id: string }>(name: Parameters<typeof collection>[1]): Promise<T[]> => {
      const stored = await collection<T>(mongo.db, name)
        .find({ account } as never)
        .toArray();
      return stored.map((document) => fromStored<T>(document as never));
    };
    const balance = await collection<BalanceRecord>(mongo.db, 'accountBalances').findOne({ _id: account });
    assert.ok(balance);
    const { cash, settledCash } = fromStored<BalanceRecord>(balance);
    const [position] = await read<PositionRecord>('positions');
    const ledger = await read<LedgerRecord>('ledger');
    const booked = (asset: string, book?: string): Decimal =>
      sum(
        ledger
          .filter((line) => line.asset === asset && (book === undefined || line.book === book))
          .map(({ amount }) => amount),
      );
    return { cash, settledCash, position, booked, fills: await read<FillRecord>('fills') };
  }

  /** The views say the same as each other, as the ledger, and as the histories of this order. */
  async function assertAgree(order: RunningOrder, account: string): Promise<void> {
    const { cash, settledCash, position, booked } = await stateOf(account);
    assert.equal(subtract(cash, OPENING), booked('USD'), 'cash is what the ledger says');
    assert.equal(subtract(settledCash, OPENING), booked('USD', 'settled'), 'so is settled cash');
    assert.equal(position?.quantity, booked('IBM'));
    assert.equal(position?.settledQuantity, booked('IBM', 'settled'));
    const all = await mongo.db.collection('ledger').find({ orderId: order.orderId }).toArray();
    for (const asset of ['USD', 'IBM']) {
      const amounts = all
        .filter((line) => line['asset'] === asset)
        .map((line) => decimal(String(line['amount'])));
      assert.ok(isZero(sum(amounts)), `the ledger of ${asset} sums to zero`);
    }
    const reader = new HistoryReader(
      harness.client,
      async () => undefined,
      `TaskQueue = '${order.taskQueue}'`,
    );
    await eventually(
      async () => {
        const { orders, faults } = await reader.read();
        const own = orders.filter(({ events }) => events[0]?.orderId === order.orderId);
        assert.deepEqual(faults, []);
        assert.equal(own.length, 1);
        const differences = await compareViews(
          mongo.db,
          own.map(({ events }) => expectedOrder(events)),
          '9999',
        );
        assert.deepEqual(
          differences.filter(({ id }) => id.includes(order.orderId) || id.includes(account)),
          [],
        );
        return true;
      },
      { timeoutMs: 15_000, what: 'views as the histories say' },
    );
  }

  it('busts a trade that had settled: nothing of it is left anywhere', async () => {
    const account = await openAccount();
    await withOrder(
      harness,
      filledAtOnce(['100', '182.4']),
      { ...real(), request: { account } },
      async (order) => {
        assert.equal((await order.handle.result()).state, 'settled');
        const [fill] = (await stateOf(account)).fills;
        const bust = reportOf('bust', order.orderId, `${order.orderId}-1`, {
          execRefId: fill?.execId ?? '',
          ...dated(1_500),
        });
        assert.equal(await tell(order, [bust]), 'correction');
        const correction = harness.client.workflow.getHandle(`correction:XSIM:${bust.execId ?? ''}`);
        await eventually(async () => (await stateOf(account)).cash === OPENING);
        const between = await stateOf(account);
        assert.equal(subtract(between.settledCash, OPENING), '-18240.1', 'the bust has not settled yet');
        assert.equal(between.position?.quantity, '0');
        assert.equal(between.position?.settledQuantity, '100');
        assert.equal(between.fills[0]?.status, 'busted');
        assert.equal(await tell(order, [bust]), 'correction', 'told again, it joins the one that runs');
        const view = (await correction.result()) as { state: string; cumQty: string; settledQty: string };
        assert.deepEqual([view.state, view.cumQty, view.settledQty], ['settled', '0', '0']);
        assert.equal(await tell(order, [bust]), 'correction', 'and told again, it knows');
        await correction.result();
        const done = await stateOf(account);
        assert.deepEqual([done.cash, done.settledCash], [OPENING, OPENING]);
        assert.deepEqual(
          [done.position?.realisedPnl, done.position?.fees, done.position?.settledQuantity],
          [ZERO, ZERO, ZERO],
        );
        await assertAgree(order, account);
      },
    );
  });

  it('takes corrections that come at the same time, each once and none over another', async () => {
    const account = await openAccount();
    const fills = Array.from({ length: 6 }, (): [string, string] => ['10', '182']);
    await withOrder(
      harness,
      filledAtOnce(...fills),
      { ...real(), request: { account, quantity: decimal('60') } },
      async (order) => {
        assert.equal((await order.handle.result()).state, 'settled');
        const known = (await stateOf(account)).fills;
        const reports = known.map(({ execId }, index) =>
          index % 2 === 0
            ? reportOf('bust', order.orderId, `${order.orderId}-1`, { execRefId: execId, ...dated() })
            : reportOf('correct', order.orderId, `${order.orderId}-1`, {
                execRefId: execId,
                lastQty: decimal('8'),
                lastPx: decimal('181'),
                fee: decimal('0.08'),
                ...dated(),
              }),
        );
        await Promise.all(reports.map((report) => tell(order, [report])));
        await Promise.all(
          reports.map(({ execId }) =>
            harness.client.workflow.getHandle(`correction:XSIM:${execId ?? ''}`).result(),
          ),
        );
        const { position, fills: after } = await stateOf(account);
        assert.equal(position?.quantity, '24');
        assert.equal(position?.fees, '0.24');
        assert.deepEqual(after.map(({ status }) => status).sort(), [
          'busted',
          'busted',
          'busted',
          'corrected',
          'corrected',
          'corrected',
        ]);
        await assertAgree(order, account);
      },
    );
  });

  it('takes a fill that came after the order was cancelled, and the bust of it before it settled', async () => {
    const account = await openAccount();
    await withOrder(harness, {}, { ...real(), request: { account } }, async (order) => {
      await order.reach('routed');
      const clOrdId = `${order.orderId}-1`;
      await tell(order, [reportOf('cancelled', order.orderId, clOrdId)]);
      assert.equal((await order.handle.result()).state, 'cancelled');
      const late = fillOf(order.orderId, clOrdId, '40', '182', 2_000);
      const early = reportOf('bust', order.orderId, clOrdId, { execRefId: 'later' });
      const second = { ...fillOf(order.orderId, clOrdId, '5', '182', 100), execId: 'later' };
      assert.equal(await tell(order, [early]), 'correction');
      assert.equal(await tell(order, [late, second]), 'correction');
      const correction = harness.client.workflow.getHandle(`correction:XSIM:${late.execId ?? ''}`);
      const view = (await correction.result()) as { state: string; cumQty: string; settledQty: string };
      assert.deepEqual([view.state, view.cumQty, view.settledQty], ['cancelled', '40', '40']);
      await assertAgree(order, account);
    });
  });

  it('sets aside what belongs to no order that we know', async () => {
    await withOrder(harness, {}, real(), async (order) => {
      const orderId = uniqueName('nobody');
      const fill = fillOf(orderId, `${orderId}-1`, '1', '1');
      const signal = createReportSignals(harness.client, order.taskQueue);
      assert.equal(await signal(`order:NONE:${orderId}`, [fill]), 'correction');
      const correction = harness.client.workflow.getHandle(`correction:XSIM:${fill.execId ?? ''}`);
      await assert.rejects(correction.result());
      const kept = await mongo.db.collection('unmatchedReports').findOne({ 'report.execId': fill.execId });
      assert.equal(kept?.['reason'], 'noOrder');
      await order.handle.terminate();
    });
  });
});
