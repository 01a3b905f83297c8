import {
  context,
  createContextKey,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
  type Context,
  type TextMapPropagator,
} from '@opentelemetry/api';
import { formatTraceparent, parseTraceparent } from './traceparent';

const HEADER = 'traceparent';

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
