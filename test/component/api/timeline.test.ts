import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { loadConfig } from '../../../config/config';
import type { OrderView } from '../../../domain/order/order-view';
import type { SpanRecord } from '../../../observability/span-record';
import { startTracing, type Tracing } from '../../../observability/tracing';
import { openBrowser } from '../../support/browser';
import { eventually } from '../../support/eventually';
import { uniqueName } from '../../support/servers';
import { startApi, type ApiUnderTest } from './api-harness';

interface Timeline {
  order: OrderView;
  traceId: string | null;
  recorded: boolean;
  entries: { kind: string; label: string; component: string }[];
  viewer: { name: string; role: string };
}

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

// Goal: whoever may read an order sees its timeline, in JSON and in a browser, and nobody else does. Method: the API
// over real servers, with trace files as worker processes write them; the page in a real Chromium.
describe('component: timeline of an order', function () {
  this.timeout(90_000);
  let api: ApiUnderTest;
  let tracing: Tracing;
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'steadfill-timeline-'));
    tracing = startTracing({
      component: 'api',
      config: loadConfig({}),
      traceFolder: join(home, 'traces'),
    });
    api = await startApi({ env: { STEADFILL_HOME: home } });
  });
  after(async () => {
    await tracing?.stop();
    await api?.stop();
    await rm(home, { recursive: true });
  });

  async function submit(headers: Record<string, string> = {}, symbol = 'IBM') {
    const body = {
      clientOrderId: uniqueName('t'),
      account: 'ACC-1',
      symbol,
      side: 'buy',
      type: 'market',
      quantity: '10',
    };
    return await api.clients['trader']!.call<{ order: OrderView; traceId?: string }>(
      'POST',
      '/v1/orders',
      body,
      headers,
    );
  }

  /** What a worker would have written about the order. */
  async function writeWorkerSpan(
    { workflowId, traceId = TRACE_ID }: OrderView,
    label: string,
  ): Promise<void> {
    const span: SpanRecord = {
      traceId,
      spanId: uniqueName('s'),
      name: label,
      kind: 'internal',
      component: 'worker-orders',
      startUs: Date.now() * 1_000,
      durationUs: 2_500,
      failed: false,
      attributes: { workflowId },
    };
    await mkdir(join(home, 'traces'), { recursive: true });
    const file = join(home, 'traces', `worker-orders.${process.pid}.1.spans.jsonl`);
    await writeFile(file, `${JSON.stringify(span)}\n`, { flag: 'a' });
  }

  it('puts the order into the trace of its client, and says so in answers and problems', async () => {
    const answer = await submit({ traceparent: `00-${TRACE_ID}-b7ad6b7169203331-00` });
    assert.equal(answer.status, 201);
    assert.equal(answer.body.order.traceId, TRACE_ID);
    const problem = await submit({ traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` }, 'NOPE');
    assert.equal(problem.status, 422);
    assert.equal(problem.body.traceId, TRACE_ID);
  });

  it('gives an order a trace of its own when its client has none, or none that is one', async () => {
    for (const headers of [{}, { traceparent: 'not one' }, { traceparent: `00-${'0'.repeat(32)}-1-01` }]) {
      const { order } = (await submit(headers as Record<string, string>)).body;
      assert.match(order.traceId ?? '', /^[0-9a-f]{32}$/);
      assert.notEqual(order.traceId, '0'.repeat(32));
    }
  });

  it('keeps the trace of the first request when an order is sent again', async () => {
    const body = {
      clientOrderId: uniqueName('again'),
      account: 'ACC-1',
      symbol: 'IBM',
      side: 'buy',
      type: 'market',
      quantity: '10',
    };
    const send = (traceId: string) =>
      api.clients['trader']!.call<{ order: OrderView }>('POST', '/v1/orders', body, {
        traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      });
    assert.equal((await send('a'.repeat(32))).body.order.traceId, 'a'.repeat(32));
    const repeat = await send('b'.repeat(32));
    assert.equal(repeat.status, 200);
    assert.equal(repeat.body.order.traceId, 'a'.repeat(32));
  });

  it('shows the hops of several processes to whoever may read the order', async () => {
    const { order } = (await submit()).body;
    await writeWorkerSpan(order, 'RunActivity:reserveExposure');
    const path = `/ops/orders/${order.orderId}`;
    const timeline = await eventually(async () => {
      const found = await api.clients['trader1']!.call<Timeline>('GET', path);
      const labels = found.body.entries?.map(({ label }) => label) ?? [];
      return labels.includes('Request POST /v1/orders') && labels.includes('Reserve risk')
        ? found
        : undefined;
    });
    assert.equal(timeline.status, 200);
    assert.equal(timeline.body.traceId, order.traceId);
    assert.deepEqual(timeline.body.viewer, { name: 'trader1', role: 'trader' });
    assert.equal((await api.clients['auditor']!.call('GET', path)).status, 200);
  });

  it('is nothing to others: no key 401, a foreign order and an unknown one 404', async () => {
    const { order } = (await submit()).body;
    const path = `${api.url}/ops/orders/${order.orderId}`;
    assert.equal((await fetch(path, { headers: { accept: 'application/json' } })).status, 401);
    assert.equal((await fetch(path, { headers: { authorization: 'Bearer wrong' } })).status, 401);
    const other = await api.clients['trader']!.call<{ order: OrderView }>('POST', '/v1/orders', {
      clientOrderId: uniqueName('foreign'),
      account: 'ACC-2',
      symbol: 'IBM',
      side: 'buy',
      type: 'market',
      quantity: '10',
    });
    const foreignPath = `/ops/orders/${other.body.order.orderId}`;
    assert.equal((await api.clients['trader1']!.call('GET', foreignPath)).status, 404);
    assert.equal((await api.clients['trader1']!.call('GET', '/ops/orders/o-none')).status, 404);
    assert.equal((await fetch(path, { method: 'POST' })).status, 405);
  });

  it('is a page without data for a browser without a key', async () => {
    const { order } = (await submit()).body;
    const response = await fetch(`${api.url}/ops/orders/${order.orderId}`, {
      headers: { accept: 'text/html,*/*;q=0.8' },
    });
    const text = await response.text();
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /text\/html/);
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.ok(!text.includes(order.orderId) && !text.includes(order.clientOrderId));
  });

  describe('in a browser', () => {
    let browser: Browser | undefined;
    let page: Page;
    const faults: string[] = [];
    before(async function () {
      browser = await openBrowser();
      if (browser === undefined) return this.skip();
      page = await browser.newPage();
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
      page.on('pageerror', (fault) => faults.push(fault.message));
    });
    after(() => browser?.close());

    it('asks for a key, shows the timeline as a table in words, and follows it', async () => {
      const { order } = (await submit()).body;
      await writeWorkerSpan(order, 'RunActivity:validateOrder');
      await page.goto(`${api.url}/ops/orders/${order.orderId}`);
      await page.getByLabel('API key').fill(api.keys['trader1'] ?? '');
      await page.getByRole('button', { name: 'Sign in' }).click();
      const row = page.getByRole('row', { name: /worker-orders Validate/ });
      await row.waitFor({ timeout: 15_000 });
      assert.match(await row.innerText(), /2\.50 ms/);
      await page.getByRole('columnheader', { name: 'Hop' }).waitFor();
      await page.getByText(order.traceId ?? 'no trace').waitFor();
      await writeWorkerSpan(order, 'RunActivity:routeOrder');
      await page.getByRole('row', { name: /Route to the venue/ }).waitFor({ timeout: 15_000 });
      assert.deepEqual(faults, []);
    });

    it('forgets a key that is not valid', async () => {
      const { order } = (await submit()).body;
      await page.goto(`${api.url}/ops/orders/${order.orderId}`);
      await page.evaluate('sessionStorage.clear()');
      await page.reload();
      await page.getByLabel('API key').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('This key is not valid.').waitFor({ timeout: 10_000 });
      assert.equal(await page.getByRole('table').count(), 0);
    });
  });
});
