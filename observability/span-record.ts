import { SpanKind, SpanStatusCode, type Attributes, type HrTime } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { redactText } from './redaction';

/** One finished span as it stands in the trace files: one JSON object a line. */
export interface SpanRecord {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Process that recorded it. */
  component: string;
  /** Microseconds since 1970. */
  startUs: number;
  durationUs: number;
  failed: boolean;
  message?: string;
  attributes: Record<string, string | number | boolean>;
}

const KINDS = {
  [SpanKind.INTERNAL]: 'internal',
  [SpanKind.SERVER]: 'server',
  [SpanKind.CLIENT]: 'client',
  [SpanKind.PRODUCER]: 'producer',
  [SpanKind.CONSUMER]: 'consumer',
} as const satisfies Record<SpanKind, SpanRecord['kind']>;

/** What Temporal's interceptors call their attributes, and the name that we keep. */
const RENAMED: Readonly<Record<string, string>> = {
  temporalWorkflowId: 'workflowId',
  workflowId: 'workflowId',
  run_id: 'runId',
  runId: 'runId',
  temporalActivityId: 'activityId',
  temporalUpdateId: 'updateId',
};
/** Only spans of workflows have it: the whole `workflowInfo()` is attached to them, with names of people in its memo. */
const WORKFLOW_MARK = 'workflowType';
const TEXT_CHARACTERS_MAX = 256;

function toText(text: string): string {
  return redactText(text.slice(0, TEXT_CHARACTERS_MAX));
}

/** Plain values under known names: spans leave the process, so nothing nested and no free text of people. */
export function plainAttributes(attributes: Attributes): SpanRecord['attributes'] {
  const plain: SpanRecord['attributes'] = {};
  const isWorkflow = attributes[WORKFLOW_MARK] !== undefined;
  for (const [name, value] of Object.entries(attributes)) {
    if (isWorkflow && RENAMED[name] === undefined) continue;
    if (typeof value === 'string') plain[RENAMED[name] ?? name] = toText(value);
    else if (typeof value === 'number' || typeof value === 'boolean') plain[name] = value;
  }
  return plain;
}

const microseconds = ([seconds, nanoseconds]: HrTime): number =>
  seconds * 1_000_000 + Math.round(nanoseconds / 1_000);

/** `span` has passed {@link safeSpan}. */
export function toSpanRecord(span: ReadableSpan, component: string): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  const { code, message } = span.status;
  return {
    traceId,
    spanId,
    ...(span.parentSpanContext !== undefined && { parentSpanId: span.parentSpanContext.spanId }),
    name: span.name,
    kind: KINDS[span.kind],
    component,
    startUs: microseconds(span.startTime),
    durationUs: microseconds(span.duration),
    failed: code === SpanStatusCode.ERROR,
    ...(message !== undefined && message !== '' && { message }),
    attributes: span.attributes as SpanRecord['attributes'],
  };
}

/**
 * A span that may leave the house: attributes plain, texts redacted, and of exceptions only type and message, because
 * stacks and workflow memos say more than a trace needs.
 */
export function safeSpan(span: ReadableSpan): ReadableSpan {
  const { code, message } = span.status;
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext !== undefined && { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    status: { code, ...(message !== undefined && { message: toText(message) }) },
    attributes: plainAttributes(span.attributes),
    links: span.links,
    events: span.events.map((event) => ({
      ...event,
      attributes: plainAttributes({ ...event.attributes, 'exception.stacktrace': undefined }),
    })),
    duration: span.duration,
    ended: span.ended,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}
