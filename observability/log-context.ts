import { context, createContextKey, isSpanContextValid, trace } from '@opentelemetry/api';

/** Fields that belong to a unit of work rather than to one message. */
export interface LogContext {
  requestId?: string;
  orderId?: string;
  clientOrderId?: string;
  workflowId?: string;
  runId?: string;
}

// The OpenTelemetry context already follows promises and callbacks, so that no second storage has to.
const LOG_CONTEXT = createContextKey('steadfill log context');

/** Runs `work` so that every record written in it, or in what it awaits, carries `fields`. */
export function withLogContext<T>(fields: LogContext, work: () => T): T {
  const active = context.active();
  return context.with(active.setValue(LOG_CONTEXT, { ...currentLogContext(), ...fields }), work);
}

/** The fields of the unit of work that runs now. */
export function currentLogContext(): LogContext {
  return (context.active().getValue(LOG_CONTEXT) as LogContext | undefined) ?? {};
}

/** Ids of the active span, under the names that log tools join on; empty outside a trace. */
export function currentTraceFields(): { trace_id?: string; span_id?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span)
    ? { trace_id: span.traceId, span_id: span.spanId }
    : {};
}
