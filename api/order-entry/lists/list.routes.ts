import type { ListView } from '../../../domain/order-list/list-view';
import { isoNow } from '../../clock';
import { problem, type Problem } from '../../http/problem';
import { answer, defineRoute, type Reply, type Route } from '../../http/route';
import type { Services } from '../../services';
import type { CallFault } from '../../temporal/call-fault';
import { requestProblem } from '../../temporal/fault-problem';
import type { OrderReader } from '../order-reader';
import {
  listAnswerSchema,
  listAsOfSchema,
  listBody,
  listCancelSchema,
  listParams,
  listQueryParams,
  toListRequest,
  type ListBody,
} from './list.schemas';

const TAG = 'Lists';
const BODY_BYTES_MAX = 64 * 1024;

/** Lists of orders in, looked up and cancelled. */
export function listRoutes(services: Services): Route[] {
  return [submitRoute(services), readRoute(services), cancelRoute(services)];
}

function submitRoute({ listEntry }: Services): Route {
  return defineRoute({
    method: 'post',
    path: '/v1/lists',
    operationId: 'submitList',
    summary: 'Submit a list of orders',
    tag: TAG,
    permission: 'submitOrder',
    entitlement: 'body',
    limit: 'orders',
    weight: (body) => (body as ListBody).orders.length,
    bodyBytesMax: BODY_BYTES_MAX,
    body: listBody,
    answers: { 207: { description: 'One result an order', schema: listAnswerSchema } },
    problems: [409, 413, 415, 422, 504],
    handle: ({ body, principal }) => listEntry.submit(toListRequest(body), principal),
  });
}

function readRoute({ lists, reader, clock }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/lists/{listId}',
    operationId: 'getList',
    summary: 'Read a list of orders',
    tag: TAG,
    permission: 'readOrders',
    entitlement: 'query',
    limit: 'reads',
    params: listParams,
    query: listQueryParams,
    answers: { 200: { description: 'The list', schema: listAsOfSchema } },
    problems: [404],
    handle: async ({ params, query }) => {
      const asOf = isoNow(clock);
      const found = await lists.view(query.account, params.listId);
      if (!found.ok) return unreadable(found.fault);
      return answer(200, { ...(await withNewestOrders(reader, found.value)), asOf });
    },
  });
}

/** The list hears of what concerns it; what else happened to its orders is in their own views. */
async function withNewestOrders(reader: OrderReader, list: ListView): Promise<ListView> {
  const orders = list.orders.map(async (leg) =>
    leg.order === undefined ? leg : { ...leg, order: await reader.newest(leg.order) },
  );
  return { ...list, orders: await Promise.all(orders) };
}

function unreadable(fault: CallFault): Problem {
  if (fault.kind === 'notFound') return problem('NOT_FOUND');
  return problem('SERVICE_UNAVAILABLE', { detail: 'The list cannot be read at the moment.' });
}

function cancelRoute({ lists }: Services): Route {
  return defineRoute({
    method: 'delete',
    path: '/v1/lists/{listId}',
    operationId: 'cancelList',
    summary: 'Cancel every open order of a list',
    tag: TAG,
    permission: 'cancelOrder',
    entitlement: 'query',
    limit: 'changes',
    params: listParams,
    query: listQueryParams,
    answers: { 202: { description: 'Taken; each order is cancelled by itself', schema: listCancelSchema } },
    problems: [404, 409, 504],
    handle: async ({ params, query, principal }): Promise<Reply> => {
      const { account } = query;
      const result = await lists.cancel(account, params.listId, { by: principal.name });
      if (result.ok) return answer(202, { list: result.value });
      const { fault } = result;
      if (fault.kind === 'refused') return closed();
      if (fault.kind !== 'notFound') return requestProblem(fault);
      const known = await lists.hashOf(account, params.listId);
      return known.ok ? closed() : unreadable(known.fault);
    },
  });
}

function closed(): Problem {
  return problem('ORDER_CLOSED', { detail: 'No order of the list is open.' });
}
