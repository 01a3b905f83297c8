import { z } from 'zod';
import { isoNow } from '../clock';
import { orderIdParameter } from '../http/common.schemas';
import { problem } from '../http/problem';
import { answer, defineRoute, type Route } from '../http/route';
import type { Services } from '../services';
import { requestIdFor } from './change-order';
import { findByClientOrderId } from './find-by-client-order-id';
import { massCancel } from './mass-cancel';
import { unreadable } from './order-reader';
import {
  amendBody,
  idempotencyHeaders,
  massCancelQuery,
  massCancelSchema,
  orderAsOfSchema,
  orderHintQuery,
  orderListQuery,
  orderListSchema,
  requestAnswerSchema,
  submitAnswerSchema,
  submitBody,
  toOrderRequest,
} from './order.schemas';

const TAG = 'Orders';
const orderParams = z.object({ orderId: orderIdParameter });

/** Orders in, changed, cancelled and looked up. */
export function orderEntryRoutes(services: Services): Route[] {
  return [
    submitRoute(services),
    listRoute(services),
    readRoute(services),
    cancelRoute(services),
    amendRoute(services),
    massCancelRoute(services),
  ];
}

function submitRoute({ entry }: Services): Route {
  return defineRoute({
    method: 'post',
    path: '/v1/orders',
    operationId: 'submitOrder',
    summary: 'Submit an order',
    tag: TAG,
    permission: 'submitOrder',
    entitlement: 'body',
    limit: 'orders',
    body: submitBody,
    answers: {
      201: { description: 'Validated, risk-checked and durable', schema: submitAnswerSchema },
      200: { description: 'A repeat: the order exists', schema: submitAnswerSchema },
    },
    problems: [409, 413, 415, 422, 504],
    handle: ({ body, principal }) => entry.submit(toOrderRequest(body), principal),
  });
}

function listRoute(services: Services): Route {
  const { reads, clock } = services;
  return defineRoute({
    method: 'get',
    path: '/v1/orders',
    operationId: 'listOrders',
    summary: 'List orders, newest first',
    tag: TAG,
    permission: 'readOrders',
    entitlement: 'filter',
    limit: 'reads',
    query: orderListQuery,
    answers: { 200: { description: 'A page of orders', schema: orderListSchema } },
    handle: async ({ query, accounts }) => {
      const { clientOrderId, state, symbol, limit, cursor } = query;
      const asOf = isoNow(clock);
      const filter = { accounts, clientOrderId, state, symbol, limit, cursor };
      const page = await reads.orUnavailable(() => reads.listOrders(filter));
      if (page.ok && (page.value.items.length > 0 || clientOrderId === undefined)) {
        return answer(200, { ...page.value, asOf });
      }
      if (clientOrderId === undefined)
        return problem('SERVICE_UNAVAILABLE', { detail: 'Orders cannot be listed.' });
      const found = await findByClientOrderId(services, accounts, { clientOrderId, state, symbol });
      if (!found.ok) return problem('SERVICE_UNAVAILABLE', { detail: 'The order cannot be looked up.' });
      return answer(200, { items: found.orders, nextCursor: null, asOf });
    },
  });
}

function readRoute({ locator, reader, clock }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/orders/{orderId}',
    operationId: 'getOrder',
    summary: 'Read an order',
    tag: TAG,
    permission: 'readOrders',
    entitlement: 'order',
    limit: 'reads',
    params: orderParams,
    query: orderHintQuery,
    answers: { 200: { description: 'The order', schema: orderAsOfSchema } },
    problems: [404],
    handle: async ({ params, query, principal }) => {
      const located = await locator.locate(params.orderId, principal, query);
      if (located.kind === 'problem') return located;
      const asOf = isoNow(clock);
      const read = await reader.read(located.place);
      return read.kind === 'order' ? answer(200, { ...read.order, asOf }) : unreadable(read);
    },
  });
}

function cancelRoute({ locator, changes }: Services): Route {
  return defineRoute({
    method: 'delete',
    path: '/v1/orders/{orderId}',
    operationId: 'cancelOrder',
    summary: 'Cancel an order',
    tag: TAG,
    permission: 'cancelOrder',
    entitlement: 'order',
    limit: 'changes',
    params: orderParams,
    query: orderHintQuery,
    headers: idempotencyHeaders,
    answers: { 202: { description: 'Taken; the venue decides', schema: requestAnswerSchema } },
    problems: [404, 409, 422, 504],
    handle: async ({ params, query, headers, principal }) => {
      const located = await locator.locate(params.orderId, principal, query);
      if (located.kind === 'problem') return located;
      const requestId = requestIdFor('cancel', principal, located.place, headers['idempotency-key']);
      return await changes.cancel(located.place, { requestId, by: principal.name });
    },
  });
}

function amendRoute({ locator, changes }: Services): Route {
  return defineRoute({
    method: 'patch',
    path: '/v1/orders/{orderId}',
    operationId: 'amendOrder',
    summary: 'Amend an order',
    tag: TAG,
    permission: 'amendOrder',
    entitlement: 'order',
    limit: 'changes',
    params: orderParams,
    query: orderHintQuery,
    headers: idempotencyHeaders,
    body: amendBody,
    answers: { 202: { description: 'Taken; the venue decides', schema: requestAnswerSchema } },
    problems: [404, 409, 413, 415, 422, 504],
    handle: async ({ params, query, headers, body, principal }) => {
      const located = await locator.locate(params.orderId, principal, query);
      if (located.kind === 'problem') return located;
      const terms: { quantity?: string; limitPrice?: string; stopPrice?: string } = {};
      if (body.quantity !== undefined) terms.quantity = body.quantity;
      if (body.limitPrice !== undefined) terms.limitPrice = body.limitPrice;
      if (body.stopPrice !== undefined) terms.stopPrice = body.stopPrice;
      const requestId = requestIdFor('amend', principal, located.place, headers['idempotency-key'], terms);
      return await changes.amend(located.place, { requestId, by: principal.name, ...terms });
    },
  });
}

function massCancelRoute(services: Services): Route {
  return defineRoute({
    method: 'delete',
    path: '/v1/orders',
    operationId: 'cancelOrders',
    summary: 'Cancel all open orders of an account',
    tag: TAG,
    permission: 'cancelOrder',
    entitlement: 'query',
    limit: 'changes',
    query: massCancelQuery,
    answers: { 207: { description: 'One result an order', schema: massCancelSchema } },
    handle: ({ query, principal }) => massCancel(services, query, principal),
  });
}
