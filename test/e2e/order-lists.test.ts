import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { decimal, multiply, roundTo } from '../../domain/money/decimal';
import type { ListView } from '../../domain/order-list/list-view';
import { ApiClient } from '../support/api-client';
import { eventually } from '../support/eventually';
import { assertReservationsReleased, assertViewsEqualHistories, withDatabase } from '../support/invariants';
import { startSystem, type RunningSystem } from '../support/system';

interface Submitted {
  items: { orderId: string; status: number }[];
  list: ListView;
}

// Goal: a bracket does through every real process what it promises, and a worker that dies under it changes nothing.
// Method: `npm start`; the worker is killed while the exits work, and again right after one has filled.
describe('a bracket through npm start', function () {
  this.timeout(240_000);
  let system: RunningSystem;
  let trader: ApiClient;

  before(async () => {
    system = await startSystem();
    const key = system.credentials.keys.find(({ name }) => name === 'demo-trader');
    assert.ok(key);
    trader = new ApiClient(system.run.apiUrl, key.key);
    await eventually(async () => (await trader.call('GET', '/v1/quotes/IBM')).status === 200, {
      timeoutMs: 20_000,
      what: 'a first quote',
    });
  });
  after(async () => {
    await system?.stop();
  });

  it('releases its exits on the fill, lets one fill, and ends the other, over two dead workers', async () => {
    const { bid } = (await trader.call<{ bid: string }>('GET', '/v1/quotes/IBM')).body;
    const at = (share: string): string => roundTo(multiply(decimal(bid), decimal(share)), 2, 'down');
    const common = { symbol: 'IBM', quantity: '100', timeInForce: 'gtc' };
    const { status, body } = await trader.call<Submitted>('POST', '/v1/lists', {
      listId: 'bracket-1',
      account: 'ACC-1',
      contingency: 'bracket',
      orders: [
        { ...common, clientOrderId: 'bracket-1.entry', side: 'buy', type: 'market', timeInForce: 'day' },
        { ...common, clientOrderId: 'bracket-1.profit', side: 'sell', type: 'limit', limitPrice: at('1.09') },
        { ...common, clientOrderId: 'bracket-1.loss', side: 'sell', type: 'stop', stopPrice: at('0.9') },
      ],
    });
    assert.equal(status, 207, JSON.stringify(body));
    assert.deepEqual(
      body.items.map((item) => item.status),
      [201, 201, 201],
      JSON.stringify(body),
    );
    const [entry = '', profit = '', loss = ''] = body.items.map((item) => item.orderId);
    await trader.reach(entry, ['filled', 'settled']);
    await trader.reach(profit, ['routed']);
    await eventually(async () => (await trader.order(loss)).held?.until === 'trigger', {
      what: 'an armed stop',
    });

    await system.kill('worker-orders');
    // An answer that got lost with the worker is asked for again: the same key is the same amendment.
    const toMarket = { limitPrice: at('0.97') };
    await eventually(
      async () => {
        const key = { 'Idempotency-Key': 'to-the-market' };
        const answer = await trader.call('PATCH', `/v1/orders/${profit}`, toMarket, key);
        return answer.status === 202;
      },
      { timeoutMs: 60_000, what: 'the amendment' },
    );
    await trader.reach(profit, ['filled', 'settled'], 60_000);
    await system.kill('worker-orders');
    await trader.reach(loss, ['cancelled'], 90_000);

    const done = await eventually(
      async () => {
        const answer = await trader.call<ListView>('GET', '/v1/lists/bracket-1?account=ACC-1');
        return answer.body.listOrderStatus === 'allDone' ? answer.body : undefined;
      },
      { timeoutMs: 60_000, what: 'the end of the list' },
    );
    assert.deepEqual(done.alerts, []);
    assert.equal((await trader.fills(loss)).length, 0);
    const positions = await trader.call<{ items: { symbol: string; quantity: string }[] }>(
      'GET',
      '/v1/positions?account=ACC-1',
    );
    assert.equal(positions.body.items.find(({ symbol }) => symbol === 'IBM')?.quantity, '0');
    await trader.reach(profit, ['settled'], 60_000);
    await withDatabase(system.run, (db) => assertReservationsReleased(db));
    await assertViewsEqualHistories(system.home);
  });
});
