import type { OrderEvent } from '../../../domain/order/order-events';
import type { OrderView } from '../../../domain/order/order-view';
import type { SpanRecord } from '../../../observability/span-record';
import { labelOfSpan } from './span-labels';

/** One line of a timeline: a span, or an event of the order's log. */
export interface TimelineEntry {
  kind: 'span' | 'event';
  /** ISO 8601 UTC with milliseconds. */
  at: string;
  /** Milliseconds since the first entry, to the microsecond. */
  offsetMs: number;
  /** Milliseconds; null for an event, which has no length. */
  durationMs: number | null;
  /** How many spans it lies in; 0 for those that are in none. */
  depth: number;
  component: string;
  label: string;
  name: string;
  failed: boolean;
  /** Absent on events. */
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
  attributes: Record<string, string | number | boolean>;
}

export interface Timeline {
  order: OrderView;
  traceId: string | null;
  /** False when no span of the order is kept (any more): the event log tells its story all the same. */
  recorded: boolean;
  /** Ids of all traces that touched the order, its own first. */
  traceIds: string[];
  durationMs: number;
  entries: TimelineEntry[];
}

const EVENT_COMPONENT = 'event log';
const US_PER_MS = 1_000;

/** The story of one order: its spans, each under the one that it lies in, and its events between them by time. */
export function timelineOf(
  order: OrderView,
  events: readonly OrderEvent[],
  spans: readonly SpanRecord[],
): Timeline {
  const begins = [
    ...spans.map(({ startUs }) => startUs),
    ...events.map(({ at }) => Date.parse(at) * US_PER_MS),
  ];
  const originUs = Math.min(...begins, Date.parse(order.createdAt) * US_PER_MS);
  const entries = [
    ...inTree(spans).map(({ span, depth }) => spanEntry(span, depth, originUs)),
    ...events.map((event) => eventEntry(event, originUs)),
  ];
  const traceIds = new Set([
    ...(order.traceId === undefined ? [] : [order.traceId]),
    ...spans.map((span) => span.traceId),
  ]);
  return {
    order,
    traceId: order.traceId ?? null,
    recorded: spans.length > 0,
    traceIds: [...traceIds],
    durationMs: Math.max(0, ...entries.map(({ offsetMs, durationMs }) => offsetMs + (durationMs ?? 0))),
    entries: entries.sort((a, b) => a.offsetMs - b.offsetMs || a.depth - b.depth),
  };
}

/** Depth by parent; a span whose parent is not known (the client's, or one that has not ended) is at the top. */
function inTree(spans: readonly SpanRecord[]): { span: SpanRecord; depth: number }[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const depths = new Map<string, number>();
  const depthOf = (span: SpanRecord): number => {
    const known = depths.get(span.spanId);
    if (known !== undefined) return known;
    // Set first: ids come from outside, and a circle must not be followed for ever.
    depths.set(span.spanId, 0);
    const parent = span.parentSpanId === undefined ? undefined : byId.get(span.parentSpanId);
    const depth = parent === undefined ? 0 : depthOf(parent) + 1;
    depths.set(span.spanId, depth);
    return depth;
  };
  return spans.map((span) => ({ span, depth: depthOf(span) }));
}

const toMs = (us: number): number => Math.round(us) / US_PER_MS;

function spanEntry(span: SpanRecord, depth: number, originUs: number): TimelineEntry {
  const { name, component, startUs, durationUs, failed, traceId, spanId, parentSpanId, message } = span;
  return {
    kind: 'span',
    at: new Date(startUs / US_PER_MS).toISOString(),
    offsetMs: toMs(startUs - originUs),
    durationMs: toMs(durationUs),
    depth,
    component,
    label: labelOfSpan(name, component),
    name,
    failed,
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    attributes: { ...span.attributes, ...(message !== undefined && { message }) },
  };
}

/** What a line says beyond the name of the event: the kind of a report, or what triggered the order. */
function aboutOf(event: OrderEvent): string {
  if (event.type === 'reportApplied') return ` (${event.report.kind})`;
  if (event.type !== 'orderTriggered') return '';
  const { price, priceType, stopPrice, missed } = event.sighting;
  const found = missed ? ', found after nobody had watched' : '';
  return ` (${priceType} ${price} reached ${stopPrice}${found})`;
}

function eventEntry(event: OrderEvent, originUs: number): TimelineEntry {
  const report = event.type === 'reportApplied' ? event.report : undefined;
  return {
    kind: 'event',
    at: event.at,
    offsetMs: toMs(Date.parse(event.at) * US_PER_MS - originUs),
    durationMs: null,
    depth: 0,
    component: EVENT_COMPONENT,
    label: `Event ${event.seq}: ${event.type}${aboutOf(event)}`,
    name: event.type,
    failed: event.type === 'anomalyRaised',
    attributes: {
      seq: event.seq,
      ...(report?.execId !== undefined && { execId: report.execId }),
      ...(report?.lastQty !== undefined && { lastQty: report.lastQty }),
      ...(report?.lastPx !== undefined && { lastPx: report.lastPx }),
    },
  };
}
