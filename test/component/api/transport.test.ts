import assert from 'node:assert/strict';
import type { ProblemBody } from '../../support/api-client';
import { startApi, type ApiUnderTest } from './api-harness';

// Goal: what every request has in common: ids, headers, limits, wrong paths and methods, health, documentation.
describe('component: transport', function () {
  this.timeout(60_000);
  let api: ApiUnderTest;
  before(async () => {
    api = await startApi({ env: { STEADFILL_RATE_LIMIT_PER_SECOND: '20' } });
  });
  after(async () => {
    await api.stop();
  });

  const get = (path: string, headers = {}) =>
    api.clients['trader']!.call<ProblemBody>('GET', path, undefined, headers);

  it('echoes a well-formed request id and replaces any other', async () => {
    const echoed = await get('/v1/orders/o0', { 'x-request-id': 'client-7:a' });
    assert.equal(echoed.headers.get('x-request-id'), 'client-7:a');
    assert.equal(echoed.body.requestId, 'client-7:a');
    const replaced = await get('/v1/orders/o0', { 'x-request-id': 'x'.repeat(200) });
    assert.match(replaced.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(replaced.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(replaced.headers.get('x-powered-by'), null);
  });

  it('answers 404 to unknown paths and 405 with Allow to wrong methods', async () => {
    const unknown = await get('/v1/nothing');
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'NOT_FOUND']);
    const wrong = await fetch(`${api.url}/v1/instruments`, { method: 'POST' });
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get('allow'), 'GET, HEAD');
    assert.equal(((await wrong.json()) as ProblemBody).code, 'METHOD_NOT_ALLOWED');
    assert.equal((await fetch(`${api.url}/healthz`, { method: 'DELETE' })).status, 405);
  });

  it('limits reads apart from orders and says so in headers', async () => {
    const who = api.clients['auditor']!;
    const answers = await Promise.all(
      Array.from({ length: 80 }, () => who.call<ProblemBody>('GET', '/v1/quotes/IBM')),
    );
    const limited = answers.filter((answer) => answer.status === 429);
    assert.ok(limited.length >= 10, `${limited.length} of 80 were limited`);
    const [first] = limited;
    assert.equal(first?.body.code, 'RATE_LIMITED');
    assert.equal(first?.body.retryable, true);
    assert.ok(Number(first?.headers.get('retry-after')) >= 1);
    assert.match(first?.headers.get('ratelimit') ?? '', /"reads"/);
    const other = await api.clients['ops']!.call('GET', '/v1/quotes/IBM');
    assert.equal(other.status, 200);
  });

  it('is healthy, and ready only when workers of every queue poll', async () => {
    assert.equal((await fetch(`${api.url}/healthz`)).status, 200);
    const ready = await fetch(`${api.url}/readyz`);
    const { status, checks } = (await ready.json()) as {
      status: string;
      checks: Record<string, { ok: boolean }>;
    };
    assert.deepEqual([ready.status, status], [503, 'notReady']);
    assert.equal(checks['temporal']?.ok, true);
    assert.equal(checks['mongodb']?.ok, true);
    assert.equal(checks[`workers:${api.taskQueue}`]?.ok, true);
    assert.equal(checks[`workers:${api.taskQueue}-venue-XSIM`]?.ok, false);
  });

  it('publishes OpenAPI 3.1, a docs page and metrics', async () => {
    const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, unknown>;
      components: {
        schemas: Record<string, { properties?: Record<string, { type?: string; pattern?: string }> }>;
      };
    };
    assert.equal(document.openapi, '3.1.0');
    assert.ok(document.paths['/v1/orders']);
    const quantity = document.components.schemas['SubmitOrder']?.properties?.['quantity'];
    assert.equal(quantity?.type, 'string');
    const docs = await fetch(`${api.url}/docs/`);
    assert.equal(docs.status, 200);
    const script = await fetch(`${api.url}/docs/swagger-ui-bundle.js`);
    assert.equal(script.status, 200);
    await script.arrayBuffer();
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    assert.match(
      metrics,
      /steadfill_http_requests_total\{method="GET",route="\/v1\/quotes\/\{symbol\}",status="200"\}/,
    );
  });
});
