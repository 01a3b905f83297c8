import assert from 'node:assert/strict';
import { orderIdOf } from '../../../domain/order/order-id';
import { expectOrder } from '../../../workers/coming-order';
import type { ComingOrder } from '../../../activities/risk/risk.port';

// Goal: risk is told of orders by what they will claim, and of no other workflow.
describe('an order that is coming', () => {
  it('is known by its workflow', () => {
    const told: ComingOrder[] = [];
    const risk = { expect: (order: ComingOrder) => void told.push(order) };
    for (const workflowId of ['order:ACC-1:c-1', 'list:ACC-1:l-1', 'corrections'])
      expectOrder(risk, workflowId);
    const orderId = orderIdOf('ACC-1', 'c-1');
    assert.deepEqual(told, [{ account: 'ACC-1', orderId, identityId: 'ACC-1:c-1' }]);
  });
});
