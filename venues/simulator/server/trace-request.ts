import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import type { Logger } from '../../../observability/logger';
import { contextOfTraceparent } from '../../../observability/trace-context';
import { parseTraceparent } from '../../../observability/traceparent';

const CHARACTERS_MAX = 128;

/** One log line for each message about an order; what only asks is quiet. */
export function logRequest(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const begunMs = performance.now();
    if (request.method === 'GET') return next();
    const { traceId } = parseTraceparent(request.get('traceparent')) ?? {};
    response.once('close', () => {
      logger.info('Request answered', {
        method: request.method,
        path: routeOf(request),
        status: response.statusCode,
        clOrdId: clOrdIdOf(request),
        durationMs: Math.round(performance.now() - begunMs),
        trace_id: traceId,
      });
    });
    next();
  };
}

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
    span.updateName(`${request.method} ${routeOf(request)}`);
    span.setAttributes({ 'http.response.status_code': status, clOrdId: clOrdIdOf(request) });
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(parent, span), () => next());
};

/** The path of the table, so that spans and lines of one route have one name. */
function routeOf({ route }: { route?: unknown }): string {
  return (route as { path?: string } | undefined)?.path ?? 'none';
}

function clOrdIdOf({ params, body }: { params: Record<string, unknown>; body: unknown }): string {
  const given = (body as { clOrdId?: unknown } | undefined)?.clOrdId ?? params['clOrdId'];
  return typeof given === 'string' ? given.slice(0, CHARACTERS_MAX) : '';
}
