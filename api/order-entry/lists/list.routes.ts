import { isoNow } from '../../clock';
import { problem, type Problem } from '../../http/problem';
import { answer, defineRoute, type Reply, type Route } from '../../http/route';
import type { Services } from '../../services';
import { requestProblem } from '../../temporal/fault-problem';
import type { ReadList } from './list-reader';
import {
  listAnswerSchema,
  listAsOfSchema,
  listBody,
  listPageQuery,
  listPageSchema,
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
  return [submitRoute(services), pageRoute(services), readRoute(services), cancelRoute(services)];
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

function pageRoute({ reads, clock }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/lists',
    operationId: 'listLists',
    summary: 'List lists of orders, newest first',
    tag: TAG,
    permission: 'readOrders',
    entitlement: 'filter',
    limit: 'reads',
    query: listPageQuery,
    answers: { 200: { description: 'A page of lists', schema: listPageSchema } },
    handle: async ({ query: { limit, cursor }, accounts }) => {
      const asOf = isoNow(clock);
      const page = await reads.orUnavailable(() => reads.listLists({ accounts, limit, cursor }));
      if (page.ok) return answer(200, { ...page.value, asOf });
      return problem('SERVICE_UNAVAILABLE', { detail: 'Lists cannot be listed.' });
    },
  });
}

function readRoute({ listReader, clock }: Services): Route {
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
      const read = await listReader.read(query.account, params.listId);
      return read.kind === 'list' ? answer(200, { ...read.list, asOf }) : unreadable(read);
    },
  });
}

function unreadable(read: Exclude<ReadList, { kind: 'list' }>): Problem {
  if (read.kind === 'absent') return problem('NOT_FOUND');
  return problem('SERVICE_UNAVAILABLE', { detail: 'The list cannot be read at the moment.' });
}

function cancelRoute({ lists, listReader }: Services): Route {
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
      const known = await listReader.read(account, params.listId);
      if (known.kind === 'list') return closed();
      // Whose workflow has closed is told without a worker, too.
      return (await lists.hashOf(account, params.listId)).ok ? closed() : unreadable(known);
    },
  });
}

function closed(): Problem {
  return problem('ORDER_CLOSED', { detail: 'No order of the list is open.' });
}
