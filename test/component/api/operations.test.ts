import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decimal128 } from 'mongodb';
import { parseExposition, type Sample } from '../../../api/ops/live/exposition';
import type { Summary } from '../../../api/ops/live/summary.schemas';
import { METRICS } from '../../../observability/metrics/catalog';
import { COLLECTIONS } from '../../../storage/collections';
import { uniqueName } from '../../support/servers';
import { startApi, type ApiUnderTest } from './api-harness';

// Goal: the API measures its answers, finds what must not be, and shows it to operations and to nobody else.
// Method: the real API over a real Temporal and a real MongoDB, with breaks put into the database on purpose.
const OLD = '2026-01-05T14:30:00.000Z';

describe('component: metrics and the page for operations', function () {
  this.timeout(60_000);
  let api: ApiUnderTest;
  const home = mkdtempSync(join(tmpdir(), 'steadfill-ops-'));
  before(async () => {
    api = await startApi({ env: { STEADFILL_HOME: home } });
    await breakTheBooks();
  });
  after(async () => {
    await api.stop();
    rmSync(home, { recursive: true });
  });

  /** An asset out of balance, two ended orders that reserve, one of them unfiled, one that is open and may, and a report of nobody. */
  async function breakTheBooks(): Promise<void> {
    const { db } = api.mongo;
    const keyed = (name: string) => db.collection<{ _id: string }>(name);
    const amount = (text: string) => Decimal128.fromString(text);
    await keyed(COLLECTIONS.ledger).insertMany([
      { _id: 'p1', asset: 'USD', amount: amount('10.00') },
      { _id: 'p2', asset: 'USD', amount: amount('-10') },
      { _id: 'p3', asset: 'IBM', amount: amount('0.01') },
    ] as never);
    const held = { reservedCash: amount('12.5'), reservedPosition: amount('0') };
    const none = { reservedCash: amount('0.00'), reservedPosition: amount('0') };
    const unfiled = {
      identity: { orderId: 'unfiled' },
      exposure: { _id: 'unfiled', contribution: held },
      decision: {},
    };
    await keyed(COLLECTIONS.orderExposures).insertMany([
      { _id: 'ended', contribution: held },
      { _id: 'open', contribution: held },
      { _id: 'clean', contribution: none },
    ] as never);
    await keyed(COLLECTIONS.orders).insertMany([
      { _id: 'ended', state: 'cancelled', updatedAt: OLD },
      { _id: 'unfiled', state: 'cancelled', updatedAt: OLD },
      { _id: 'open', state: 'routed', updatedAt: OLD },
      { _id: 'clean', state: 'settled', updatedAt: OLD },
    ] as never);
    await keyed(COLLECTIONS.riskAccounts).insertMany([
      { _id: 'A', currency: 'USD', reserved: amount('12.5'), admitted: [unfiled] },
      { _id: 'B', currency: 'USD', reserved: amount('0.25') },
      { _id: 'C', currency: 'EUR', reserved: amount('7') },
    ] as never);
    await keyed(COLLECTIONS.unmatchedReports).insertMany([
      { _id: 'new', at: new Date().toISOString() },
      { _id: 'old', at: OLD },
    ] as never);
  }

  async function metrics(): Promise<Sample[]> {
    const response = await fetch(`${api.url}/metrics`);
    assert.equal(response.status, 200);
    return parseExposition(await response.text(), (name) => name.startsWith('steadfill_'));
  }
  const valueOf = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}) =>
    samples.find(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )?.value;

  it('measures each answer by outcome', async () => {
    const order = {
      account: 'ACC-1',
      symbol: 'IBM',
      side: 'buy',
      type: 'market',
      quantity: '1',
      clientOrderId: uniqueName('c'),
    };
    const submit = (changes: Record<string, string> = {}) =>
      api.clients['trader']!.call('POST', '/v1/orders', { ...order, ...changes });
    await submit();
    await submit();
    await submit({ quantity: '2' });
    await submit({ symbol: 'NOPE', clientOrderId: uniqueName('c') });
    const samples = await metrics();
    const counts = ['accepted', 'repeated', 'conflict', 'denied', 'unknown'].map((outcome) =>
      valueOf(samples, `${METRICS.orderAcknowledgement.name}_count`, { outcome }),
    );
    assert.deepEqual(counts, [1, 1, 1, 1, 0]);
    const labels = new Set(samples.flatMap((sample) => Object.values(sample.labels)));
    assert.equal(labels.has(order.clientOrderId), false, 'no order is ever a label');
    assert.equal(labels.has('ACC-1'), false, 'nor an account');
  });

  it('finds breaks, reservations and open orders', async () => {
    const samples = await metrics();
    const breaks = (kind: string) => valueOf(samples, METRICS.reconciliationBreaks.name, { kind });
    assert.deepEqual([breaks('ledger'), breaks('reservation'), breaks('unmatchedReport')], [1, 2, 1]);
    const reserved = (currency: string) => valueOf(samples, METRICS.reservedCash.name, { currency });
    assert.deepEqual([reserved('USD'), reserved('EUR')], [12.75, 7]);
    assert.equal(valueOf(samples, METRICS.ordersOpen.name, { state: 'routed' }), 1);
    assert.equal(valueOf(samples, METRICS.dependencyUp.name, { dependency: 'mongodb' }), 1);
    assert.equal(valueOf(samples, METRICS.dependencyUp.name, { dependency: 'temporal' }), 1);
    const queue = { queue: api.taskQueue, kind: 'workflow' };
    assert.ok((valueOf(samples, METRICS.taskQueuePollers.name, queue) ?? 0) >= 1);
    const checkedAt = valueOf(samples, METRICS.reconciliationTime.name) ?? 0;
    assert.ok(Math.abs(Date.now() / 1_000 - checkedAt) < 60);
  });

  it('shows the summary to those who watch over all accounts, and to no trader', async () => {
    const read = (who: string) => api.clients[who]!.call<Summary>('GET', '/ops/summary');
    for (const who of ['ops', 'risk', 'auditor', 'admin']) assert.equal((await read(who)).status, 200, who);
    for (const who of ['trader', 'approver']) assert.equal((await read(who)).status, 403, who);
    const { body } = await read('ops');
    assert.deepEqual(body.viewer, { name: 'ops', role: 'ops' });
    assert.equal(body.verdict.level, 'bad');
    const texts = body.verdict.problems.map(({ text }) => text).join('\n');
    assert.match(texts, /ledger does not sum to zero in IBM/);
    assert.match(texts, /2 ended orders still reserve/);
    assert.match(texts, /No worker asks the task queue \S+-venue-XSIM/);
    assert.match(texts, /session with XSIM is not known/);
  });

  it('serves the page without a key, with nothing on it and no way to load from elsewhere', async () => {
    const page = await fetch(`${api.url}/ops`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    const html = await page.text();
    assert.doesNotMatch(html, /https?:\/\/|style="|<script(?![^>]*src=)/);
    const assets = [...html.matchAll(/(?:src|href)="(\/ops\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
    assert.equal(assets.length, 2);
    await assertAssets(assets, new Set());
  });

  /** Every file that a page loads is there, with its type, and loads nothing from elsewhere. */
  async function assertAssets(paths: readonly string[], seen: Set<string>): Promise<void> {
    for (const path of paths) {
      if (seen.has(path)) continue;
      seen.add(path);
      const response = await fetch(`${api.url}${path}`);
      assert.equal(response.status, 200, path);
      const type = response.headers.get('content-type') ?? '';
      assert.match(type, path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
      const text = await response.text();
      assert.doesNotMatch(text.replaceAll('http://www.w3.org/2000/svg', ''), /https?:\/\/|@import|url\(/);
      const imports = [...text.matchAll(/from '\.\/([^']+)'/g)].map(([, name = '']) => `/ops/assets/${name}`);
      await assertAssets(imports, seen);
    }
  }

  it('serves no other file, and no other method', async () => {
    for (const name of ['../console-page.ts', '..%2Fconsole-page.ts', 'constructor', 'package.json']) {
      assert.equal((await fetch(`${api.url}/ops/assets/${name}`)).status, 404, name);
    }
    const post = await fetch(`${api.url}/ops`, { method: 'POST' });
    assert.equal(post.status, 405);
    assert.equal(post.headers.get('allow'), 'GET, HEAD');
  });
});
