import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { LogTimestamp } from '@temporalio/worker';
import winston from 'winston';
import { loadConfig } from '../../../config/config';
import { createLogger, type Logger } from '../../../observability/logger';
import { withLogContext } from '../../../observability/log-context';
import { bucketOverrides } from '../../../observability/metrics/sdk-meters';
import { runtimeOptions, toTemporalLogger } from '../../../observability/temporal-logger';
import { startTracing } from '../../../observability/tracing';

// Goal: every record is one JSON line with the fixed fields, joins with its trace, and never holds a secret.
// Method: the logger writes to a stream in memory instead of stdout.

function capture(level = 'trace'): { logger: Logger; lines: () => Record<string, unknown>[] } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  const logger = createLogger('test', level);
  logger.clear().add(new winston.transports.Stream({ stream }));
  const lines = () => chunks.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, lines };
}

describe('logger', () => {
  it('writes one object a line with time, level, msg and component first', () => {
    const { logger, lines } = capture();
    logger.info('order routed', { orderId: 'o1', attempt: 2 });
    const [record] = lines();
    assert.deepEqual(Object.keys(record!), ['time', 'level', 'msg', 'component', 'orderId', 'attempt']);
    assert.match(String(record!['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(record!['msg'], 'order routed');
    assert.equal(record!['component'], 'test');
  });

  it('keeps records below its level back', () => {
    const { logger, lines } = capture('warn');
    logger.info('unheard');
    logger.warn('heard');
    assert.deepEqual(
      lines().map(({ msg }) => msg),
      ['heard'],
    );
  });

  it('redacts secrets by name, at any depth', () => {
    const { logger, lines } = capture();
    const headers = { Authorization: 'Bearer abc', accept: 'text/html' };
    logger.info('request', {
      headers,
      apiKey: 'k-1',
      key: 'k-2',
      nested: [{ password: 'p' }],
      X_Token: 1,
      token: 't',
    });
    const record = lines()[0]!['detail'] as Record<string, unknown>;
    assert.deepEqual(record['headers'], { Authorization: '[redacted]', accept: 'text/html' });
    assert.equal(record['apiKey'], '[redacted]');
    assert.equal(record['key'], '[redacted]');
    assert.deepEqual(record['nested'], [{ password: '[redacted]' }]);
    assert.equal(record['token'], '[redacted]');
  });

  it('redacts passwords of URIs and bearer tokens inside texts', () => {
    const { logger, lines } = capture();
    logger.warn('no answer from mongodb://desk:s3cret@db-1:27017/?w=majority', {
      note: 'sent Bearer abc.def',
    });
    const text = JSON.stringify(lines());
    assert.ok(!text.includes('s3cret') && !text.includes('abc.def'), text);
    assert.ok(text.includes('mongodb://desk:[redacted]@db-1:27017'), text);
  });

  it('writes errors with their cause and codes, redacted too', () => {
    const { logger, lines } = capture();
    const cause = Object.assign(new Error('mongodb://a:b@c refused'), { code: 'ECONNREFUSED' });
    logger.error('could not record', { fault: new TypeError('no database', { cause }) });
    const fault = lines()[0]!['fault'] as {
      name: string;
      message: string;
      stack: string;
      cause: { code: string; message: string };
    };
    assert.equal(fault.name, 'TypeError');
    assert.equal(fault.message, 'no database');
    assert.match(fault.stack, /logger\.test/);
    assert.equal(fault.cause.code, 'ECONNREFUSED');
    assert.equal(fault.cause.message, 'mongodb://a:[redacted]@c refused');
  });

  it('survives circular fields, bigints and functions', () => {
    const { logger, lines } = capture();
    const circle: Record<string, unknown> = { big: 12n, act: () => undefined };
    circle['self'] = circle;
    logger.info('odd', { circle });
    assert.ok(JSON.stringify(lines()[0]).includes('[too deep]'));
  });

  it('adds ids of the active span and fields of the unit of work', async () => {
    const tracing = startTracing({ component: 'test', config: loadConfig({}) });
    const { logger, lines } = capture();
    await tracing.tracer.startActiveSpan('work', async (span) => {
      await withLogContext({ requestId: 'r-1' }, async () => {
        await withLogContext({ orderId: 'o-1' }, async () => {
          await Promise.resolve();
          logger.info('inside');
        });
      });
      span.end();
      const { traceId, spanId } = span.spanContext();
      const [record] = lines();
      assert.equal(record!['trace_id'], traceId);
      assert.equal(record!['span_id'], spanId);
      assert.equal(record!['requestId'], 'r-1');
      assert.equal(record!['orderId'], 'o-1');
    });
    logger.info('outside');
    assert.equal(lines()[1]!['trace_id'], undefined);
    await tracing.stop();
  });
});

describe('logs of the Temporal SDK', () => {
  it('reach our stream in our shape, at their own time', () => {
    const { logger, lines } = capture();
    const temporal = toTemporalLogger(logger);
    const at = Date.parse('2026-03-04T05:06:07.089Z');
    temporal.info('polling', {
      [LogTimestamp]: BigInt(at) * 1_000_000n,
      sdkComponent: 'core',
      workflowId: 'order:A:1',
    });
    temporal.trace('fine detail');
    temporal.log('ERROR', 'failed', { error: new Error('why') });
    const [first, second, third] = lines();
    assert.equal(first!['time'], '2026-03-04T05:06:07.089Z');
    assert.equal(first!['sdkComponent'], 'core');
    assert.equal(first!['workflowId'], 'order:A:1');
    assert.equal(second!['level'], 'trace');
    assert.equal(third!['level'], 'error');
    assert.equal((third!['fault'] as { message: string }).message, 'why');
  });

  it('are forwarded from the native core, with metrics where they are asked for', () => {
    const plain = runtimeOptions({ component: 'test', config: loadConfig({}) });
    assert.ok(JSON.stringify(plain.telemetryOptions).includes('"forward":{}'));
    assert.equal(plain.telemetryOptions?.metrics, undefined);
    const metered = runtimeOptions({ component: 'test', config: loadConfig({}), shutdownSignals: [] }, 9464);
    assert.deepEqual(metered.telemetryOptions?.metrics, {
      globalTags: { component: 'test' },
      prometheus: {
        bindAddress: '127.0.0.1:9464',
        useSecondsForDurations: true,
        countersTotalSuffix: true,
        unitSuffix: true,
        histogramBucketOverrides: bucketOverrides(),
      },
    });
    assert.deepEqual(metered.shutdownSignals, []);
  });
});
