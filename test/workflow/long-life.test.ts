import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { setTimeout } from 'node:timers/promises';
import { ReportSignaller } from '../../activities/execution/report-signaller';
import { createReportSignals } from '../../activities/execution/temporal-signals';
import { add, decimal, divide, multiply, ZERO, type Decimal } from '../../domain/money/decimal';
import { createLogger } from '../../observability/logger';
import { foldOrder } from '../../domain/order/evolve';
import { toOrderView } from '../../domain/order/order-projection';
import { cancelSignal, executionReportSignal } from '../../workflows/order-entry/order-messages';
import { eventually } from '../support/eventually';
import { withOrder, type RunningOrder } from '../support/order-harness';
import { runsOf } from '../support/run-chain';
import { reportOf } from '../support/scripted-activities';
import { openHarness, type TemporalHarness } from '../support/temporal-harness';
import type { ExecutionReport } from '../../domain/order/execution-report';
import type { OrderView } from '../../domain/order/order-view';

const FIRST_DAY_MS = Date.UTC(2026, 0, 5, 15);
const DAY_MS = 86_400_000;
const DAYS = 90;
const SETTLE_MS = 200;
const FILLS_A_DAY = 56;
const HISTORY_EVENTS_MAX = 4_000;
/** Half of what the server takes. */
const PAYLOAD_BYTES_MAX = 1024 * 1024;

// Goal: an order of many days and thousands of fills loses nothing and stays small in every run. Method: a real server,
// because the time-skipping one has a flaw that a long life meets (docs/testing.md); days pass by the venue's trade dates.
describe('long lives of orders', function () {
  this.timeout(120_000);
  let harness: TemporalHarness;

  before(async () => {
    harness = await openHarness();
  });
  after(async () => {
    await harness?.close();
  });

  const fillsOf = (order: RunningOrder, day: number, count: number): ExecutionReport[] =>
    Array.from({ length: count }, (_, index) => {
      const atMs = FIRST_DAY_MS + day * DAY_MS;
      const at = new Date(atMs + index).toISOString();
      const settleAt = new Date(Date.now() + SETTLE_MS).toISOString();
      return reportOf('fill', order.orderId, `${order.orderId}-1`, {
        lastQty: decimal(String((index % 7) + 1)),
        lastPx: decimal(`182.${String(10 + (index % 90))}`),
        fee: decimal('0.01'),
        transactTime: at,
        tradeDate: at.slice(0, 10),
        settlementDate: new Date(atMs + DAY_MS).toISOString().slice(0, 10),
        settleAt,
      });
    });

  /** Every event once and in order, and the order as these fills make it. */
  function assertComplete(order: RunningOrder, fills: readonly ExecutionReport[], view: OrderView): void {
    const events = order.witness.records.flatMap((record) => record.events);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
    );
    assert.deepEqual(toOrderView(foldOrder(events)), view);
    const total = (of: (report: ExecutionReport) => Decimal): Decimal => fills.map(of).reduce(add, ZERO);
    const cumQty = total(({ lastQty = ZERO }) => lastQty);
    const notional = total(({ lastQty = ZERO, lastPx = ZERO }) => multiply(lastQty, lastPx));
    assert.equal(view.cumQty, cumQty);
    assert.equal(view.avgPx, divide(notional, cumQty, 8));
    const recorded = new Set(
      order.witness.records.flatMap((record) => record.fills.map(({ fillId }) => fillId)),
    );
    assert.deepEqual(
      fills.filter(({ execId = '' }) => !recorded.has(`XSIM-${execId}`)),
      [],
    );
    for (const { events: told, fills: changed } of order.witness.records)
      assert.ok(
        told.length <= 200 && changed.length <= 200,
        `a record of ${told.length} and ${changed.length}`,
      );
  }

  async function assertSmall(order: RunningOrder, runsMin: number): Promise<void> {
    const runs = await runsOf(harness.client, order.handle.workflowId);
    assert.ok(runs.length >= runsMin, `${runs.length} runs`);
    for (const { events, inputBytes } of runs) {
      assert.ok(events < HISTORY_EVENTS_MAX, `a run of ${events} events`);
      assert.ok(inputBytes < PAYLOAD_BYTES_MAX, `a run that begins with ${inputBytes} bytes`);
    }
  }

  it('fills 5,040 times over 90 days, and is busted on the 60th and after its end', async () => {
    const request = { timeInForce: 'gtc' as const, quantity: decimal('100000') };
    const options = { request, historyEventsMax: 12 };
    await withOrder(harness, {}, options, async (order) => {
      await order.reach('routed');
      const live: ExecutionReport[] = [];
      let run = await order.runId();
      let bust: ExecutionReport | undefined;
      for (let day = 1; day <= DAYS; day += 1) {
        const today = fillsOf(order, day, FILLS_A_DAY);
        const again = day === 1 ? [] : [live[0], live.at(-1)].filter((report) => report !== undefined);
        await order.handle.signal(executionReportSignal, [...today, ...again, ...today.slice(20)]);
        live.push(...today);
        const cumQty = live.map(({ lastQty = ZERO }) => lastQty).reduce(add, ZERO);
        if (day % 10 !== 0) continue;
        const before = await eventually(async () => {
          const now = await order.view();
          return now.cumQty === cumQty && now;
        });
        await order.untilNewRun(run);
        run = await order.runId();
        if (day === 60) {
          const [first] = live.splice(0, 1);
          const bustOf = { execRefId: first?.execId ?? '' };
          bust = reportOf('bust', order.orderId, `${order.orderId}-1`, bustOf);
          await order.handle.signal(executionReportSignal, bust);
          const after = await eventually(async () => {
            const now = await order.view();
            return now.cumQty !== before.cumQty && now;
          });
          const given = first?.lastQty ?? ZERO;
          assert.equal(
            after.dayOrderQty,
            add(before.dayOrderQty, given),
            'a bust of a past day gives to this day',
          );
          assert.equal(after.dayCumQty, before.dayCumQty);
        }
      }
      assert.ok(bust);
      await order.handle.signal(executionReportSignal, bust);
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      const view = await order.handle.result();
      assert.equal(view.state, 'cancelled');
      assert.equal(view.settledQty, view.cumQty);
      assertComplete(order, live, view);
      await assertSmall(order, DAYS / 10);

      const late = reportOf('bust', order.orderId, `${order.orderId}-1`, {
        execRefId: live[100]?.execId ?? '',
      });
      const signal = createReportSignals(harness.client, order.taskQueue);
      assert.equal(await signal(order.handle.workflowId, [late]), 'correction');
      const continued = (await harness.client.workflow
        .getHandle(`correction:XSIM:${late.execId ?? ''}`)
        .result()) as OrderView;
      live.splice(100, 1);
      assertComplete(order, live, continued);
    });
  });

  it('takes a burst of single fills while recording fails, in bounded runs', async () => {
    const request = { timeInForce: 'gtc' as const, quantity: decimal('100000') };
    const options = { request, historyEventsMax: 300, effectsFailFirst: 12 };
    await withOrder(harness, {}, options, async (order) => {
      await order.reach('routed');
      const fills = fillsOf(order, 1, 600);
      for (const fill of fills) await order.handle.signal(executionReportSignal, fill);
      await order.handle.signal(executionReportSignal, fills.slice(0, 50));
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      const view = await order.handle.result();
      assertComplete(order, fills, view);
      const runs = await runsOf(harness.client, order.handle.workflowId);
      assert.ok(runs.length >= 2, `${runs.length} runs`);
      // The server lets no run end while signals come in, so that a run is longer by the burst; then it ends at once.
      for (const { events } of runs) assert.ok(events < 1_000, `a run of ${events} events`);
    });
  });

  it('ends its runs in time while the venue reports without pause, one fill after the other', async () => {
    const request = { timeInForce: 'gtc' as const, quantity: decimal('100000') };
    const historyEventsMax = 200;
    await withOrder(harness, {}, { request, historyEventsMax }, async (order) => {
      await order.reach('routed');
      const signaller = new ReportSignaller<ExecutionReport>({
        signal: createReportSignals(harness.client, order.taskQueue),
        reportOf: (report) => report,
        onOutcome: async () => undefined,
        logger: createLogger('test', 'none'),
      });
      const fills = fillsOf(order, 1, 2_500);
      // One after the other for as long as it takes: each comes when a signal of the one before may be on its way.
      for (const fill of fills) {
        signaller.enqueue(order.handle.workflowId, fill);
        await setTimeout(1);
      }
      await eventually(() => signaller.waitingCount() === 0);
      await signaller.stop(0);
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      const view = await order.handle.result();
      assertComplete(order, fills, view);
      const runs = await runsOf(harness.client, order.handle.workflowId);
      for (const { events } of runs) assert.ok(events < 3 * historyEventsMax, `a run of ${events} events`);
    });
  });
});
