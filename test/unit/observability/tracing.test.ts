import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { loadConfig } from '../../../config/config';
import { startTracing, type Tracing } from '../../../observability/tracing';

// Goal: traces cross process borders, are sent only where a collector is configured, and never hold up an exit.
// Method: a small HTTP server stands for the collector.

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('tracing', () => {
  let tracing: Tracing;
  const servers: Server[] = [];
  afterEach(async () => {
    await tracing.stop();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  });

  it('has ids and records nothing without a collector', () => {
    tracing = startTracing({ component: 'test', config: loadConfig({}) });
    const span = tracing.tracer.startSpan('work');
    assert.equal(tracing.recording, false);
    assert.equal(span.isRecording(), false);
    assert.match(span.spanContext().traceId, /^[0-9a-f]{32}$/);
    assert.notEqual(span.spanContext().traceId, '0'.repeat(32));
  });

  it('carries the trace over W3C headers and through promises', async () => {
    tracing = startTracing({ component: 'test', config: loadConfig({}) });
    const caller = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` };
    const carried: Record<string, string> = {};
    await context.with(propagation.extract(context.active(), caller), async () => {
      await tracing.tracer.startActiveSpan('work', async (span) => {
        await Promise.resolve();
        propagation.inject(context.active(), carried);
        span.end();
      });
    });
    assert.match(carried['traceparent'] ?? '', new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
  });

  it('sends spans to the collector when it stops', async () => {
    const bodies: string[] = [];
    const collector = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(`${request.url} ${chunk}`));
      request.once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
    });
    servers.push(collector);
    const endpoint = await listen(collector);
    tracing = startTracing({
      component: 'api',
      config: loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
    });
    tracing.tracer.startSpan('place order').end();
    await tracing.stop();
    const sent = bodies.join('');
    assert.match(sent, /^\/v1\/traces /);
    assert.match(sent, /place order/);
    assert.match(sent, /steadfill-api/);
  });

  it('stops within its bound when the collector does not answer', async function () {
    this.timeout(60_000);
    const silent = createServer(() => undefined);
    servers.push(silent);
    const endpoint = await listen(silent);
    tracing = startTracing({
      component: 'test',
      config: loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
    });
    tracing.tracer.startSpan('lost').end();
    const before = performance.now();
    await tracing.stop();
    assert.ok(performance.now() - before < 5000);
  });

  it('records the configured share of new traces', () => {
    const config = loadConfig({ STEADFILL_TRACE_RATIO: '0' });
    tracing = startTracing({
      component: 'test',
      config,
      spanProcessor: new SimpleSpanProcessor(new InMemorySpanExporter()),
    });
    assert.equal(tracing.tracer.startSpan('work').isRecording(), false);
  });
});
