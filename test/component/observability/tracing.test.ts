import assert from 'node:assert/strict';
import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { loadConfig } from '../../../config/config';
import {
  replayPlugins,
  tracingPlugins,
  workflowInterceptorModules,
} from '../../../observability/temporal-tracing';
import { startTracing, type Tracing } from '../../../observability/tracing';
import { testTemporal } from '../../support/servers';
import { ackUpdate, fillSignal, traced } from './traced.workflow';

// Goal: one trace spans client, workflow and activities; replay neither fails nor sends spans again, whether or not
// the history was written with an exporter. Method: a small order on a real server, its spans kept in memory.

const TASK_QUEUE = `tracing-${process.pid}`;
type History = Parameters<typeof Worker.runReplayHistory>[1];

interface Run {
  workflowId: string;
  history: History;
  /** Trace id that the client's own span had, and the one that each activity saw. */
  clientTraceId: string;
  activityTraceIds: string[];
}

describe('tracing through Temporal', function () {
  this.timeout(60_000);
  let connection: Connection;
  let native: NativeConnection;
  let bundle: { code: string };
  let exporter: InMemorySpanExporter;
  let tracing: Tracing;

  before(async () => {
    const { address } = await testTemporal();
    connection = await Connection.connect({ address });
    native = await NativeConnection.connect({ address });
    const workflowsPath = join(__dirname, 'traced.workflow.ts');
    bundle = await bundleWorkflowCode({
      workflowsPath,
      workflowInterceptorModules,
      logger: new DefaultLogger('WARN'),
    });
  });
  after(async () => {
    await connection?.close();
    await native?.close();
  });
  beforeEach(() => {
    exporter = new InMemorySpanExporter();
  });
  afterEach(() => tracing.stop());

  /** Starts tracing in this process, recording into memory or with nothing to record to. */
  function begin(recording: boolean): void {
    const spanProcessor = new SimpleSpanProcessor(exporter);
    const config = loadConfig({});
    tracing = startTracing({ component: 'test', config, ...(recording ? { spanProcessor } : {}) });
  }

  async function runOne(workflowId: string): Promise<Run> {
    const activityTraceIds: string[] = [];
    const act = (answer: string) => async () => {
      activityTraceIds.push(trace.getActiveSpan()?.spanContext().traceId ?? 'none');
      return answer;
    };
    const plugins = tracingPlugins(tracing);
    const worker = await Worker.create({
      connection: native,
      taskQueue: TASK_QUEUE,
      workflowBundle: bundle,
      activities: { check: act('checked'), route: act('routed') },
      plugins,
    });
    const client = new Client({ connection, plugins });
    return await worker.runUntil(async () => {
      const clientTraceId = await tracing.tracer.startActiveSpan('place order', async (span) => {
        const startWorkflowOperation = new WithStartWorkflowOperation(traced, {
          workflowId,
          taskQueue: TASK_QUEUE,
          workflowIdConflictPolicy: 'USE_EXISTING',
        });
        await client.workflow.executeUpdateWithStart(ackUpdate, { startWorkflowOperation });
        await client.workflow.getHandle(workflowId).signal(fillSignal);
        span.end();
        return span.spanContext().traceId;
      });
      const handle = client.workflow.getHandle<typeof traced>(workflowId);
      assert.deepEqual(await handle.result(), ['checked', 'routed']);
      return { workflowId, history: await handle.fetchHistory(), clientTraceId, activityTraceIds };
    });
  }

  async function spanNames(): Promise<string[]> {
    // What has ended is handed over when the event loop comes to it.
    await tracing.spanProcessor.forceFlush();
    return exporter.getFinishedSpans().map(({ name }) => name);
  }

  it('joins client, workflow and activities in one trace, and replays without sending it again', async () => {
    begin(true);
    const { workflowId, history, clientTraceId, activityTraceIds } = await runOne(`traced-on-${process.pid}`);
    assert.deepEqual(activityTraceIds, [clientTraceId, clientTraceId]);
    const names = await spanNames();
    for (const name of [
      'place order',
      'UpdateWithStartWorkflow:ack',
      'RunWorkflow:traced',
      'HandleUpdate:ack',
      'StartActivity:check',
      'RunActivity:check',
      'StartActivity:route',
      'RunActivity:route',
      'SignalWorkflow:fill',
      'HandleSignal:fill',
    ]) {
      assert.equal(names.filter((found) => found === name).length, 1, `${name} once in ${names.join(', ')}`);
    }
    const traceIds = new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId));
    assert.deepEqual([...traceIds], [clientTraceId]);

    exporter.reset();
    await Worker.runReplayHistory(
      { workflowBundle: bundle, plugins: tracingPlugins(tracing) },
      history,
      workflowId,
    );
    await Worker.runReplayHistory({ workflowBundle: bundle, plugins: replayPlugins() }, history, workflowId);
    assert.deepEqual(await spanNames(), []);
  });

  it('carries ids without an exporter, in a history that replays with one', async () => {
    begin(false);
    const { workflowId, history, clientTraceId, activityTraceIds } = await runOne(
      `traced-off-${process.pid}`,
    );
    assert.deepEqual(activityTraceIds, [clientTraceId, clientTraceId]);
    await tracing.stop();

    begin(true);
    await Worker.runReplayHistory(
      { workflowBundle: bundle, plugins: tracingPlugins(tracing) },
      history,
      workflowId,
    );
    assert.deepEqual(await spanNames(), []);
  });
});
