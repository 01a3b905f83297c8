import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';
import winston from 'winston';
import type { OrderStepDependencies } from '../../../activities/order-steps';
import { loadConfig } from '../../../config/config';
import { Afterwards } from '../../../observability/afterwards';
import { createLogger } from '../../../observability/logger';
import { logRecordSchema, type LogLine } from '../../../observability/log-schema';
import { startTracing } from '../../../observability/tracing';
import { activityLogPlugin } from '../../../workers/activity-log';
import { tracedSteps } from '../../../workers/traced-steps';

// Goal: each step of an order is told by a line at info, with who it is about and how it went, and by a span.
// Method: activities as the worker runs them, with inputs and results as their ports have them.

const WORKFLOW_ID = 'order:ACC-1:a';

/** Runs one activity under the plugin and gives the lines that it left. */
async function tell(activityType: string, input: unknown, result: unknown, attempt = 1): Promise<LogLine[]> {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const logger = createLogger('worker-orders', 'info');
  logger.clear().add(new winston.transports.Stream({ stream }));
  const afterwards = new Afterwards();
  const options = await activityLogPlugin(logger, afterwards).configureWorker?.({} as WorkerOptions);
  const [factory] = (options?.interceptors?.activity ?? []) as ActivityInterceptorsFactory[];
  const info = { activityType, attempt, workflowExecution: { workflowId: WORKFLOW_ID, runId: 'r' } };
  const inbound = factory?.({ info } as unknown as Context).inbound;
  const next = async (): Promise<unknown> => {
    if (result instanceof Error) throw result;
    return result;
  };
  const running = inbound?.execute?.({ args: [input], headers: {} }, next as never);
  if (result instanceof Error) await assert.rejects(async () => await running, result);
  else assert.equal(await running, result);
  assert.deepEqual(lines.length, result instanceof Error ? 1 : 0, 'nobody waits for the lines');
  afterwards.doAll();
  return lines.map((line) => logRecordSchema.parse(JSON.parse(line)));
}

describe('log of activities', () => {
  it('tells validation and risk of one joint step apart', async () => {
    const input = { validate: { orderId: 'o1' }, reserve: { orderId: 'o1' } };
    const result = { outcome: 'valid', risk: { outcome: 'denied', reasons: [{ code: 'TRADING_HALTED' }] } };
    const lines = await tell('admitOrder', input, result);
    assert.deepEqual(
      lines.map(({ msg, outcome, code, orderId, workflowId }) => [msg, outcome, code, orderId, workflowId]),
      [
        ['Order validated', 'valid', undefined, 'o1', WORKFLOW_ID],
        ['Risk decided', 'denied', 'TRADING_HALTED', 'o1', WORKFLOW_ID],
      ],
    );
  });

  it('tells of no risk decision where validation refused', async () => {
    const input = { validate: { orderId: 'o1' }, reserve: { orderId: 'o1' } };
    const [line, ...others] = await tell('admitOrder', input, {
      outcome: 'denied',
      reasons: [{ code: 'A' }],
    });
    assert.deepEqual(
      [line?.msg, line?.outcome, line?.code, others.length],
      ['Order validated', 'denied', 'A', 0],
    );
  });

  it('tells what was settled and recorded, and keeps quiet of exposure alone', async () => {
    const record = {
      events: [{ seq: 4, type: 'orderRouted', by: 'Jane' }],
      view: { orderId: 'o1', clientOrderId: 'a', state: 'routed', sequence: 4, enteredBy: 'Jane' },
    };
    const settle = { orderId: 'o1', fills: [{}, {}], settlementDate: '2026-03-06' };
    const lines = await tell('deliverEffects', { settle, record }, undefined);
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['Fills settled', 'Order recorded'],
    );
    assert.equal(lines[0]?.count, 2);
    assert.deepEqual([lines[1]?.state, lines[1]?.sequence, lines[1]?.orderId], ['routed', 4, 'o1']);
    assert.ok(!JSON.stringify(lines).includes('Jane'));
    assert.deepEqual(await tell('deliverEffects', { exposure: { orderId: 'o1' } }, undefined), []);
  });

  it('warns of a report that broke a rule', async () => {
    const event = { seq: 5, type: 'anomalyRaised', code: 'OVERFILL', message: 'overfillQty=5' };
    const record = { events: [event], view: { orderId: 'o1', clientOrderId: 'a', state: 'filled' } };
    const lines = await tell('deliverEffects', { record }, undefined);
    assert.deepEqual(
      lines.map(({ level, msg, code }) => [level, msg, code]),
      [
        ['info', 'Order recorded', undefined],
        ['warn', 'Order anomaly', 'OVERFILL'],
      ],
    );
    assert.deepEqual([lines[1]?.reason, lines[1]?.sequence], ['overfillQty=5', 5]);
  });

  it('tells what became of a message to the venue', async () => {
    const order = { orderId: 'o1', clOrdId: 'o1-1', account: 'ACC-1' };
    const doubt = { outcome: 'unknown', reason: 'no answer in 4000 ms' };
    const [line] = await tell('routeOrder', order, doubt);
    assert.deepEqual(
      [line?.msg, line?.outcome, line?.clOrdId, line?.reason],
      ['Order sent to the venue', 'unknown', 'o1-1', 'no answer in 4000 ms'],
    );
  });

  it('warns of a failed attempt and throws what was thrown', async () => {
    const [line] = await tell('recordOrder', { view: { orderId: 'o1' } }, new Error('MongoDB is away'), 3);
    assert.deepEqual(
      [line?.level, line?.msg, line?.attempt, line?.orderId],
      ['warn', 'Activity failed', 3, 'o1'],
    );
    assert.equal((line?.fault as { message: string }).message, 'MongoDB is away');
  });

  it('keeps quiet of what it does not know', async () => {
    assert.deepEqual(await tell('somethingNew', undefined, 7), []);
  });
});

describe('spans of joint steps', () => {
  it('are one for each part, and say when it failed', async () => {
    const exporter = new InMemorySpanExporter();
    const spanProcessor = new SimpleSpanProcessor(exporter);
    const tracing = startTracing({ component: 'test', config: loadConfig({}), spanProcessor });
    const away = new Error('MongoDB is away');
    const parts = tracedSteps({
      desk: { check: async () => ({ outcome: 'denied', reasons: [] }), register: async () => undefined },
      risk: { applyExposure: async () => undefined },
      reporting: {
        recordOrder: async () => {
          throw away;
        },
      },
      settlement: { settleFills: async () => undefined },
    } as unknown as OrderStepDependencies);
    await parts.desk.check({} as never);
    await parts.settlement.settleFills({} as never);
    await assert.rejects(parts.reporting.recordOrder({} as never), away);
    await tracing.spanProcessor.forceFlush();
    const spans = exporter.getFinishedSpans().map(({ name, status }) => [name, status.code]);
    assert.deepEqual(spans, [
      ['Step:validateOrder', 0],
      ['Step:settleFills', 0],
      ['Step:recordOrder', 2],
    ]);
    await tracing.stop();
  });
});
