import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { ApplicationFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { callFaultOf, callUntil } from '../../../api/temporal/call-fault';
import { summaryOf } from '../../../domain/order/order-summary';
import { FeedLog } from '../../../api/reporting/feed-log';
import { decimal } from '../../../domain/money/decimal';
import type { OrderRequest } from '../../../domain/order/order-types';
import type { OrderView } from '../../../domain/order/order-view';

function grpcFault(code: number, details: string): Error {
  return Object.assign(new Error(details), { code, details, metadata: {} });
}
const REFUSED_CONNECTION = grpcFault(14, 'No connection established. Last error: connect ECONNREFUSED');
const DROPPED_CONNECTION = grpcFault(14, 'Connection dropped');
const EXHAUSTED = grpcFault(8, 'namespace rate limit exceeded');

// Goal: "nothing was sent" is said only when it is proven.
describe('unit: faults of calls to Temporal', () => {
  it('tells what was refused from what is unknown', () => {
    const refusal = new WorkflowUpdateFailedError(
      'x',
      ApplicationFailure.nonRetryable('no', 'ORDER_CLOSED', { a: 1 }),
    );
    assert.deepEqual(callFaultOf(refusal), {
      kind: 'refused',
      type: 'ORDER_CLOSED',
      message: 'no',
      details: [{ a: 1 }],
    });
    assert.equal(callFaultOf(new WorkflowExecutionAlreadyStartedError('x', 'w', 'order')).kind, 'closed');
    assert.equal(callFaultOf(new WorkflowUpdateRPCTimeoutOrCancelledError('late')).kind, 'unknown');
    assert.equal(callFaultOf(REFUSED_CONNECTION).kind, 'neverSent');
    assert.equal(callFaultOf(DROPPED_CONNECTION).kind, 'unknown');
    assert.equal(callFaultOf(EXHAUSTED).kind, 'exhausted');
    assert.equal(callFaultOf(grpcFault(3, 'bad')).kind, 'invalid');
    assert.equal(callFaultOf(grpcFault(2, 'who knows')).kind, 'unknown');
    assert.equal(callFaultOf('not even an error').kind, 'unknown');
    const stuck = callFaultOf(grpcFault(9, 'Workflow Task in failed state'));
    assert.ok(stuck.kind === 'unknown' && !stuck.repeatable);
  });

  it('repeats what is safe to repeat', async () => {
    const faults = [REFUSED_CONNECTION, DROPPED_CONNECTION];
    const result = await callUntil(Date.now() + 5_000, () => {
      const fault = faults.shift();
      return fault === undefined ? Promise.resolve('done') : Promise.reject(fault);
    });
    assert.deepEqual(result, { ok: true, value: 'done' });
  });

  it('remembers an attempt that may have arrived when later ones certainly did not', async () => {
    for (const last of [REFUSED_CONNECTION, EXHAUSTED]) {
      const faults = [DROPPED_CONNECTION];
      const result = await callUntil(Date.now() + 350, () => Promise.reject(faults.shift() ?? last));
      assert.equal(result.ok ? 'ok' : result.fault.kind, 'unknown');
    }
  });
});

describe('unit: order summary', () => {
  const request = (changes: Partial<OrderRequest>): OrderRequest => ({
    clientOrderId: 'c',
    account: 'a',
    symbol: 'IBM',
    side: 'buy',
    type: 'limit',
    quantity: decimal('100'),
    timeInForce: 'day',
    ...changes,
  });
  it('reads like an order', () => {
    assert.equal(summaryOf(request({ limitPrice: decimal('182.5') })), 'BUY 100 IBM @ 182.50 DAY');
    assert.equal(
      summaryOf(request({ type: 'market', side: 'sellShort' })),
      'SELL SHORT 100 IBM @ MARKET DAY',
    );
    const stop = request({ type: 'stop', side: 'sell', stopPrice: decimal('180.125'), timeInForce: 'gtc' });
    assert.equal(summaryOf(stop), 'SELL 100 IBM STOP 180.125 GTC');
  });
});

describe('unit: feed log', () => {
  const change = (id: string) => ({ id, order: {} as OrderView });
  it('tells what came after a position, and that it cannot tell', () => {
    const log = new FeedLog();
    log.advance('p0');
    for (const id of ['p1', 'p2', 'p3']) log.append(change(id));
    assert.deepEqual(
      log.since('p0')?.map(({ id }) => id),
      ['p1', 'p2', 'p3'],
    );
    assert.deepEqual(log.since('p3'), []);
    assert.equal(log.since('elsewhere'), undefined);
    log.clear('');
    assert.equal(log.since('p3'), undefined);
  });

  it('forgets the oldest changes when it is full', () => {
    const log = new FeedLog();
    log.advance('start');
    for (let index = 0; index < 5_010; index += 1) log.append(change(`n${index}`));
    assert.equal(log.since('start'), undefined);
    assert.equal(log.since('n8'), undefined);
    assert.equal(log.since('n9')?.length, 5_000);
    assert.equal(log.since('n5009')?.length, 0);
  });
});
