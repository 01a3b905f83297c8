import { z } from 'zod';
import type { OrderEvent } from '../../../domain/order/order-events';
import { traceFolderOf } from '../../../observability/tracing';
import { ROLES } from '../../auth/permissions';
import { isoNow } from '../../clock';
import { orderIdParameter, timestampOutput } from '../../http/common.schemas';
import { answer, defineRoute, type Route } from '../../http/route';
import type { OrderPlace } from '../../order-entry/order-locator';
import { unreadable } from '../../order-entry/order-reader';
import { orderHintQuery, orderSchema } from '../../order-entry/order.schemas';
import type { Services } from '../../services';
import { ownSpans } from './own-spans';
import { findSpans } from './span-search';
import { timelineOf } from './timeline';

/** The path of the page and of its data: a request with a key gets the data, a browser without one the page. */
export const TIMELINE_PATH = '/ops/orders/{orderId}';
const EVENTS_MAX = 500;
/** Clocks of processes on one machine agree; a file may be written a moment before its time is noted. */
const CLOCK_SLACK_MS = 2_000;

const entrySchema = z.object({
  kind: z.enum(['span', 'event']),
  at: timestampOutput,
  offsetMs: z.number(),
  durationMs: z.number().nullable(),
  depth: z.int(),
  component: z.string(),
  label: z.string(),
  name: z.string(),
  failed: z.boolean(),
  traceId: z.string().optional(),
  spanId: z.string().optional(),
  parentSpanId: z.string().optional(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

const timelineSchema = z
  .object({
    order: orderSchema,
    traceId: z.string().nullable(),
    recorded: z.boolean().meta({ description: 'False when no span of the order is kept (any more)' }),
    traceIds: z.array(z.string()),
    durationMs: z.number(),
    entries: z.array(entrySchema),
    asOf: timestampOutput,
    viewer: z.object({ name: z.string(), role: z.enum(ROLES) }),
  })
  .meta({ id: 'OrderTimeline', description: 'Spans of all processes and events of the order, by time' });

/** What became of one order, hop by hop. Whoever may read an order may see it. */
export function timelineRoutes(services: Services): Route[] {
  const { locator, reader, clock } = services;
  return [
    defineRoute({
      method: 'get',
      path: TIMELINE_PATH,
      operationId: 'getOrderTimeline',
      summary: 'Read the timeline of an order',
      tag: 'Operations',
      permission: 'readOrders',
      entitlement: 'order',
      limit: 'reads',
      params: z.object({ orderId: orderIdParameter }),
      query: orderHintQuery,
      answers: { 200: { description: 'The timeline', schema: timelineSchema } },
      problems: [404],
      handle: async ({ params, query, principal }) => {
        const located = await locator.locate(params.orderId, principal, query);
        if (located.kind === 'problem') return located;
        const read = await reader.read(located.place);
        if (read.kind !== 'order') return unreadable(read);
        const { order } = read;
        const owner = { orderId: order.orderId, workflowId: order.workflowId };
        const ids = [
          owner.orderId,
          owner.workflowId,
          ...(order.traceId === undefined ? [] : [order.traceId]),
        ];
        const [events, spans] = await Promise.all([
          eventsOf(services, located.place),
          findSpans({
            folder: traceFolderOf(services.config),
            ids,
            sinceMs: Date.parse(order.createdAt) - CLOCK_SLACK_MS,
          }),
        ]);
        const viewer = { name: principal.name, role: principal.role };
        return answer(200, {
          ...timelineOf(order, events, ownSpans(spans, owner)),
          asOf: isoNow(clock),
          viewer,
        });
      },
    }),
  ];
}

/** The log as MongoDB has it, or as the workflow itself tells it; none when neither can be asked. */
async function eventsOf({ reads, gateway }: Services, place: OrderPlace): Promise<OrderEvent[]> {
  if (reads.ready()) {
    const { orderId } = place;
    const page = await reads.orUnavailable(() => reads.listEvents({ orderId, limit: EVENTS_MAX }));
    if (page.ok && page.value.items.length > 0) return page.value.items;
  }
  const live = await gateway.events(place.workflowId);
  return live.ok ? live.value.slice(0, EVENTS_MAX) : [];
}
