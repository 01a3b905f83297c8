import assert from 'node:assert/strict';
import { PERMISSIONS_BY_ROLE, type Permission } from '../../../api/auth/permissions';
import { insertKey, revokeKeys } from '../../../api/auth/key-store';
import { generateKey } from '../../../api/auth/api-key';
import type { SummaryDependencies } from '../../../api/ops/live/summary.routes';
import { allRoutes } from '../../../api/routes';
import type { Services } from '../../../api/services';
import type { Route } from '../../../api/http/route';
import { ApiClient, type ProblemBody } from '../../support/api-client';
import { eventually } from '../../support/eventually';
import { startApi, type ApiUnderTest } from './api-harness';

/** The table needs no services to be read; handlers are never called here. */
const ROUTES = allRoutes({} as Services, {} as SummaryDependencies);

/** A well-formed request for each route, about an account or an order that `trader1` may not use. */
function foreignRequest(route: Route): { path: string; body?: unknown } {
  const path = route.path
    .replace('{orderId}', 'FOREIGN')
    .replace('{account}', 'ACC-2')
    .replace('{listId}', 'l1')
    .replace('{symbol}', 'IBM')
    .replace('{scope}/{id}', 'account/ACC-2');
  const needsAccount = route.entitlement === 'query' || route.entitlement === 'filter';
  const bodies: Record<string, unknown> = {
    submitOrder: {
      clientOrderId: 'c1',
      account: 'ACC-2',
      symbol: 'IBM',
      side: 'buy',
      type: 'market',
      quantity: '1',
    },
    submitList: {
      listId: 'l1',
      account: 'ACC-2',
      orders: [{ clientOrderId: 'c1', symbol: 'IBM', side: 'buy', type: 'market', quantity: '1' }],
    },
    amendOrder: { quantity: '2' },
    resolveOrder: { outcome: 'cancelled', evidence: 'said so' },
    setHalt: { halted: true, reason: 'test' },
    setInstrumentFlags: { tradable: false, reason: 'test' },
    putInstrumentVersion: { reason: 'test' },
  };
  return {
    path: needsAccount ? `${path}?account=ACC-2` : path,
    ...(route.body === undefined ? {} : { body: bodies[route.operationId] }),
  };
}

// Goal: no route can be used without a key, without the role, or for somebody else's account. Method: walk the very
// table that the router is made of, so that a new route is tested from its first day.
describe('component: entitlement on every route', function () {
  this.timeout(60_000);
  let api: ApiUnderTest;
  let foreignOrderId: string;
  before(async () => {
    api = await startApi();
    const order = {
      clientOrderId: 'f1',
      account: 'ACC-2',
      symbol: 'IBM',
      side: 'buy',
      type: 'market',
      quantity: '1',
    };
    const answer = await api.clients['trader']!.submit(order);
    foreignOrderId = answer.body.order.orderId;
  });
  after(async () => {
    await api.stop();
  });

  it('knows all routes of the contract', () => {
    const table = ROUTES.map(
      (route) => `${route.method.toUpperCase()} ${route.path.replace('/v1', '')}`,
    ).sort();
    assert.deepEqual(table, [
      'DELETE /lists/{listId}',
      'DELETE /orders',
      'DELETE /orders/{orderId}',
      'GET /accounts/{account}',
      'GET /fills',
      'GET /halts',
      'GET /instruments',
      'GET /instruments/{symbol}',
      'GET /instruments/{symbol}/history',
      'GET /lists',
      'GET /lists/{listId}',
      'GET /ops/orders/{orderId}',
      'GET /ops/summary',
      'GET /orders',
      'GET /orders/{orderId}',
      'GET /orders/{orderId}/events',
      'GET /positions',
      'GET /quotes/{symbol}',
      'GET /stream/orders',
      'PATCH /instruments/{symbol}',
      'PATCH /orders/{orderId}',
      'POST /lists',
      'POST /orders',
      'POST /orders/{orderId}/resolve',
      'PUT /halts/{scope}/{id}',
      'PUT /instruments/{symbol}',
    ]);
  });

  for (const route of ROUTES) {
    const name = `${route.method.toUpperCase()} ${route.path}`;
    it(`${name}: no key is 401, a role without the permission 403, a foreign account refused`, async () => {
      const { path: template, body } = foreignRequest(route);
      const path = template.replace('FOREIGN', foreignOrderId);
      // A path that is also a page shows a browser its frame, which has no data; programs ask for JSON.
      const headers = { accept: 'application/json' };
      const bare = await fetch(`${api.url}${path}`, { method: route.method.toUpperCase(), headers });
      assert.equal(bare.status, 401);
      const unfit = (['approver', 'auditor', 'trader'] as const).find((role) => !may(role, route.permission));
      if (unfit !== undefined) {
        const refused = await api.clients[unfit]!.call<ProblemBody>(route.method.toUpperCase(), path, body);
        assert.deepEqual([refused.status, refused.body.code], [403, 'FORBIDDEN_ROLE']);
      }
      if (route.entitlement === 'reference' || !may('trader', route.permission)) return;
      const foreign = await api.clients['trader1']!.call<ProblemBody>(route.method.toUpperCase(), path, body);
      const expected = route.entitlement === 'order' ? [404, 'NOT_FOUND'] : [403, 'FORBIDDEN_ACCOUNT'];
      assert.deepEqual([foreign.status, foreign.body.code], expected);
    });
  }

  it('keeps narrow risk keys from wide halts', async () => {
    const key = generateKey();
    await insertKey(api.mongo.db, { name: 'narrow', role: 'risk', accounts: ['ACC-1'], key });
    const client = new ApiClient(api.url, key);
    const halt = { halted: true, reason: 'test' };
    assert.equal((await client.call('PUT', '/v1/halts/account/ACC-1', halt)).status, 200);
    assert.equal((await client.call('PUT', '/v1/halts/account/ACC-2', halt)).status, 403);
    assert.equal((await client.call('PUT', '/v1/halts/firm/all', halt)).status, 403);
  });

  it('keeps narrow risk keys from instruments, which everybody trades', async () => {
    const key = generateKey();
    await insertKey(api.mongo.db, { name: 'narrow-too', role: 'risk', accounts: ['ACC-1'], key });
    const client = new ApiClient(api.url, key);
    const flags = { tradable: false, reason: 'test' };
    const refused = await client.call<ProblemBody>('PATCH', '/v1/instruments/IBM', flags);
    assert.deepEqual([refused.status, refused.body.code], [403, 'FORBIDDEN_ACCOUNT']);
  });

  it('obeys a revocation within seconds', async () => {
    const key = generateKey();
    await insertKey(api.mongo.db, { name: 'short-lived', role: 'trader', accounts: ['ACC-1'], key });
    const client = new ApiClient(api.url, key);
    assert.equal((await client.call('GET', '/v1/instruments')).status, 200);
    assert.equal(await revokeKeys(api.mongo.db, 'short-lived'), 1);
    await eventually(async () => (await client.call('GET', '/v1/instruments')).status === 401, {
      timeoutMs: 30_000,
    });
  });
});

function may(role: keyof typeof PERMISSIONS_BY_ROLE, permission: Permission): boolean {
  return PERMISSIONS_BY_ROLE[role].has(permission);
}
