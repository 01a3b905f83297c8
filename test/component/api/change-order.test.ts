import assert from 'node:assert/strict';
import type { OrderView } from '../../../domain/order/order-view';
import type { ProblemBody } from '../../support/api-client';
import { eventually } from '../../support/eventually';
import { uniqueName } from '../../support/servers';
import { startApi, type ApiUnderTest } from './api-harness';

type ChangeAnswer = { order: OrderView } & ProblemBody;
interface MassCancelAnswer {
  items: { orderId: string; status: number; code?: string; order?: OrderView }[];
  complete: boolean;
}

// Goal: cancel, amend, resolve and mass cancel answer as the contract says. Method: as for submitting.
describe('component: changing orders', function () {
  this.timeout(60_000);
  let api: ApiUnderTest;
  before(async () => {
    api = await startApi();
  });
  after(async () => {
    await api.stop();
  });

  const call = <T = ChangeAnswer>(
    method: string,
    path: string,
    body?: unknown,
    headers = {},
    who = 'trader',
  ) => api.clients[who]!.call<T>(method, path, body, headers);

  async function newOrder(changes: Record<string, string> = {}): Promise<OrderView> {
    const answer = await call<{ order: OrderView }>('POST', '/v1/orders', {
      clientOrderId: uniqueName('c'),
      account: 'ACC-1',
      symbol: 'IBM',
      side: 'buy',
      type: 'limit',
      quantity: '100',
      limitPrice: '180',
      ...changes,
    });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.order;
  }

  async function end(order: OrderView): Promise<void> {
    const handle = api.temporal.workflow.getHandle(order.workflowId);
    await handle.signal('executionReport', {});
    await handle.result();
  }

  it('cancels with 202, and a second cancel is 409 with the current order', async () => {
    const order = await newOrder();
    const first = await call('DELETE', `/v1/orders/${order.orderId}`);
    assert.equal(first.status, 202);
    assert.equal(first.body.order.ordStatus, 'pendingCancel');
    const second = await call('DELETE', `/v1/orders/${order.orderId}`);
    assert.equal(second.status, 409);
    assert.equal(second.body.code, 'CANCEL_PENDING');
    assert.equal(second.body.order.orderId, order.orderId);
  });

  it('answers a repeat with the same Idempotency-Key as the first time, also after the order ended', async () => {
    const order = await newOrder();
    const key = { 'idempotency-key': 'cancel-1' };
    const first = await call('DELETE', `/v1/orders/${order.orderId}`, undefined, key);
    const repeat = await call('DELETE', `/v1/orders/${order.orderId}`, undefined, key);
    assert.deepEqual([first.status, repeat.status], [202, 202]);
    assert.deepEqual(repeat.body.order, first.body.order);
    await end(order);
    const late = await call('DELETE', `/v1/orders/${order.orderId}`, undefined, key);
    assert.equal(late.status, 202, JSON.stringify(late.body));
    const malformed = await call('DELETE', `/v1/orders/${order.orderId}`, undefined, {
      'idempotency-key': 'a b',
    });
    assert.equal(malformed.status, 400);
  });

  it('answers 409 with the order when it has ended', async () => {
    const order = await newOrder();
    await end(order);
    const cancel = await call('DELETE', `/v1/orders/${order.orderId}`);
    assert.equal(cancel.status, 409, JSON.stringify(cancel.body));
    assert.equal(cancel.body.code, 'ORDER_CLOSED');
    assert.equal(cancel.body.order.state, 'cancelled');
  });

  it('amends with 202, denies with 422, and refuses an empty or malformed amendment with 400', async () => {
    const { orderId } = await newOrder();
    const amended = await call('PATCH', `/v1/orders/${orderId}`, { quantity: '50', limitPrice: '181.00' });
    assert.equal(amended.status, 202);
    const denied = await call('PATCH', `/v1/orders/${orderId}`, { quantity: '999999' });
    assert.equal(denied.status, 422);
    assert.deepEqual(denied.body.errors?.[0], {
      pointer: '/quantity',
      code: 'ORDER_QUANTITY_LIMIT',
      message: 'over',
      value: '999999',
      limit: '100000',
    });
    const same = await call('PATCH', `/v1/orders/${orderId}`, { limitPrice: '180.00' });
    assert.equal(same.status, 422);
    assert.equal(same.body.code, 'NOTHING_TO_CHANGE');
    assert.equal((await call('PATCH', `/v1/orders/${orderId}`, {})).status, 400);
    assert.equal((await call('PATCH', `/v1/orders/${orderId}`, { quantity: 5 })).status, 400);
  });

  it("shows nothing of a foreign account's order", async () => {
    const { orderId } = await newOrder({ account: 'ACC-2' });
    const answers = await Promise.all([
      call('GET', `/v1/orders/${orderId}`, undefined, {}, 'trader1'),
      call('GET', `/v1/orders/${orderId}/events`, undefined, {}, 'trader1'),
      call('DELETE', `/v1/orders/${orderId}`, undefined, {}, 'trader1'),
      call('PATCH', `/v1/orders/${orderId}`, { quantity: '1' }, {}, 'trader1'),
    ]);
    assert.deepEqual(
      answers.map((answer) => [answer.status, answer.body.code]),
      answers.map(() => [404, 'NOT_FOUND']),
    );
    const untouched = await call<OrderView>('GET', `/v1/orders/${orderId}`);
    assert.equal(untouched.body.ordStatus, 'pendingNew');
  });

  it('refuses to resolve an order whose outcome is known, and asks for evidence', async () => {
    const { orderId } = await newOrder();
    const body = { outcome: 'cancelled', evidence: 'the venue desk said so' };
    const refused = await call('POST', `/v1/orders/${orderId}/resolve`, body, {}, 'ops');
    assert.equal(refused.status, 409, JSON.stringify(refused.body));
    assert.equal(refused.body.code, 'OUTCOME_NOT_UNKNOWN');
    const bare = await call('POST', `/v1/orders/${orderId}/resolve`, { outcome: 'cancelled' }, {}, 'ops');
    assert.equal(bare.status, 400);
    assert.equal((await call('POST', `/v1/orders/${orderId}/resolve`, body)).status, 403);
  });

  it('cancels all open orders of an account, one result an order', async () => {
    const symbol = 'BAC';
    const mine = await Promise.all([newOrder({ symbol }), newOrder({ symbol }), newOrder({ symbol })]);
    const other = await newOrder({ symbol: 'AIG' });
    const results = new Map<string, number>();
    // Temporal's list of open orders is about a second behind.
    await eventually(async () => {
      const answer = await call<MassCancelAnswer>('DELETE', `/v1/orders?account=ACC-1&symbol=${symbol}`);
      assert.equal(answer.status, 207);
      assert.equal(answer.body.complete, true);
      for (const { orderId, status } of answer.body.items)
        if (!results.has(orderId)) results.set(orderId, status);
      return mine.every(({ orderId }) => results.get(orderId) === 202);
    });
    assert.equal(results.has(other.orderId), false);
    assert.equal((await call('DELETE', '/v1/orders')).status, 400);
    assert.equal((await call('DELETE', '/v1/orders?account=ACC-2', undefined, {}, 'trader1')).status, 403);
  });
});
