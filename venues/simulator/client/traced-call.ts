import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { SIMULATOR_VENUE } from '../protocol';
import type { CallResult } from './venue-http';

/** Runs one call to the venue as a span of the trace that runs now; `about` says which order it is about. */
export async function tracedCall(
  method: string,
  about: Readonly<Record<string, string>>,
  call: () => Promise<CallResult>,
): Promise<CallResult> {
  const attributes = { venue: SIMULATOR_VENUE, ...about };
  const span = trace
    .getTracer('steadfill-venue')
    .startSpan(`Venue ${method}`, { kind: SpanKind.CLIENT, attributes });
  try {
    const result = await context.with(trace.setSpan(context.active(), span), call);
    span.setAttribute('outcome', result.outcome);
    if (result.outcome === 'answered') span.setAttribute('http.response.status_code', result.status);
    else span.setStatus({ code: SpanStatusCode.ERROR, message: result.reason });
    return result;
  } finally {
    span.end();
  }
}
