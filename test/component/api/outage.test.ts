import assert from 'node:assert/strict';
import type { OrderView } from '../../../domain/order/order-view';
import type { ProblemBody } from '../../support/api-client';
import { eventually } from '../../support/eventually';
import { uniqueName } from '../../support/servers';
import { startApi, startTwin, type ApiUnderTest } from './api-harness';

const NOWHERE = '127.0.0.1:9';

const newOrder = () => ({
  clientOrderId: uniqueName('c'),
  account: 'ACC-1',
  symbol: 'IBM',
  side: 'buy',
  type: 'market',
  quantity: '1',
});

// Goal: what the API answers while a part is away, and that it never says more than it knows.
describe('component: outages', function () {
  this.timeout(60_000);

  it('without Temporal: starts, is not ready, and answers 503 because nothing was sent', async () => {
    const api = await startApi({ temporalAddress: NOWHERE, worker: false });
    try {
      assert.equal((await fetch(`${api.url}/healthz`)).status, 200);
      const ready = (await (await fetch(`${api.url}/readyz`)).json()) as {
        checks: Record<string, { ok: boolean }>;
      };
      assert.equal(ready.checks['temporal']?.ok, false);
      assert.equal(ready.checks['mongodb']?.ok, true);
      const answer = await api.clients['trader']!.submit(newOrder());
      assert.deepEqual([answer.status, answer.body.code], [503, 'SERVICE_UNAVAILABLE']);
      assert.equal(answer.body.retryable, true);
      assert.ok(answer.headers.get('retry-after'));
    } finally {
      await api.stop();
    }
  });

  it('without workers: 504 ORDER_OUTCOME_UNKNOWN, because the order was started', async () => {
    const api = await startApi({ worker: false });
    try {
      const answer = await api.clients['trader']!.submit(newOrder());
      assert.deepEqual([answer.status, answer.body.code], [504, 'ORDER_OUTCOME_UNKNOWN']);
      assert.equal(answer.body.retryable, true);
    } finally {
      await api.stop();
    }
  });

  describe('without MongoDB', () => {
    let api: ApiUnderTest;
    const held = { ready: true };
    before(async () => {
      api = await startApi();
      // The switch stands for the driver's own verdict, so that the shared server of the run keeps running.
      const { mongo } = api;
      const isReady = mongo.ready.bind(mongo);
      mongo.ready = () => held.ready && isReady();
    });
    after(async () => {
      held.ready = true;
      await api.stop();
    });
    beforeEach(() => {
      held.ready = true;
    });

    it('new orders get 503 at once, a repeat is answered, open orders are read and cancelled', async () => {
      const trader = api.clients['trader']!;
      const known = newOrder();
      const first = await trader.submit(known);
      assert.equal(first.status, 201);
      const { orderId } = first.body.order;
      held.ready = false;
      const begunMs = Date.now();
      const refused = await trader.submit(newOrder());
      assert.deepEqual([refused.status, refused.body.code], [503, 'SERVICE_UNAVAILABLE']);
      assert.ok(Date.now() - begunMs < 1_000);
      assert.equal((await trader.submit(known)).status, 200);
      assert.equal((await trader.submit({ ...known, quantity: '2' })).status, 409);
      assert.equal((await trader.call<OrderView>('GET', `/v1/orders/${orderId}`)).status, 200);
      assert.equal((await trader.call<ProblemBody>('GET', '/v1/orders')).status, 503);
      assert.equal((await trader.cancel(orderId)).status, 202);
    });

    it('another process cancels it too: by the pair, or because Temporal lists it', async () => {
      const trader = api.clients['trader']!;
      const [one, two] = [newOrder(), newOrder()];
      const orders = [await trader.submit(one), await trader.submit(two)].map((answer) => answer.body.order);
      held.ready = false;
      const other = await startTwin(api, () => held.ready);
      try {
        const path = `/v1/orders/${orders[0]?.orderId}?account=ACC-1&clientOrderId=${one.clientOrderId}`;
        assert.equal((await other.client.call('DELETE', path)).status, 202);
        await eventually(async () => (await other.client.cancel(orders[1]?.orderId ?? '')).status === 202);
      } finally {
        await other.stop();
      }
    });
  });
});
