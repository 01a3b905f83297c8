import assert from 'node:assert/strict';
import type { OrderView } from '../../../domain/order/order-view';
import type { ProblemBody } from '../../support/api-client';
import { eventually } from '../../support/eventually';
import { uniqueName } from '../../support/servers';
import { startApi, type ApiUnderTest } from './api-harness';

type SubmitAnswer = { created: boolean; order: OrderView } & ProblemBody;

// Goal: each answer of POST /v1/orders is the one that the contract names. Method: the real API over a real Temporal
// and a real MongoDB; a small workflow plays the order.
describe('component: submitting orders', function () {
  this.timeout(60_000);
  let api: ApiUnderTest;
  before(async () => {
    api = await startApi();
  });
  after(async () => {
    await api.stop();
  });

  const body = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
    clientOrderId: uniqueName('c'),
    account: 'ACC-1',
    symbol: 'IBM',
    side: 'buy',
    type: 'limit',
    quantity: '100',
    limitPrice: '182.50',
    ...changes,
  });
  const submit = (content: unknown, who = 'trader', headers: Record<string, string> = {}) =>
    api.clients[who]!.call<SubmitAnswer>('POST', '/v1/orders', content, headers);

  it('answers 201 to a new order and 200 to its repeat, equal by value', async () => {
    const first = body();
    const created = await submit(first);
    assert.equal(created.status, 201, JSON.stringify(created.body));
    assert.equal(created.body.created, true);
    assert.equal(created.body.order.limitPrice, '182.5');
    assert.equal(created.body.order.enteredBy, 'trader');
    assert.equal(created.headers.get('location'), `/v1/orders/${created.body.order.orderId}`);
    const repeat = await submit({ ...first, quantity: '100.00', timeInForce: 'day' });
    assert.equal(repeat.status, 200);
    assert.equal(repeat.body.created, false);
    assert.equal(repeat.body.order.orderId, created.body.order.orderId);
  });

  it('makes one order of ten equal requests at once', async () => {
    const same = body();
    const answers = await Promise.all(Array.from({ length: 10 }, () => submit(same)));
    const statuses = answers.map((answer) => answer.status).sort();
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 200, 201]);
    assert.equal(new Set(answers.map((answer) => answer.body.order.orderId)).size, 1);
  });

  it('answers 409 to other content under the same id', async () => {
    const first = body();
    await submit(first);
    const conflict = await submit({ ...first, quantity: '200' });
    assert.equal(conflict.status, 409);
    assert.equal(conflict.body.code, 'CLIENT_ORDER_ID_CONFLICT');
  });

  it('answers 422 with every breach and the order to a denied order, and the same to its repeat', async () => {
    const denied = body({ symbol: 'NOPE' });
    const first = await submit(denied);
    assert.equal(first.status, 422);
    assert.equal(first.body.code, 'UNKNOWN_SYMBOL');
    assert.deepEqual(
      first.body.errors?.map(({ pointer, code }) => ({ pointer, code })),
      [
        { pointer: '/symbol', code: 'UNKNOWN_SYMBOL' },
        { pointer: '/quantity', code: 'QUANTITY_NOT_ON_LOT' },
      ],
    );
    assert.equal(first.body.order?.state, 'rejected');
    const workflowId = first.body.order?.workflowId ?? '';
    await eventually(async () => {
      const { status } = await api.temporal.workflow.getHandle(workflowId).describe();
      return status.name !== 'RUNNING';
    });
    const repeat = await submit(denied);
    assert.equal(repeat.status, 422, JSON.stringify(repeat.body));
    assert.deepEqual(repeat.body.errors, first.body.errors);
    assert.equal(repeat.body.order?.orderId, first.body.order?.orderId);
    const other = await submit({ ...denied, quantity: '7' });
    assert.equal(other.status, 409);
  });

  it('answers a repeat of an order that has ended as 200, and other content as 409', async () => {
    const content = body();
    const { order } = (await submit(content)).body;
    const handle = api.temporal.workflow.getHandle(order.workflowId);
    await handle.signal('executionReport', {});
    await handle.result();
    const repeat = await submit(content);
    assert.equal(repeat.status, 200, JSON.stringify(repeat.body));
    assert.equal(repeat.body.order.orderId, order.orderId);
    assert.equal((await submit({ ...content, side: 'sell' })).status, 409);
  });

  it('answers 400 with pointers to malformed requests', async () => {
    const cases: [Record<string, unknown>, string][] = [
      [{ quantity: 100 }, '/quantity'],
      [{ quantity: '1e3' }, '/quantity'],
      [{ quantity: '0' }, '/quantity'],
      [{ quantity: '-5' }, '/quantity'],
      [{ limitPrice: '182,50' }, '/limitPrice'],
      [{ clientOrderId: 'a b' }, '/clientOrderId'],
      [{ account: 'x'.repeat(65) }, '/account'],
      [{ side: 'hold' }, '/side'],
      [{ surprise: 1 }, '/surprise'],
    ];
    for (const [changes, pointer] of cases) {
      const answer = await submit(body(changes));
      assert.equal(answer.status, 400, JSON.stringify(changes));
      assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8');
      assert.equal(answer.body.code, 'MALFORMED_REQUEST');
      assert.equal(answer.body.retryable, false);
      assert.ok(
        answer.body.errors?.some((error) => error.pointer === pointer),
        JSON.stringify(answer.body),
      );
    }
  });

  it('tells malformed JSON, a wrong content type and a large body apart', async () => {
    assert.equal((await submit('{"clientOrderId":')).status, 400);
    assert.equal((await submit('[]')).status, 400);
    assert.equal((await submit('a=b', 'trader', { 'content-type': 'text/plain' })).status, 415);
    const large = await submit(body({ symbol: 'X'.repeat(17_000) }));
    assert.equal(large.status, 413);
    assert.equal(large.body.code, 'BODY_TOO_LARGE');
  });

  it('refuses wrong keys, roles and accounts, and leaves no trace of them', async () => {
    const content = body({ account: 'ACC-2' });
    assert.equal((await submit(content, 'trader1')).status, 403);
    const auditor = await submit(content, 'auditor');
    assert.equal(auditor.body.code, 'FORBIDDEN_ROLE');
    const nobody = await fetch(`${api.url}/v1/orders`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer sf_0123456789012345678901234567890123456789',
      },
      body: JSON.stringify(content),
    });
    assert.equal(nobody.status, 401);
    assert.ok(nobody.headers.get('www-authenticate')?.startsWith('Bearer'));
    const id = String(content['clientOrderId']);
    const found = await api.clients['trader']!.call<{ items: unknown[] }>(
      'GET',
      `/v1/orders?account=ACC-2&clientOrderId=${id}`,
    );
    assert.equal(found.status, 200);
    assert.deepEqual(found.body.items, []);
  });

  it('writes the order for operations: summary, search attributes and memo', async () => {
    const { order } = (await submit(body())).body;
    const described = await api.temporal.workflow.getHandle(order.workflowId).describe();
    assert.equal(described.memo?.['orderId'], order.orderId);
    assert.deepEqual(described.searchAttributes['Account'], ['ACC-1']);
    assert.deepEqual(described.searchAttributes['Trader'], ['trader']);
    assert.equal(await described.staticSummary(), 'BUY 100 IBM @ 182.50 DAY');
  });
});
