import { OrderGateway } from '../../../api/temporal/order-gateway';
import { decimal } from '../../../domain/money/decimal';
import { orderIdOf, requestHashOf, workflowIdOf } from '../../../domain/order/order-id';
import { uniqueName } from '../../support/servers';
import type { OrderRequest } from '../../../domain/order/order-types';
import type { DeployWorld } from './deploy-world';

/** Sends one order as the API does and gives its workflow id, whatever was decided; undefined when unanswered. */
export async function placeOrder(
  { context, taskQueue }: DeployWorld,
  more: Partial<OrderRequest> = {},
): Promise<{ workflowId: string; outcome: 'accepted' | 'denied' | 'unanswered' }> {
  const request: OrderRequest = {
    clientOrderId: uniqueName('c'),
    account: 'ACC-1',
    symbol: 'IBM',
    side: 'buy',
    type: 'limit',
    quantity: decimal('1'),
    limitPrice: decimal('150'),
    timeInForce: 'day',
    ...more,
  };
  const { account, clientOrderId } = request;
  const workflowId = workflowIdOf(account, clientOrderId);
  const answer = await new OrderGateway(context.client, taskQueue).submit({
    orderId: orderIdOf(account, clientOrderId),
    workflowId,
    request,
    requestHash: requestHashOf(request),
    enteredBy: 'tester',
  });
  return { workflowId, outcome: answer.ok ? answer.value.outcome : 'unanswered' };
}

/** Sends `count` orders, some at a time. */
export async function placeOrders(world: DeployWorld, count: number, more: Partial<OrderRequest> = {}) {
  const placed: Awaited<ReturnType<typeof placeOrder>>[] = [];
  for (let start = 0; start < count; start += 10) {
    const batch = Array.from({ length: Math.min(10, count - start) }, () => placeOrder(world, more));
    placed.push(...(await Promise.all(batch)));
  }
  return placed;
}
