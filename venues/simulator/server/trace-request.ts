import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import { contextOfTraceparent } from '../../../observability/trace-context';

/** Continues the trace of whoever sent the request, as one span; a request without a trace gets none of its own. */
export const traceRequest: RequestHandler = (request, response, next) => {
  const traceparent = request.get('traceparent');
  if (traceparent === undefined) return next();
  const parent = contextOfTraceparent(traceparent);
  const span = trace
    .getTracer('steadfill-venue-simulator')
    .startSpan(request.method, { kind: SpanKind.SERVER }, parent);
  response.once('close', () => {
    const status = response.statusCode;
    // The path of the table, so that spans of one route have one name.
    const route = (request.route as { path?: string } | undefined)?.path ?? 'none';
    span.updateName(`${request.method} ${route}`);
    span.setAttributes({ 'http.response.status_code': status, clOrdId: clOrdIdOf(request) });
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(parent, span), () => next());
};

function clOrdIdOf({ params, body }: { params: Record<string, unknown>; body: unknown }): string {
  const given = (body as { clOrdId?: unknown } | undefined)?.clOrdId ?? params['clOrdId'];
  return typeof given === 'string' ? given.slice(0, CHARACTERS_MAX) : '';
}

const CHARACTERS_MAX = 128;
