import { z } from 'zod';
import { isoNow } from '../clock';
import { orderIdParameter } from '../http/common.schemas';
import { problem } from '../http/problem';
import { answer, defineRoute, type Route } from '../http/route';
import type { Services } from '../services';
import { OrderStreams } from './order-stream';
import {
  fillListSchema,
  fillQuery,
  orderEventListSchema,
  orderEventQuery,
  streamQuery,
} from './reporting.schemas';

const TAG = 'Reporting';

/** What happened: fills, event logs, and the live stream. */
export function reportingRoutes(services: Services): Route[] {
  return [fillsRoute(services), eventsRoute(services), streamRoute(services)];
}

function fillsRoute({ reads, clock }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/fills',
    operationId: 'listFills',
    summary: 'List fills, oldest first',
    tag: TAG,
    permission: 'readOrders',
    entitlement: 'filter',
    limit: 'reads',
    query: fillQuery,
    answers: { 200: { description: 'A page of fills', schema: fillListSchema } },
    handle: async ({ query, accounts }) => {
      const { orderId, from, to, limit, cursor } = query;
      const asOf = isoNow(clock);
      const page = await reads.orUnavailable(() =>
        reads.listFills({ accounts, orderId, from, to, limit, cursor }),
      );
      if (!page.ok) return problem('SERVICE_UNAVAILABLE', { detail: 'Fills cannot be read.' });
      return answer(200, { ...page.value, asOf });
    },
  });
}

function eventsRoute({ reads, gateway, locator, clock }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/orders/{orderId}/events',
    operationId: 'listOrderEvents',
    summary: "Read an order's event log",
    tag: TAG,
    permission: 'readOrders',
    entitlement: 'order',
    limit: 'reads',
    params: z.object({ orderId: orderIdParameter }),
    query: orderEventQuery,
    answers: { 200: { description: 'A page of events, in order', schema: orderEventListSchema } },
    problems: [404],
    handle: async ({ params, query, principal }) => {
      const located = await locator.locate(params.orderId, principal, query);
      if (located.kind === 'problem') return located;
      const { limit, cursor } = query;
      const asOf = isoNow(clock);
      const page = await reads.orUnavailable(() =>
        reads.listEvents({ orderId: params.orderId, limit, cursor }),
      );
      if (page.ok && (page.value.items.length > 0 || cursor !== undefined))
        return answer(200, { ...page.value, asOf });
      const live = await gateway.events(located.place.workflowId);
      if (live.ok) return answer(200, { items: live.value, nextCursor: null, asOf });
      if (live.fault.kind === 'notFound' && page.ok) return problem('NOT_FOUND');
      return problem('SERVICE_UNAVAILABLE', { detail: 'Events cannot be read.' });
    },
  });
}

function streamRoute(services: Services): Route {
  const streams = new OrderStreams(services);
  return defineRoute({
    method: 'get',
    path: '/v1/stream/orders',
    operationId: 'streamOrders',
    summary: 'Follow orders live',
    tag: TAG,
    permission: 'readOrders',
    entitlement: 'filter',
    limit: 'reads',
    query: streamQuery,
    headers: z.object({
      'last-event-id': z.string().max(2_048).optional().meta({
        description: 'Position to resume from; without it, or when it is too old, a snapshot comes first',
      }),
    }),
    answers: {
      200: {
        description: 'Events `snapshot` ({items, asOf, truncated}) and `order` (an Order); ids are positions',
        contentType: 'text/event-stream',
        schema: z.string(),
      },
    },
    handle: ({ request, response, accounts }) => streams.serve(request, response, accounts),
  });
}
