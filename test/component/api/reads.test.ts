import assert from 'node:assert/strict';
import { decimal } from '../../../domain/money/decimal';
import type { OrderView } from '../../../domain/order/order-view';
import { collection, type OrderRecord } from '../../../storage/collections';
import { toStored } from '../../../storage/decimal128';
import type { ProblemBody } from '../../support/api-client';
import { uniqueName } from '../../support/servers';
import { startApi, type ApiUnderTest } from './api-harness';

interface List<T> {
  items: T[];
  nextCursor: string | null;
  asOf: string;
}

// Goal: reads find what is there, page through it and stay within the key's accounts. Method: views are written as
// the recording activity writes them, and read through the API.
describe('component: reading', function () {
  this.timeout(60_000);
  let api: ApiUnderTest;
  before(async () => {
    api = await startApi();
  });
  after(async () => {
    await api.stop();
  });

  const get = <T>(path: string, who = 'trader') => api.clients[who]!.call<T & ProblemBody>('GET', path);

  async function submit(account = 'ACC-1'): Promise<OrderView> {
    const body = {
      clientOrderId: uniqueName('c'),
      account,
      symbol: 'IBM',
      side: 'buy',
      type: 'market',
      quantity: '10',
    };
    const answer = await api.clients['trader']!.call<{ order: OrderView }>('POST', '/v1/orders', body);
    assert.equal(answer.status, 201);
    return answer.body.order;
  }

  async function record(order: OrderView): Promise<void> {
    const row = toStored<OrderRecord>({ ...order, _id: order.orderId });
    await collection<OrderRecord>(api.mongo.db, 'orders').replaceOne({ _id: order.orderId }, row, {
      upsert: true,
    });
  }

  it('finds an order right after its 201, by id and by client order id, before the view has it', async () => {
    const order = await submit();
    const byId = await get<OrderView & { asOf: string }>(`/v1/orders/${order.orderId}`);
    assert.equal(byId.status, 200);
    assert.equal(byId.body.sequence, order.sequence);
    assert.ok(Date.parse(byId.body.asOf) > 0);
    const byClientId = await get<List<OrderView>>(
      `/v1/orders?account=ACC-1&clientOrderId=${order.clientOrderId}`,
    );
    assert.equal(byClientId.body.items[0]?.orderId, order.orderId);
    const anyAccount = await get<List<OrderView>>(`/v1/orders?clientOrderId=${order.clientOrderId}`);
    assert.equal(anyAccount.body.items.length, 1);
    const events = await get<List<unknown>>(`/v1/orders/${order.orderId}/events`);
    assert.equal(events.status, 200);
  });

  it('answers 404 to orders that do not exist and 400 to what is no order id', async () => {
    assert.equal((await get('/v1/orders/o0000')).status, 404);
    assert.equal((await get('/v1/orders/%20')).status, 400);
    assert.equal((await get('/v1/orders/%E0%A4%A')).status, 400);
  });

  it('lists newest first, filtered and paged, within the accounts of the key', async () => {
    const first = await submit('ACC-2');
    for (let minute = 10; minute < 15; minute += 1) {
      const createdAt = `2026-01-05T14:${minute}:00.000Z`;
      await record({
        ...first,
        orderId: `o${minute}`,
        clientOrderId: `p${minute}`,
        createdAt,
        state: 'expired',
      });
    }
    const all: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = `/v1/orders?account=ACC-2&state=expired&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: { body: List<OrderView> } = await get<List<OrderView>>(query);
      all.push(...page.body.items.map((order) => order.orderId));
      cursor = page.body.nextCursor;
    }
    assert.deepEqual(all, ['o14', 'o13', 'o12', 'o11', 'o10']);
    const foreign = await get<List<OrderView>>('/v1/orders?state=expired', 'trader1');
    assert.deepEqual(foreign.body.items, []);
    assert.equal((await get('/v1/orders?account=ACC-2', 'trader1')).status, 403);
    assert.equal((await get('/v1/orders?limit=501')).status, 400);
    assert.equal((await get('/v1/orders?cursor=nonsense')).status, 400);
    assert.equal((await get('/v1/orders?colour=red')).status, 400);
  });

  it('reads instruments, quotes and accounts', async () => {
    const amount = decimal('100.5');
    const { db } = api.mongo;
    await collection<{ _id: string }>(db, 'instruments').insertOne({ _id: 'IBM', ...instrument() } as never);
    await collection<{ _id: string }>(db, 'accounts').insertOne(
      toStored({ _id: 'ACC-1', currency: 'USD', openingCash: amount }) as never,
    );
    const instruments = await get<List<{ symbol: string; tickSize: string }>>('/v1/instruments');
    assert.deepEqual(
      instruments.body.items.map(({ symbol, tickSize }) => [symbol, tickSize]),
      [['IBM', '0.01']],
    );
    const quote = await get<{ bid: string; ask: string; last: string | null }>('/v1/quotes/IBM');
    assert.deepEqual([quote.body.bid, quote.body.ask, quote.body.last], ['182.4', '182.5', null]);
    assert.equal((await get('/v1/quotes/NOPE')).status, 404);
    const account = await get<{ cash: string; buyingPower: string }>('/v1/accounts/ACC-1');
    assert.deepEqual([account.body.cash, account.body.buyingPower], ['100.5', '100.5']);
    assert.equal((await get('/v1/accounts/ACC-2', 'trader1')).status, 403);
    assert.equal((await get<List<unknown>>('/v1/positions')).status, 200);
    assert.equal((await get<List<unknown>>('/v1/fills?from=2026-01-01T00:00:00Z')).status, 200);
  });

  it('sets and lists halts', async () => {
    const put = (who: string, body: unknown) => api.clients[who]!.call('PUT', '/v1/halts/symbol/IBM', body);
    assert.equal((await put('trader', { halted: true, reason: 'news' })).status, 403);
    assert.equal((await put('risk', { halted: true })).status, 400);
    assert.equal((await put('risk', { halted: true, reason: 'news' })).status, 200);
    const halts = await get<List<{ scope: string; id: string; halted: boolean; by: string }>>('/v1/halts');
    const [{ scope, id, halted, by } = { scope: '', id: '', halted: false, by: '' }] = halts.body.items;
    assert.deepEqual({ scope, id, halted, by }, { scope: 'symbol', id: 'IBM', halted: true, by: 'risk' });
  });
});

function instrument(): object {
  const [one, max] = [decimal('1'), decimal('1000000')];
  return toStored({
    venue: 'XSIM',
    listing: 'XNYS',
    currency: 'USD',
    tickSize: decimal('0.01'),
    lotSize: one,
    multiplier: one,
    priceMin: decimal('0.01'),
    priceMax: max,
    quantityMin: one,
    quantityMax: max,
    tradable: true,
    effectiveFrom: '2000-01-01',
  });
}
