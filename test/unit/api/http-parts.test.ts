import assert from 'node:assert/strict';
import { bearerKey, generateKey, hashKey } from '../../../api/auth/api-key';
import { denial, problem, problemBody } from '../../../api/http/problem';
import { jsonPointer, parsePart } from '../../../api/http/validation';
import { submitBody, toOrderRequest } from '../../../api/order-entry/order.schemas';
import { requestHashOf } from '../../../domain/order/order-id';
import type { OrderView } from '../../../domain/order/order-view';

const BODY = {
  clientOrderId: 'c-1',
  account: 'ACC-1',
  symbol: 'IBM',
  side: 'buy',
  type: 'limit',
  quantity: '100',
  limitPrice: '182.50',
};

describe('unit: keys', () => {
  it('makes keys of 256 random bits that a bearer header carries', () => {
    const key = generateKey();
    assert.notEqual(key, generateKey());
    assert.equal(Buffer.from(key.slice(3), 'base64url').length, 32);
    assert.equal(bearerKey(`Bearer ${key}`), key);
    assert.equal(hashKey(key).length, 64);
  });

  it('refuses headers that are no bearer key', () => {
    for (const header of [
      undefined,
      '',
      'Bearer',
      'Basic abc',
      'Bearer short',
      `Bearer ${'x'.repeat(200)}`,
    ]) {
      assert.equal(bearerKey(header), undefined);
    }
  });
});

describe('unit: requests', () => {
  it('makes equal requests of equal values, so that they hash the same', () => {
    const one = toOrderRequest(submitBody.parse(BODY));
    const other = toOrderRequest(submitBody.parse({ ...BODY, quantity: '100.00', timeInForce: 'day' }));
    assert.deepEqual(one, other);
    assert.equal(requestHashOf(one), requestHashOf(other));
    assert.equal('stopPrice' in one, false);
  });

  it('takes times with an offset and makes them UTC', () => {
    const { expireAt } = submitBody.parse({
      ...BODY,
      timeInForce: 'gtd',
      expireAt: '2026-01-05T16:00:00-05:00',
    });
    assert.equal(expireAt, '2026-01-05T21:00:00.000Z');
  });

  it('says that a field is missing where it is, and of the wrong type where it is that', () => {
    const { account: _account, ...incomplete } = BODY;
    const parsed = parsePart(submitBody, { ...incomplete, clientOrderId: 7 }, 'body');
    assert.ok(!parsed.ok);
    const messages = Object.fromEntries(
      parsed.problem.errors.map(({ pointer, message }) => [pointer, message]),
    );
    assert.equal(messages['/account'], 'is missing');
    assert.match(messages['/clientOrderId'] ?? '', /expected string, received number/);
  });

  it('names every fault by its JSON pointer', () => {
    const parsed = parsePart(submitBody, { ...BODY, quantity: 1, side: 'up', 'a/b': 1 }, 'body');
    assert.equal(parsed.ok, false);
    const pointers = parsed.ok ? [] : parsed.problem.errors.map((error) => error.pointer).sort();
    assert.deepEqual(pointers, ['/a~1b', '/quantity', '/side']);
    assert.equal(jsonPointer(['a', 0, '~']), '/a/0/~0');
  });
});

describe('unit: problems', () => {
  it('carries status, retryability and Retry-After by code', () => {
    assert.equal(problem('RATE_LIMITED').retryAfterSeconds, 1);
    assert.equal(problem('CLIENT_ORDER_ID_CONFLICT').status, 409);
    assert.equal(problem('POSITION_LIMIT').status, 422);
    assert.equal(problemBody(problem('ORDER_OUTCOME_UNKNOWN'), 'r1')['retryable'], true);
    assert.equal(problemBody(problem('NOT_FOUND'), 'r1')['retryable'], false);
  });

  it('names every breach of a denied order', () => {
    const reasons = [
      { code: 'POSITION_LIMIT', message: 'one', limit: '10' },
      { code: 'ORDER_VALUE_LIMIT', message: 'two', field: 'quantity' },
    ];
    const refusal = denial(reasons, {} as OrderView);
    assert.deepEqual([refusal.status, refusal.code], [422, 'POSITION_LIMIT']);
    assert.deepEqual(
      refusal.errors.map(({ pointer, code }) => [pointer, code]),
      [
        ['', 'POSITION_LIMIT'],
        ['/quantity', 'ORDER_VALUE_LIMIT'],
      ],
    );
  });
});
