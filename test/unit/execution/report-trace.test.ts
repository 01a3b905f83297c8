import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { ExecutionGateway } from '../../../activities/execution/gateway';
import { loadConfig } from '../../../config/config';
import { createLogger } from '../../../observability/logger';
import { currentTraceparent } from '../../../observability/trace-context';
import { parseTraceparent } from '../../../observability/traceparent';
import { startTracing, type Tracing } from '../../../observability/tracing';
import { eventually } from '../../support/eventually';
import type { ReceivedReport, VenueAdapter } from '../../../venues/venue-port';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SEND = `00-${TRACE_ID}-b7ad6b7169203331-01`;

// Goal: a report continues the trace of its order, however late it comes, also when the process that sent the order is
// gone. Method: the gateway on real files, with a session and a Temporal that the test plays.
describe('trace of a report', () => {
  let folder = '';
  let tracing: Tracing;
  let giveReports: (received: ReceivedReport[]) => Promise<void>;
  let signalled: (string | undefined)[] = [];
  let gateways: ExecutionGateway[] = [];
  const exporter = new InMemorySpanExporter();

  const report = (execId: string, traceparent?: string): ReceivedReport => ({
    report: {
      venue: 'XSIM',
      kind: 'fill',
      execId,
      clOrdId: 'o1-1',
      orderId: 'o1',
      transactTime: '2026-01-05T15:00:00.000Z',
    },
    address: {
      orderId: 'o1',
      workflowId: 'order:ACC:o1',
      ...(traceparent !== undefined && { traceparent }),
    },
  });

  async function open(isReachable = true): Promise<void> {
    const adapter = {
      venue: 'XSIM',
      start: async (onReports: typeof giveReports) => void (giveReports = onReports),
      stop: async () => undefined,
    } as unknown as VenueAdapter;
    const gateway = new ExecutionGateway({
      adapter,
      signal: async () => {
        if (!isReachable) return await new Promise(() => undefined);
        signalled.push(currentTraceparent());
        return 'delivered';
      },
      journalDir: folder,
      logger: createLogger('test', 'none'),
      onFatal: (fault) => assert.fail(String(fault)),
    });
    await gateway.start();
    if (isReachable) gateways.push(gateway);
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steadfill-report-trace-'));
    signalled = [];
    gateways = [];
    exporter.reset();
    const spanProcessor = new SimpleSpanProcessor(exporter);
    tracing = startTracing({ component: 'test', config: loadConfig({}), spanProcessor });
  });
  afterEach(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await tracing.stop();
    await rm(folder, { recursive: true });
  });

  it('is one span below the send, and the signal lies below that', async () => {
    await open();
    await giveReports([report('e1', SEND)]);
    await giveReports([report('e1', SEND)]);
    await eventually(() => signalled.length === 1);
    await tracing.spanProcessor.forceFlush();
    const [span, ...others] = exporter.getFinishedSpans();
    assert.deepEqual(others, []);
    assert.equal(span?.name, 'Report fill');
    assert.equal(span.spanContext().traceId, TRACE_ID);
    assert.equal(span.parentSpanContext?.spanId, parseTraceparent(SEND)?.spanId);
    assert.equal(parseTraceparent(signalled[0])?.spanId, span.spanContext().spanId);
  });

  it('goes on after a restart from what was stored', async () => {
    await open(false);
    await giveReports([report('e1', SEND)]);
    await open();
    await eventually(() => signalled.length === 1);
    assert.equal(parseTraceparent(signalled[0])?.traceId, TRACE_ID);
  });

  it('begins no trace of its own when the order has none', async () => {
    await open();
    await giveReports([report('e1')]);
    await eventually(() => signalled.length === 1);
    assert.deepEqual(signalled, [undefined]);
    await tracing.spanProcessor.forceFlush();
    assert.deepEqual(exporter.getFinishedSpans(), []);
  });
});
