import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { after, before, describe, it } from 'mocha';
import { logRecordSchema, type LogLine } from '../../observability/log-schema';
import { cancelSignal } from '../../workflows/order-entry/order-messages';
import { ApiClient, type NewOrder } from '../support/api-client';
import { eventually } from '../support/eventually';
import { assertViewsEqualHistories } from '../support/invariants';
import { startSystem, type RunningSystem } from '../support/system';

interface Entry {
  kind: 'span' | 'event';
  name: string;
  component: string;
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
}

const ROOT = resolve(__dirname, '../..');
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN_ID = 'b7ad6b7169203331';
/** Processes of ours; the two servers write logs of their own. */
const OURS = /^(api|setup|venue-simulator|worker-orders|worker-execution)[^.]*\.log/;

/** Names, words and secrets that must stay where they belong. */
const MARKED = {
  key: `sf_${'MARKEDKEY'.repeat(5)}`,
  by: 'Marked-Person',
  reason: 'marked-reason marked.person@example.com',
  evidence: 'marked-evidence: Mr Marked said so',
  baggage: 'marked-baggage',
} as const;

// Goal: an order's trace has every hop of every process once, its logs tell its story in one schema, and neither holds
// secrets or names. Method: `npm start`, orders that rest, fill in parts, lose their worker and end in doubt.
describe('the story of an order', function () {
  this.timeout(240_000);
  let system: RunningSystem;
  let trader: ApiClient;
  let order: { orderId: string; workflowId: string };
  const problems: string[] = [];

  const clientOf = (name: string): ApiClient => {
    const found = system.credentials.keys.find((key) => key.name === name);
    assert.ok(found, `the credentials file has a key ${name}`);
    return new ApiClient(system.run.apiUrl, found.key);
  };
  const bodyOf = (clientOrderId: string, more: Partial<NewOrder> = {}): NewOrder => ({
    clientOrderId,
    account: 'ACC-1',
    symbol: 'BAC',
    side: 'buy',
    type: 'market',
    quantity: '100',
    ...more,
  });
  const entriesOf = async (orderId: string): Promise<Entry[]> =>
    (await trader.call<{ entries: Entry[] }>('GET', `/ops/orders/${orderId}`)).body.entries;
  const spansOf = async (orderId: string): Promise<Entry[]> =>
    (await entriesOf(orderId)).filter(({ kind }) => kind === 'span');
  const runLogs = async (...args: string[]): Promise<string> => {
    const command = ['tools/bootstrap.mjs', 'tools/logs/main.ts', ...args];
    const env = { ...process.env, STEADFILL_HOME: system.home };
    return (await promisify(execFile)(process.execPath, command, { cwd: ROOT, env })).stdout;
  };

  before(async () => {
    system = await startSystem();
    trader = clientOf('demo-trader');
    await eventually(
      async () => (await trader.call<{ ask?: string }>('GET', '/v1/quotes/BAC')).body.ask !== undefined,
      { timeoutMs: 30_000, what: 'a first quote' },
    );
  });
  after(async () => {
    await system?.stop();
  });

  it('is one trace with every hop once: request, workflow, activities, venue, reports, signals, view', async () => {
    // More than is shown at a time: the rest is filled by reports that come over the session and go on as signals.
    const body = bodyOf('story-1', { quantity: '50000' });
    const answer = await trader.call<{ order: typeof order & { traceId: string } }>(
      'POST',
      '/v1/orders',
      body,
      {
        traceparent: `00-${TRACE_ID}-${CLIENT_SPAN_ID}-01`,
        tracestate: `vendor=${MARKED.baggage}`,
        baggage: `user=${MARKED.baggage}`,
      },
    );
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    order = answer.body.order;
    assert.equal(answer.body.order.traceId, TRACE_ID);
    await trader.reach(order.orderId, ['settled'], 60_000);
    const fills = (await trader.fills(order.orderId)).length;
    const spans = await eventually(async () => {
      const found = await spansOf(order.orderId);
      return found.some(({ name }) => name === 'RunWorkflow:order') && found;
    });
    const count = (name: string, component?: string): number =>
      spans.filter((span) => span.name === name && span.component === (component ?? span.component)).length;
    for (const [name, component] of [
      ['POST /v1/orders', 'api'],
      ['UpdateWithStartWorkflow:submit', 'api'],
      ['RunWorkflow:order', 'worker-orders'],
      ['HandleUpdate:submit', 'worker-orders'],
      ['StartActivity:admitOrder', 'worker-orders'],
      ['RunActivity:admitOrder', 'worker-orders'],
      ['Step:validateOrder', 'worker-orders'],
      ['Step:reserveExposure', 'worker-orders'],
      ['StartActivity:routeOrder', 'worker-orders'],
      ['RunActivity:routeOrder', 'worker-execution'],
      ['Venue POST', 'worker-execution'],
      ['POST /orders', 'venue-simulator'],
      ['Report accepted', 'worker-execution'],
    ] as const) {
      assert.equal(count(name, component), 1, `${name} in ${component}`);
    }
    assert.equal(count('Report fill', 'worker-execution'), fills);
    const signals = count('SignalWorkflow:executionReport', 'worker-execution');
    assert.ok(signals >= 1 && signals < fills, `${signals} signals for ${fills} fills`);
    assert.equal(count('HandleSignal:executionReport', 'worker-orders'), signals);
    for (const name of ['recordOrder', 'settleFills', 'applyExposure'])
      assert.ok(count(`Step:${name}`, 'worker-orders') >= 1, name);
    assert.equal(count('RunActivity:deliverEffects'), count('StartActivity:deliverEffects'));
    assertOneTree(spans, CLIENT_SPAN_ID);
    assert.deepEqual([...new Set(spans.map(({ traceId }) => traceId))], [TRACE_ID]);
  });

  it('goes on in the same trace, each hop once, when the worker is killed while the order rests', async () => {
    const body = bodyOf('story-2', { symbol: 'IBM', type: 'limit', limitPrice: '160' });
    const { body: placed } = await trader.submit(body);
    const { orderId } = placed.order;
    // Once its events are recorded nothing of it is under way: a task that is run once more would give its spans again.
    await eventually(async () => {
      const path = `/v1/orders/${orderId}/events`;
      const { items } = (await trader.call<{ items: { type: string }[] }>('GET', path)).body;
      return items.some(({ type }) => type === 'reportApplied');
    });
    await system.kill('worker-orders');
    // An answer that got lost with the worker is asked for again: the same key is the same amendment.
    const key = { 'Idempotency-Key': 'to-the-market' };
    const amend = () => trader.call('PATCH', `/v1/orders/${orderId}`, { limitPrice: '200' }, key);
    await eventually(async () => (await amend()).status === 202, {
      timeoutMs: 60_000,
      intervalMs: 500,
      what: 'an amendment after the restart',
    });
    await trader.reach(orderId, ['settled'], 60_000);
    const spans = await eventually(async () => {
      const found = await spansOf(orderId);
      return found.some(({ name }) => name === 'RunWorkflow:order') && found;
    });
    const names = spans.filter(({ traceId }) => traceId === placed.order.traceId).map(({ name }) => name);
    for (const name of ['RunWorkflow:order', 'RunActivity:routeOrder', 'RunActivity:replaceAtVenue']) {
      assert.equal(names.filter((found) => found === name).length, 1, name);
    }
    assert.ok(
      spans.some(({ name }) => name.startsWith('PATCH ')),
      'the request that amended it is shown too',
    );
    const written = (await readFolder('traces'))
      .flatMap(([, text]) => text.trimEnd().split('\n'))
      .map((line) => JSON.parse(line) as { spanId: string; name: string });
    const ids = written.map(({ spanId }) => spanId);
    const again = written.filter(({ spanId }, index) => ids.indexOf(spanId) !== index);
    assert.deepEqual(again, [], 'no process sent a span of another one again');
  });

  it('is told by npm run logs, in time order, from all processes and the event log', async () => {
    const text = await runLogs('--order', 'story-1', '--account', 'ACC-1');
    for (const told of [
      /api +request answered .*status=201/,
      /worker-orders +Order validated .*outcome=valid/,
      /worker-orders +Risk decided .*outcome=reserved/,
      /worker-execution +Order sent to the venue .*outcome=sent/,
      /venue-simulator +Request answered .*status=201/,
      /worker-execution +Execution report received .*kind=fill/,
      /worker-execution +Execution reports signalled .*outcome=delivered/,
      /worker-orders +Order recorded .*state=settled/,
      /worker-orders +Fills settled/,
      /event-log +Event 1: orderReceived/,
    ]) {
      assert.match(text, told);
    }
    const lines = (await runLogs('--order', order.orderId, '--json')).trimEnd().split('\n');
    const records = lines.map((line) => logRecordSchema.parse(JSON.parse(line)));
    const times = records.map(({ time }) => time);
    assert.deepEqual(times, [...times].sort());
    const strangers = records.filter(
      (record) => record.orderId !== undefined && record.orderId !== order.orderId,
    );
    assert.deepEqual(strangers, []);
  });

  it('is followed while it goes on', async () => {
    const body = bodyOf('story-3', { symbol: 'IBM', type: 'limit', limitPrice: '160' });
    const { order: placed } = (await trader.submit(body)).body;
    await trader.reach(placed.orderId, ['routed']);
    const args = ['tools/bootstrap.mjs', 'tools/logs/main.ts', '--order', placed.orderId, '--follow'];
    const follower = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, STEADFILL_HOME: system.home },
    });
    let shown = '';
    follower.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    const ended = new Promise<number | null>((done) => follower.once('exit', done));
    try {
      await eventually(() => shown.includes('Order validated'), { timeoutMs: 30_000, what: 'the beginning' });
      await trader.cancel(placed.orderId);
      await eventually(() => /Order recorded .*state=cancelled/.test(shown), {
        timeoutMs: 30_000,
        what: 'the end',
      });
    } finally {
      follower.kill('SIGINT');
    }
    assert.equal(await ended, 0);
  });

  it('ends in doubt and is resolved by a person, whose words stay in the record of the order', async () => {
    const connection = await Connection.connect({ address: system.run.temporalAddress });
    try {
      const { order: rested } = (
        await trader.submit(bodyOf('story-4', { symbol: 'IBM', type: 'limit', limitPrice: '160' }))
      ).body;
      await trader.reach(rested.orderId, ['routed']);
      const { by, reason, evidence } = MARKED;
      const handle = new Client({ connection }).workflow.getHandle(rested.workflowId);
      await handle.signal(cancelSignal, { requestId: 'marked-1', by, reason });
      await trader.reach(rested.orderId, ['cancelled']);
      system.pause('venue-simulator');
      const { order: doubtful } = (await trader.submit(bodyOf('story-5'))).body;
      await trader.reach(doubtful.orderId, ['unknown'], 60_000);
      const path = `/v1/orders/${doubtful.orderId}/resolve`;
      const resolution = { outcome: 'cancelled', evidence };
      const resolved = await clientOf('demo-ops').call('POST', path, resolution);
      assert.equal(resolved.status, 202, JSON.stringify(resolved.body));
      const events = await trader.call<unknown>('GET', `/v1/orders/${doubtful.orderId}/events`);
      assert.ok(JSON.stringify(events.body).includes(evidence), 'the evidence is on record');
    } finally {
      system.resume('venue-simulator');
      await connection.close();
    }
    const halt = await clientOf('demo-risk').call('PUT', '/v1/halts/symbol/MARKED', {
      halted: true,
      reason: MARKED.reason,
    });
    assert.equal(halt.status, 200, JSON.stringify(halt.body));
  });

  it('answers refusals without what others said or hold', async () => {
    const stranger = new ApiClient(system.run.apiUrl, MARKED.key);
    for (const refused of [
      await stranger.call('POST', '/v1/orders', bodyOf('story-6')),
      await trader.call('POST', '/v1/orders', { ...bodyOf('story-7'), password: MARKED.key }),
      await trader.call('POST', '/v1/orders', '{"clientOrderId": "broken'),
      await trader.call('GET', `/v1/orders/${MARKED.key}?cursor=${MARKED.key}`),
      await trader.submit(bodyOf('story-1', { quantity: '7' })),
      await trader.submit(bodyOf('story-8', { symbol: 'NONE' })),
    ]) {
      assert.ok(refused.status >= 400 && refused.status < 500, String(refused.status));
      const problem = refused.body as { traceId?: string };
      assert.match(problem.traceId ?? '', /^[0-9a-f]{32}$/);
      problems.push(JSON.stringify(problem));
    }
  });

  it('is written in one schema by every process', async () => {
    for (const [name, text] of await readFolder('logs')) {
      if (!OURS.test(name)) continue;
      for (const line of text
        .trimEnd()
        .split('\n')
        .filter((each) => each !== '')) {
        const parsed = logRecordSchema.safeParse(toJson(line));
        assert.ok(parsed.success, `${name}: ${line}: ${parsed.error?.message}`);
      }
    }
    const [, text = ''] = (await readFolder('logs')).find(([name]) => name === 'worker-orders.log') ?? [];
    const about = text
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [toJson(line) as LogLine]))
      .filter(({ orderId }) => orderId === order.orderId);
    assert.ok(about.every(({ trace_id: traceId }) => traceId === TRACE_ID));
  });

  it('holds no secret and names no person, in logs, traces, problems and histories', async () => {
    const keys = system.credentials.keys.map(({ key }) => key);
    const everywhere = [MARKED.key, MARKED.baggage, ...keys];
    const outside = [
      ...everywhere,
      MARKED.by,
      'marked-reason',
      'marked.person',
      'marked-evidence',
      'demo-ops',
    ];
    for (const [name, text] of [...(await readFolder('logs')), ...(await readFolder('traces'))]) {
      for (const marked of outside) assert.ok(!text.includes(marked), `${marked} in ${name}`);
    }
    for (const body of problems) {
      for (const marked of outside) assert.ok(!body.includes(marked), `${marked} in ${body}`);
    }
    const connection = await Connection.connect({ address: system.run.temporalAddress });
    try {
      const client = new Client({ connection });
      for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'order'` })) {
        const history = decoded(await client.workflow.getHandle(workflowId).fetchHistory());
        for (const marked of everywhere) assert.ok(!history.includes(marked), `${marked} in ${workflowId}`);
      }
    } finally {
      await connection.close();
    }
  });

  it('leaves views equal to histories', async () => {
    await assertViewsEqualHistories(system.home);
  });

  async function readFolder(folder: 'logs' | 'traces'): Promise<[string, string][]> {
    const names = await readdir(join(system.home, folder));
    assert.ok(names.length > 0);
    return await Promise.all(
      names.map(async (name): Promise<[string, string]> => [
        name,
        await readFile(join(system.home, folder, name), 'utf8'),
      ]),
    );
  }
});

/** Every span but the first lies in another one of them. */
function assertOneTree(spans: readonly Entry[], rootParentId: string): void {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  assert.equal(ids.size, spans.length);
  const roots = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId));
  assert.deepEqual(
    roots.map(({ name, parentSpanId }) => [name, parentSpanId]),
    [['POST /v1/orders', rootParentId]],
  );
}

function toJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (fault) {
    if (fault instanceof SyntaxError) return line;
    throw fault;
  }
}

/** A history as text, payloads as what they carry. */
function decoded(history: unknown): string {
  return JSON.stringify(history, (_name, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  );
}
