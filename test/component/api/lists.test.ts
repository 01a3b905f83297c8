import assert from 'node:assert/strict';
import type { ListView } from '../../../domain/order-list/list-view';
import type { OrderView } from '../../../domain/order/order-view';
import type { ProblemBody } from '../../support/api-client';
import { eventually } from '../../support/eventually';
import { uniqueName } from '../../support/servers';
import { startApi, type ApiUnderTest } from './api-harness';

interface Item {
  clientOrderId: string;
  orderId: string;
  status: number;
  code?: string;
  order?: OrderView;
}
type SubmitAnswer = { created: boolean; items: Item[]; list: ListView } & ProblemBody;

// Goal: each answer about lists is the one that the contract names. Method: the real API and the real list workflow
// over a real Temporal and a real MongoDB; a small workflow plays each order.
describe('component: lists of orders', function () {
  this.timeout(60_000);
  let api: ApiUnderTest;
  before(async () => {
    api = await startApi({ env: { STEADFILL_RATE_LIMIT_PER_SECOND: '60' } });
  });
  after(async () => {
    await api.stop();
  });

  const order = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
    clientOrderId: uniqueName('c'),
    symbol: 'IBM',
    side: 'buy',
    type: 'limit',
    quantity: '100',
    limitPrice: '182.50',
    ...changes,
  });
  const list = (orders: unknown[], contingency = 'none'): Record<string, unknown> => ({
    listId: uniqueName('l'),
    account: 'ACC-1',
    contingency,
    orders,
  });
  const bracket = (): unknown[] => [
    order(),
    order({ side: 'sell', limitPrice: '190' }),
    order({ side: 'sell', type: 'stop', limitPrice: undefined, stopPrice: '175' }),
  ];
  const submit = (content: unknown, who = 'trader') =>
    api.clients[who]!.call<SubmitAnswer>('POST', '/v1/lists', content);
  const read = (listId: unknown, who = 'trader', account = 'ACC-1') =>
    api.clients[who]!.call<ListView & ProblemBody>('GET', `/v1/lists/${String(listId)}?account=${account}`);
  const cancel = (listId: unknown, who = 'trader') =>
    api.clients[who]!.call<{ list: ListView } & ProblemBody>(
      'DELETE',
      `/v1/lists/${String(listId)}?account=ACC-1`,
    );

  it('answers for each order of a plain list by itself, and a repeat with the same answers', async () => {
    const taken = order();
    const first = await api.clients['trader']!.call('POST', '/v1/orders', { ...taken, account: 'ACC-1' });
    assert.equal(first.status, 201);
    const content = list([order({ account: 'ACC-1' }), order({ symbol: 'NOPE' }), taken]);
    const created = await submit(content);
    assert.equal(created.status, 207, JSON.stringify(created.body));
    assert.deepEqual(
      created.body.items.map((item) => item.status),
      [201, 422, 409],
    );
    assert.deepEqual(
      created.body.items.map((item) => item.code),
      [undefined, 'UNKNOWN_SYMBOL', 'CLIENT_ORDER_ID_CONFLICT'],
    );
    assert.equal(created.body.created, true);
    const [accepted] = created.body.items;
    assert.equal(accepted?.order?.state, 'validated');
    const byId = await api.clients['trader']!.call<OrderView>('GET', `/v1/orders/${accepted!.orderId}`);
    assert.equal(byId.status, 200);
    const repeat = await submit(content);
    assert.equal(repeat.body.created, false);
    assert.deepEqual(repeat.body.items, created.body.items);
    const other = await submit({ ...content, orders: [order()] });
    assert.equal(other.status, 409);
    assert.equal(other.body.code, 'LIST_ID_CONFLICT');
  });

  it('answers a repeat of a list that is done with its first answers, and other content with 409', async () => {
    const content = list([order()]);
    const created = await submit(content);
    assert.equal((await cancel(content['listId'])).status, 202);
    await eventually(async () => (await read(content['listId'])).body.listOrderStatus === 'allDone', {
      what: 'the end',
    });
    await api.temporal.workflow.getHandle(created.body.list.workflowId).result();
    const repeat = await submit(content);
    assert.equal(repeat.status, 207, JSON.stringify(repeat.body));
    assert.equal(repeat.body.created, false);
    assert.deepEqual(repeat.body.items, created.body.items);
    assert.equal(
      (await submit({ ...content, contingency: 'oco', orders: [order(), order()] })).body.code,
      'LIST_ID_CONFLICT',
    );
    const late = await cancel(content['listId']);
    assert.equal(late.status, 409);
    assert.equal(late.body.code, 'ORDER_CLOSED');
  });

  it('takes a bracket with its exits held, shows it, and cancels it', async () => {
    const content = list(bracket(), 'bracket');
    const { body, status } = await submit(content);
    assert.equal(status, 207, JSON.stringify(body));
    assert.deepEqual(
      body.items.map((item) => item.status),
      [201, 201, 201],
    );
    const shown = await read(content['listId']);
    assert.equal(shown.body.listOrderStatus, 'executing');
    assert.deepEqual(
      shown.body.orders.map((leg) => leg.phase),
      ['working', 'held', 'held'],
    );
    assert.deepEqual(
      shown.body.orders.map((leg) => leg.contingencyType),
      ['oneTriggersTheOther', 'oneUpdatesTheOtherAbsolute', 'oneUpdatesTheOtherAbsolute'],
    );
    assert.equal((await cancel(content['listId'])).body.list.cancelledBy, 'trader');
    await eventually(async () => (await read(content['listId'])).body.listOrderStatus === 'allDone', {
      what: 'the end',
    });
  });

  it('begins nothing of a contingent list of which one order is refused', async () => {
    const [entry, profit, loss] = bracket() as Record<string, unknown>[];
    const orders = [entry!, profit!, loss!].map((one) => ({ ...one, symbol: 'NOPE' }));
    const { body } = await submit(list(orders, 'bracket'));
    assert.deepEqual(
      body.items.map((item) => item.code),
      ['LIST_NOT_ACCEPTED', 'UNKNOWN_SYMBOL', 'UNKNOWN_SYMBOL'],
    );
    assert.equal(body.list.listOrderStatus, 'reject');
  });

  it('answers 422 with pointers to lists whose orders do not fit together', async () => {
    const [entry, profit, loss] = bracket() as Record<string, unknown>[];
    const cases: [unknown[], string, string][] = [
      [[entry, { ...profit, side: 'buy' }, loss], 'bracket', '/orders/1/side'],
      [[entry, { ...profit, quantity: '99' }, loss], 'bracket', '/orders/1/quantity'],
      [[entry, profit, { ...loss, symbol: 'SPY' }], 'bracket', '/orders/2/symbol'],
      [[entry, profit, order({ side: 'sell' })], 'bracket', '/orders'],
      [[entry, profit], 'bracket', '/orders'],
      [[entry], 'oco', '/orders'],
      [[entry, order({ quantity: '5' })], 'ouo', '/orders/1/quantity'],
      [[entry, order({ timeInForce: 'ioc' })], 'oto', '/orders/1/timeInForce'],
      [[entry, entry], 'none', '/orders/1/clientOrderId'],
      [Array.from({ length: 11 }, () => order()), 'oco', '/orders'],
    ];
    for (const [orders, contingency, pointer] of cases) {
      const { status, body } = await submit(list(orders, contingency));
      assert.equal(status, 422, pointer);
      assert.equal(body.code, 'LIST_MALFORMED');
      assert.ok(
        body.errors?.some((error) => error.pointer === pointer),
        `${pointer} in ${JSON.stringify(body.errors)}`,
      );
    }
  });

  it('answers 400 to malformed lists, and leaves nothing behind', async () => {
    const cases: [Record<string, unknown>, string][] = [
      [list([]), '/orders'],
      [list([order({ quantity: 100 })]), '/orders/0/quantity'],
      [list([order({ account: 'ACC-2' })]), '/orders/0/account'],
      [list([order()], 'everything'), '/contingency'],
      [{ ...list([order()]), listId: 'a b' }, '/listId'],
    ];
    for (const [content, pointer] of cases) {
      const { status, body } = await submit(content);
      assert.equal(status, 400, pointer);
      assert.ok(
        body.errors?.some((error) => error.pointer === pointer),
        pointer,
      );
      if (pointer !== '/listId') assert.equal((await read(content['listId'])).status, 404);
    }
  });

  it('keeps lists to those who may use the account, and to their roles', async () => {
    const content: Record<string, unknown> = { ...list([order()]), account: 'ACC-2' };
    assert.equal((await submit(content, 'trader1')).status, 403);
    assert.equal((await submit(content, 'ops')).status, 403);
    assert.equal((await submit(content)).status, 207);
    assert.equal((await read(content['listId'], 'trader1', 'ACC-2')).status, 403);
    assert.equal((await read(content['listId'])).status, 404, 'of the other account');
    assert.equal((await read(content['listId'], 'auditor', 'ACC-2')).status, 200);
    assert.equal((await cancel(content['listId'], 'auditor')).status, 403);
  });

  it('counts a list as its orders against the limit of new orders', async () => {
    const many = (): Promise<Awaited<ReturnType<typeof submit>>> =>
      submit(list(Array.from({ length: 40 }, () => order({ symbol: 'NOPE' }))), 'trader1');
    const answers = await Promise.all([many(), many(), many()]);
    const [refused] = answers.filter(({ status }) => status === 429);
    assert.ok(refused !== undefined, answers.map(({ status }) => status).join());
    assert.equal(refused.body.code, 'RATE_LIMITED');
    const tooMany = await submit(list(Array.from({ length: 61 }, () => order())), 'trader1');
    assert.equal(tooMany.status, 429);
  });
});
