import assert from 'node:assert/strict';
import { InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { Client } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { after, before, describe, it } from 'mocha';
import { loadConfig } from '../../config/config';
import { flowCountsPlugin } from '../../observability/metrics/flow-counts';
import { replayPlugins, tracingPlugins } from '../../observability/temporal-tracing';
import { startTracing, type Tracing } from '../../observability/tracing';
import { executionReportSignal } from '../../workflows/order-entry/order-messages';
import { eventually } from '../support/eventually';
import { replayHistory } from '../support/replay-one';
import { withOrder } from '../support/order-harness';
import { fillOf } from '../support/scripted-activities';
import { openHarness, type TemporalHarness } from '../support/temporal-harness';

// Goal: each hop of an order is one span, however often its workflow is replayed. Method: the real workflow with
// the interceptors of production, its spans kept in memory; without a cache every workflow task replays all before it.

/** Hops of an order that rests, is filled by a signal and settles; each must be there exactly so often. */
const HOPS: Readonly<Record<string, number>> = {
  'UpdateWithStartWorkflow:submit': 1,
  'RunWorkflow:order': 1,
  'HandleUpdate:submit': 1,
  'StartActivity:admitOrder': 1,
  'RunActivity:admitOrder': 1,
  'StartActivity:routeOrder': 1,
  'RunActivity:routeOrder': 1,
  'SignalWorkflow:executionReport': 2,
  'HandleSignal:executionReport': 2,
};

describe('the trace of an order', function () {
  this.timeout(60_000);
  let harness: TemporalHarness;
  let tracing: Tracing;
  const exporter = new InMemorySpanExporter();

  before(async () => {
    harness = await openHarness();
    const spanProcessor = new SimpleSpanProcessor(exporter);
    tracing = startTracing({ component: 'test', config: loadConfig({}), spanProcessor });
  });
  after(async () => {
    await tracing?.stop();
    await harness?.close();
  });
  beforeEach(() => forget());

  /** What has ended is handed over when the event loop comes to it. */
  async function finishedSpans(): Promise<ReadableSpan[]> {
    await tracing.spanProcessor.forceFlush();
    return exporter.getFinishedSpans();
  }

  async function forget(): Promise<void> {
    await finishedSpans();
    exporter.reset();
  }

  async function playOne(workerOptions: Partial<WorkerOptions>) {
    const plugins = tracingPlugins(tracing);
    const client = new Client({ connection: harness.client.connection, plugins });
    return await tracing.tracer.startActiveSpan('place order', async (root) => {
      const history = await withOrder(
        { ...harness, client },
        {},
        { workerOptions: { plugins: [...plugins, flowCountsPlugin()], ...workerOptions } },
        async (order) => {
          await order.reach('routed');
          for (const quantity of ['40', '60']) {
            const fill = fillOf(order.orderId, `${order.orderId}-1`, quantity, '182.1', 200);
            await order.handle.signal(executionReportSignal, fill);
          }
          await order.handle.result();
          return await order.handle.fetchHistory();
        },
      );
      root.end();
      return { history, traceId: root.spanContext().traceId };
    });
  }

  async function assertOnce(traceId: string): Promise<void> {
    const spans = await finishedSpans();
    const ids = spans.map((span) => span.spanContext().spanId);
    const again = spans.filter((span, index) => ids.indexOf(span.spanContext().spanId) !== index);
    assert.deepEqual(
      again.map(({ name }) => name),
      [],
      'each span is sent once',
    );
    const orphans = spans.filter(
      ({ name, parentSpanContext }) =>
        name !== 'place order' && !ids.includes(parentSpanContext?.spanId ?? 'none'),
    );
    assert.deepEqual(
      orphans.map(({ name }) => name),
      [],
      'each span lies in one that was sent',
    );
    const names = spans.map(({ name }) => name);
    for (const [name, times] of Object.entries(HOPS)) {
      assert.equal(names.filter((found) => found === name).length, times, `${name} in ${names.join(', ')}`);
    }
    const asked = names.filter((found) => found === 'StartActivity:deliverEffects').length;
    assert.ok(asked > 0);
    assert.equal(names.filter((found) => found === 'RunActivity:deliverEffects').length, asked);
    const strangers = spans.filter((span) => span.spanContext().traceId !== traceId);
    assert.deepEqual(
      strangers.map(({ name }) => name),
      [],
    );
  }

  it('has each hop once', async () => {
    const { traceId } = await playOne({});
    await assertOnce(traceId);
  });

  it('has each hop once when every workflow task replays the order from its beginning', async () => {
    const { traceId } = await playOne({ maxCachedWorkflows: 0 });
    await assertOnce(traceId);
  });

  it('goes on in the same trace when the order continues as a new run', async () => {
    const plugins = tracingPlugins(tracing);
    const client = new Client({ connection: harness.client.connection, plugins });
    const traceId = await tracing.tracer.startActiveSpan('place order', async (root) => {
      const options = {
        historyEventsMax: 40,
        request: { timeInForce: 'gtc' as const },
        workerOptions: { plugins: [...plugins, flowCountsPlugin()] },
      };
      await withOrder({ ...harness, client }, {}, options, async (order) => {
        await order.reach('routed');
        const firstRun = await order.runId();
        for (let part = 1; part <= 10; part += 1) {
          if (part === 10) await order.untilNewRun(firstRun);
          const fill = fillOf(order.orderId, `${order.orderId}-1`, '10', '182', 200);
          await order.handle.signal(executionReportSignal, fill);
          await eventually(async () => (await order.view()).cumQty === String(part * 10));
        }
        await order.handle.result();
      });
      root.end();
      return root.spanContext().traceId;
    });
    const spans = await finishedSpans();
    const runs = spans.filter(({ name }) => name === 'RunWorkflow:order');
    assert.ok(runs.length > 1, 'it did continue');
    // The server refuses to end a run that a signal has just reached; it continues later, with a span for each attempt.
    const continued = spans.filter(({ name }) => name === 'ContinueAsNew:order').length;
    assert.ok(continued >= runs.length - 1, `${continued} spans for ${runs.length} runs`);
    assert.deepEqual([...new Set(spans.map((span) => span.spanContext().traceId))], [traceId]);
    const ids = spans.map((span) => span.spanContext().spanId);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('gets no span from a replay, of an order that is closed or open', async () => {
    const { history } = await playOne({});
    await forget();
    await replayHistory(history, tracingPlugins(tracing));
    assert.deepEqual(await finishedSpans(), []);
    const open = { ...history, events: history.events?.slice(0, -1) ?? [] };
    await replayHistory(open, replayPlugins());
    assert.deepEqual(await finishedSpans(), []);
  });
});
