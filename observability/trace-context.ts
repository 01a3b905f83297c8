import {
  context,
  createContextKey,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
  type Context,
  type SpanContext,
  type TextMapPropagator,
} from '@opentelemetry/api';

const HEADER = 'traceparent';
/** Version, trace id, span id, flags. Later versions may say more after these, and a header must stay short. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;
const CHARACTERS_MAX = 128;
const VERSION_0_CHARACTERS = 55;

/** The span that a W3C `traceparent` names; undefined when the text is not one. */
export function parseTraceparent(text: unknown): SpanContext | undefined {
  if (typeof text !== 'string' || text.length > CHARACTERS_MAX) return undefined;
  if (text.startsWith('00-') && text.length !== VERSION_0_CHARACTERS) return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 1) === 1 ? '01' : '00'}`;
}

/**
 * Carries trace ids between processes and into histories, and nothing else: `tracestate` and `baggage` of a client
 * would be copied into each message and history event of its order.
 */
export const traceparentPropagator: TextMapPropagator = {
  inject: (from, carrier, setter) => {
    const spanContext = trace.getSpanContext(from);
    if (spanContext !== undefined && isSpanContextValid(spanContext))
      setter.set(carrier, HEADER, formatTraceparent(spanContext));
  },
  extract: (into, carrier, getter) => {
    const parsed = parseTraceparent(getter.get(carrier, HEADER));
    return parsed === undefined ? into : trace.setSpanContext(into, parsed);
  },
  fields: () => [HEADER],
};

/** The span that runs now, as a `traceparent`; undefined outside a trace. */
export function currentTraceparent(): string | undefined {
  const spanContext = trace.getActiveSpan()?.spanContext();
  return spanContext !== undefined && isSpanContextValid(spanContext)
    ? formatTraceparent(spanContext)
    : undefined;
}

/** Id of the trace that runs now; undefined outside a trace. */
export function currentTraceId(): string | undefined {
  const spanContext = trace.getActiveSpan()?.spanContext();
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext.traceId : undefined;
}

/** A context in which the span of `traceparent` is the parent; an empty one when the text names none. */
export function contextOfTraceparent(traceparent: string | undefined): Context {
  const parsed = parseTraceparent(traceparent);
  return parsed === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parsed);
}

/** Runs `work` as part of the trace that was noted down earlier, minutes or a restart ago. */
export function inTrace<T>(traceparent: string | undefined, work: () => T): T {
  return context.with(contextOfTraceparent(traceparent), work);
}

const EDGE = createContextKey('steadfill: the parent is a client');

/**
 * The context of a request from outside. A client may give its request a place in a trace of its own; whether we
 * record it is for us to decide, so that nobody can make us write more than we want.
 */
export function contextOfClient(traceparent: string | undefined): Context {
  return contextOfTraceparent(traceparent).setValue(EDGE, true);
}

/** True when the parent in `from` is what a client claimed, and not a span of ours. */
export function isFromClient(from: Context): boolean {
  return from.getValue(EDGE) === true && trace.getSpanContext(from)?.isRemote === true;
}
