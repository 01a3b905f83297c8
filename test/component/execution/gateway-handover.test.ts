import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
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
import { collectedQuery, collector, type Collected } from './collector.workflow';
import { GatewayProcess } from './gateway-process';
import type { VenueOrder } from '../../../activities/execution/execution.port';
import type { ExecutionReport } from '../../../domain/order/execution-report';
import type { WireReport } from '../../../venues/simulator/protocol';

const QUOTE = { bid: '182', bidSize: '1000000', ask: '182.06', askSize: '1000000' };
const QUANTITY = '10';
const FLOW_PAUSE_MS = 40;
const MOVED_MS_MAX = 60_000;

// Goal: the session with a venue moves from one gateway process to another, by order and by kill -9, under a flow of
// orders, and no order is at the venue twice or missing, no report is lost and no send fails. Method: three gateways
// on one home, a real Temporal and the real venue, whose own books are compared with what the workflows were told.
describe('gateway handover', function () {
  this.timeout(180_000);
  let home = '';
  let venue: VenueProcess;
  let client: Client;
  let connection: NativeConnection;
  let clientConnection: Connection;
  let worker: Worker;
  let running: Promise<void>;
  let env: Record<string, string>;
  const gateways: GatewayProcess[] = [];
  const orders: VenueOrder[] = [];
  const taskQueue = uniqueName('handover');
  const prefix = uniqueName('venue');

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'steadfill-handover-'));
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
      TEMPORAL_ADDRESS: address,
      MONGODB_URI: 'mongodb://127.0.0.1:1/?directConnection=true',
    };
    await venue.call('PUT', '/quotes/IBM', QUOTE);
  });
  after(async () => {
    await Promise.all(gateways.map((gateway) => gateway.end('SIGKILL')));
    await venue?.stop();
    worker?.shutdown();
    await running;
    await clientConnection?.close();
    await connection?.close();
    await rm(home, { recursive: true, force: true });
  });

  const launch = (): GatewayProcess => {
    const gateway = GatewayProcess.launch(env);
    gateways.push(gateway);
    return gateway;
  };
  const submit = async (limitPrice?: string): Promise<void> => {
    const orderId = uniqueName('o');
    const order: VenueOrder = {
      orderId,
      workflowId: `order:ACC:${orderId}`,
      clOrdId: `${orderId}-1`,
      account: 'ACC',
      symbol: 'IBM',
      side: 'buy',
      type: limitPrice === undefined ? 'market' : 'limit',
      timeInForce: 'gtc',
      quantity: decimal(QUANTITY),
      settlement: { mode: 'demo', delayMs: 1_000 },
      ...(limitPrice !== undefined && { limitPrice: decimal(limitPrice) }),
    };
    orders.push(order);
    const args: [VenueOrder, string] = [order, `${prefix}XSIM`];
    await client.workflow.start(collector, { workflowId: order.workflowId, taskQueue, args });
  };
  /** Orders that fill at once and orders that rest, without a pause, until it is stopped. */
  const beginFlow = (): (() => Promise<void>) => {
    let stopped = false;
    const flow = (async () => {
      for (let count = 0; !stopped; count += 1) {
        await submit(count % 3 === 0 ? '181.5' : undefined);
        await new Promise((wake) => setTimeout(wake, FLOW_PAUSE_MS));
      }
    })();
    return async () => {
      stopped = true;
      await flow;
    };
  };
  const known = async ({ workflowId }: VenueOrder): Promise<ExecutionReport[]> => {
    const handle = client.workflow.getHandle(workflowId);
    const { result, signalled }: Collected = await handle.query(collectedQuery);
    assert.ok(result === undefined || result.outcome === 'sent', JSON.stringify(result));
    const all = [...(result?.outcome === 'sent' ? result.reports : []), ...signalled];
    return [...new Map(all.map((report) => [reportKey(report), report])).values()];
  };
  const filled = async (order: VenueOrder): Promise<ExecutionReport[] | undefined> => {
    const reports = await known(order);
    const cumQty = reports.map(({ lastQty = ZERO }) => lastQty).reduce(add, ZERO);
    return cumQty === QUANTITY ? reports : undefined;
  };

  it('moves by order and by kill -9, with each order at the venue once and each report delivered', async () => {
    const first = launch();
    await first.says('Polling');
    const second = launch();
    await second.says('Standing by');
    const endFlow = beginFlow();
    await eventually(() => orders.length > 20, { what: 'a flow of orders' });
    assert.equal(second.hasSaid('Polling'), false, 'one that stands by works');
    assert.equal(await first.end('SIGTERM'), 0);
    await second.says('Polling');
    const third = launch();
    await third.says('Standing by');
    const before = orders.length;
    await eventually(() => orders.length > before + 20, { timeoutMs: MOVED_MS_MAX, what: 'more orders' });
    await second.end('SIGKILL');
    await third.says('Polling');
    const moved = orders.length;
    await eventually(() => orders.length > moved + 20, {
      timeoutMs: MOVED_MS_MAX,
      what: 'orders afterwards',
    });
    await endFlow();
    await venue.call('PUT', '/quotes/IBM', { ...QUOTE, bid: '181', ask: '181.2' });

    for (const order of orders) {
      const what = `the fill of ${order.orderId}`;
      const reports = await eventually(() => filled(order), { timeoutMs: MOVED_MS_MAX, what });
      const { status, body } = await venue.call<{ reports: WireReport[] }>('GET', `/orders/${order.clOrdId}`);
      assert.equal(status, 200);
      assert.deepEqual(body.reports.filter(({ kind }) => kind === 'accepted').length, 1);
      const told = reports.map(({ execId }) => execId).sort();
      assert.deepEqual(told, body.reports.map(({ execId }) => execId).sort());
    }
  });

  it('gives way to nobody while it merely hangs', async () => {
    const owner = gateways.find((gateway) => !gateway.hasEnded()) ?? launch();
    await owner.says('Polling');
    process.kill(owner.pid, 'SIGSTOP');
    try {
      const waiting = launch();
      await waiting.says('Standing by');
      // While another one starts, the first has looked many times.
      const later = launch();
      await later.says('Standing by');
      assert.equal(waiting.hasSaid('Polling') || later.hasSaid('Polling'), false);
      assert.deepEqual([await waiting.end('SIGTERM'), await later.end('SIGTERM')], [0, 0]);
    } finally {
      process.kill(owner.pid, 'SIGCONT');
    }
  });
});
