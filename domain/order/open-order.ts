import type { OpenOrderInput } from './order-commands';
import type { OrderEventBody } from './order-events';

/** The first event of an order: what was asked, by whom, kept before any rule looks at it. */
export function openOrder(input: OpenOrderInput): OrderEventBody[] {
  const { request, enteredBy, workflowId, traceId, list } = input;
  const optional = { ...(traceId !== undefined && { traceId }), ...(list !== undefined && { list }) };
  return [{ type: 'orderReceived', request, enteredBy, workflowId, ...optional }];
}
