import assert from 'node:assert/strict';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { after, before, describe, it } from 'mocha';
import { add, decimal, ZERO } from '../../../domain/money/decimal';
import { reportKey } from '../../../domain/order/report-identity';
import { VenueProcess } from '../../conformance/venues/venue-process';
import { eventually } from '../../support/eventually';
import { testTemporal, uniqueName } from '../../support/servers';
import { GatewayProcess } from './gateway-process';
import { collectedQuery, collector, endSignal, type Collected } from './collector.workflow';
import type { VenueOrder } from '../../../activities/execution/execution.port';
import type { ExecutionReport } from '../../../domain/order/execution-report';

const QUOTE = { bid: '182', bidSize: '1000', ask: '182.06', askSize: '100' };

// Goal: executions reach their workflows through kill -9 of the gateway and of the venue, and without MongoDB.
// Method: the gateway as its own process, a real Temporal, the real venue with quotes set by hand, and a workflow that
// notes which report came by which way. MongoDB's address leads nowhere.
describe('gateway process', function () {
  this.timeout(120_000);
  let home = '';
  let venue: VenueProcess;
  let gateway: GatewayProcess;
  let client: Client;
  let connection: NativeConnection;
  let clientConnection: Connection;
  let worker: Worker;
  let running: Promise<void>;
  let env: Record<string, string>;
  const taskQueue = uniqueName('collector');
  const prefix = uniqueName('venue');
  const ordersTaskQueue = uniqueName('orders');

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'steadfill-execution-'));
    const { address } = await testTemporal();
    connection = await NativeConnection.connect({ address });
    clientConnection = await Connection.connect({ address });
    client = new Client({ connection: clientConnection });
    const workflowsPath = require.resolve('./collector.workflow');
    const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    worker = await Worker.create({ connection, taskQueue, workflowBundle });
    running = worker.run();
    venue = await VenueProcess.start({ dataDir: join(home, 'venue') });
    env = {
      STEADFILL_HOME: home,
      STEADFILL_VENUE_URL: venue.url,
      STEADFILL_VENUE_TASK_QUEUE_PREFIX: prefix,
      STEADFILL_ORDERS_TASK_QUEUE: ordersTaskQueue,
      TEMPORAL_ADDRESS: address,
      MONGODB_URI: 'mongodb://127.0.0.1:1/?directConnection=true',
    };
    gateway = await GatewayProcess.start(env);
  });
  after(async () => {
    await gateway?.end('SIGTERM');
    await venue?.stop();
    worker?.shutdown();
    await running;
    await clientConnection?.close();
    await connection?.close();
    await rm(home, { recursive: true, force: true });
  });

  const show = async (quote = QUOTE): Promise<void> => {
    assert.equal((await venue.call('PUT', '/quotes/IBM', quote)).status, 200);
  };
  const orderOf = (quantity: string, limitPrice?: string): VenueOrder => {
    const orderId = uniqueName('o');
    return {
      orderId,
      workflowId: `order:ACC:${orderId}`,
      clOrdId: `${orderId}-1`,
      account: 'ACC',
      symbol: 'IBM',
      side: 'buy',
      type: limitPrice === undefined ? 'market' : 'limit',
      timeInForce: 'gtc',
      quantity: decimal(quantity),
      settlement: { mode: 'demo', delayMs: 1_000 },
      ...(limitPrice !== undefined && { limitPrice: decimal(limitPrice) }),
    };
  };
  const start = (order: VenueOrder) =>
    client.workflow.start(collector, {
      workflowId: order.workflowId,
      taskQueue,
      args: [order, `${prefix}XSIM`],
    });
  const collected = (order: VenueOrder): Promise<Collected> =>
    client.workflow.getHandle(order.workflowId).query(collectedQuery);
  /** What the workflow knows, each report once. */
  const known = async (order: VenueOrder): Promise<ExecutionReport[]> => {
    const { result, signalled } = await collected(order);
    const all = [...(result?.outcome === 'sent' ? result.reports : []), ...signalled];
    return [...new Map(all.map((report) => [reportKey(report), report])).values()];
  };
  const reach = (order: VenueOrder, quantity: string): Promise<ExecutionReport[]> =>
    eventually(
      async () => {
        const reports = await known(order);
        const cumQty = reports.map(({ lastQty = ZERO }) => lastQty).reduce(add, ZERO);
        return cumQty === quantity ? reports : undefined;
      },
      { timeoutMs: 30_000, what: `${quantity} filled` },
    );

  it('brings an order that fills at once back with its result, without a signal', async () => {
    await show();
    const order = orderOf('100');
    await start(order);
    const reports = await reach(order, '100');
    assert.deepEqual(
      reports.map(({ kind }) => kind),
      ['accepted', 'fill'],
    );
    assert.ok(reports[1]?.tradeDate !== undefined && reports[1].settleAt !== undefined);
    // Another order's signal comes after all that was before it.
    await show();
    const later = orderOf('150');
    await start(later);
    await reach(later, '100');
    await show();
    await reach(later, '150');
    assert.deepEqual((await collected(order)).signalled, []);
    assert.equal((await collected(later)).signalled.length, 1);
  });

  it('loses no execution when it is killed, nor when it is down while the venue fills', async () => {
    await show();
    const orders = [orderOf('50', '182'), orderOf('50', '182'), orderOf('50', '182')];
    await Promise.all(orders.map(start));
    for (const order of orders) await eventually(async () => (await known(order)).length === 1);
    await show({ ...QUOTE, bid: '181.8', ask: '181.9', askSize: '70' });
    await gateway.end('SIGKILL');
    await show({ ...QUOTE, bid: '181.8', ask: '181.9', askSize: '80' });
    const sentWhileDown = orderOf('10', '170');
    await start(sentWhileDown);
    gateway = await GatewayProcess.start(env);
    for (const order of orders) await reach(order, '50');
    await eventually(async () => (await known(sentWhileDown))[0]?.kind === 'accepted');
  });

  it('goes on by itself after the venue was killed', async () => {
    await show();
    const order = orderOf('40', '182');
    await start(order);
    await eventually(async () => (await known(order)).length === 1);
    await venue.crash();
    venue = await VenueProcess.start({ dataDir: join(home, 'venue'), port: venue.port });
    await show({ ...QUOTE, bid: '181.8', ask: '181.9' });
    await reach(order, '40');
  });

  it('hands a report whose workflow has closed to a correction of its order', async () => {
    await show();
    const order = orderOf('40', '182');
    const handle = await start(order);
    await eventually(async () => (await known(order)).length === 1);
    await handle.signal(endSignal);
    await handle.result();
    await show({ ...QUOTE, bid: '181.8', ask: '181.9' });
    await eventually(async () => {
      for await (const run of client.workflow.list({ query: `TaskQueue = '${ordersTaskQueue}'` })) {
        const { events } = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
        const started = events?.[0]?.workflowExecutionStartedEventAttributes;
        const input = Buffer.from(started?.input?.payloads?.[0]?.data ?? []).toString();
        const signal = events?.find((event) => event.workflowExecutionSignaledEventAttributes);
        assert.match(run.workflowId, /^correction:XSIM:/);
        assert.equal(started?.workflowType?.name, 'correction');
        assert.ok(signal, 'the report came with the start');
        if (input.includes(order.orderId)) return true;
      }
      return false;
    });
    await gateway.end('SIGTERM');
    const text = await readFile(join(home, 'gateway/XSIM/unmatched-reports.journal'), 'utf8');
    assert.equal(text, '', 'nothing is left for people to look at');
    gateway = await GatewayProcess.start(env);
  });

  it('drains and ends with 0 on SIGTERM', async () => {
    assert.equal(await gateway.end('SIGTERM'), 0);
  });
});
