// Goal: a trade that is busted days after it settled leaves order, fills, position, profit, fees, cash and ledger as if
// it had never been, once the bust has settled too. Method: Temporal's time-skipping server, on which the days pass, with
// the real workflows, recording and settlement on a real MongoDB; entry, risk and the venue are scripted.
import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandle } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import { after, before, describe, it } from 'mocha';
import { createReportSignals } from '../../../activities/execution/temporal-signals';
import { decimal, isZero, sum, ZERO } from '../../../domain/money/decimal';
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
import { withOrder, type Harness } from '../../support/order-harness';
import { fillOf, reportOf } from '../../support/scripted-activities';
import { recordingIn } from './recording-in';
import { testMongo, uniqueName } from '../../support/servers';
import { openTimeSkipping } from '../../support/time-skipping';
import type { OrderView } from '../../../domain/order/order-view';

const DAY_MS = 86_400_000;
/** From the look at the clock that dates the bust to the start of its workflow. */
const CLOCK_MS = 60_000;
const OPENING = decimal('100000');

describe('a bust days after the settlement', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  let harness: Harness;
  let mongo: Mongo;

  before(async () => {
    ({ environment, harness } = await openTimeSkipping());
    mongo = await openMongo({ uri: (await testMongo()).uri, database: uniqueName('days-later') });
    await ensureIndexes(mongo.db);
  });
  after(async () => {
    await environment?.teardown();
    await mongo?.db.dropDatabase();
    await mongo?.close();
  });

  /** When a workflow began and ended, by the clock that it lived by: the server's own leaps ahead once nobody waits. */
  async function lifeOf(handle: WorkflowHandle): Promise<{ beginMs: number; endMs: number }> {
    const { events } = await handle.fetchHistory();
    const atMs = (event: NonNullable<typeof events>[number] | undefined): number => tsToMs(event?.eventTime);
    return { beginMs: atMs(events?.at(0)), endMs: atMs(events?.at(-1)) };
  }

  async function read<T extends { _id: string }>(name: Parameters<typeof collection>[1], account: string) {
    const stored = await collection<T>(mongo.db, name)
      .find({ account } as never)
      .toArray();
    return stored.map((document) => fromStored<T>(document as never));
  }

  it('leaves nothing of the trade, and the ledger sums to zero', async () => {
    const account = uniqueName('ACC');
    await collection(mongo.db, 'accounts').insertOne(
      toStored({ _id: account, currency: 'USD', openingCash: OPENING }) as never,
    );
    // The gateway stamps both on executions and busts, a day ahead here.
    const dated = (fromMs: number) => {
      const settleAt = new Date(fromMs + DAY_MS).toISOString();
      return { settleAt, settlementDate: settleAt.slice(0, 10) };
    };
    const beginMs = await environment.currentTimeMs();
    const script = {
      route: ({ orderId, clOrdId }: { orderId: string; clOrdId: string }) => ({
        outcome: 'sent' as const,
        reports: [
          reportOf('accepted', orderId, clOrdId),
          { ...fillOf(orderId, clOrdId, '100', '182.4', 0), ...dated(beginMs) },
        ],
      }),
    };
    const options = { activities: recordingIn(mongo.db), withoutSubmit: true, request: { account } };
    await withOrder(harness, script, options, async (order) => {
      const settled = (await order.handle.result()) as OrderView;
      assert.deepEqual([settled.state, settled.settledQty], ['settled', '100']);
      const { endMs: settledAtMs } = await lifeOf(order.handle);
      assert.ok(settledAtMs - beginMs >= DAY_MS, 'the settlement took its day');

      await environment.sleep(2 * DAY_MS);
      const [fill] = await read<FillRecord>('fills', account);
      const bust = reportOf('bust', order.orderId, `${order.orderId}-1`, {
        execRefId: fill?.execId ?? '',
        ...dated(await environment.currentTimeMs()),
      });
      const tell = createReportSignals(harness.client, order.taskQueue);
      assert.equal(await tell(order.handle.workflowId, [bust]), 'correction');
      const correction = harness.client.workflow.getHandle(`correction:XSIM:${bust.execId ?? ''}`);
      const view = (await correction.result()) as OrderView;
      const life = await lifeOf(correction);
      assert.ok(life.beginMs - settledAtMs >= 2 * DAY_MS, 'the bust came two days later');
      assert.ok(life.endMs - life.beginMs >= DAY_MS - CLOCK_MS, 'and its settlement took a day too');
      assert.deepEqual(
        [view.state, view.ordStatus, view.cumQty, view.settledQty],
        ['settled', 'canceled', '0', '0'],
      );

      const balance = await collection<BalanceRecord>(mongo.db, 'accountBalances').findOne({ _id: account });
      assert.ok(balance);
      const { cash, settledCash } = fromStored<BalanceRecord>(balance);
      assert.deepEqual([cash, settledCash], [OPENING, OPENING]);
      const [position] = await read<PositionRecord>('positions', account);
      assert.deepEqual(
        [position?.quantity, position?.settledQuantity, position?.realisedPnl, position?.fees],
        [ZERO, ZERO, ZERO, ZERO],
      );
      const [busted] = await read<FillRecord>('fills', account);
      assert.equal(busted?.status, 'busted');
      const stored = await mongo.db.collection('ledger').find({ orderId: order.orderId }).toArray();
      const ledger = stored.map((line) => fromStored<LedgerRecord>(line as never));
      assert.ok(ledger.length >= 8, `${ledger.length} postings`);
      for (const asset of new Set(ledger.map((line) => line.asset))) {
        const amounts = ledger.filter((line) => line.asset === asset).map(({ amount }) => amount);
        assert.ok(isZero(sum(amounts)), `the ledger of ${asset} sums to zero`);
      }
    });
  });
});
