import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RequestHandler, Response } from 'express';
import { withLogContext } from '../../observability/log-context';
import type { Logger } from '../../observability/logger';
import { HTTP_METHOD_ATTRIBUTE } from '../../observability/sampling';
import { contextOfClient } from '../../observability/trace-context';
import { requestIdOf } from './respond';

const QUIET_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Gives each request its span and log context, and one log line at its end: changes at info, reads at debug, our own
 * faults at error. Bodies and keys are never logged.
 */
export function observeRequest(logger: Logger): RequestHandler {
  const tracer = trace.getTracer('steadfill-api');
  return (request, response, next) => {
    const begunMs = performance.now();
    const requestId = requestIdOf(response);
    const parent = contextOfClient(request.get('traceparent'));
    const attributes = { [HTTP_METHOD_ATTRIBUTE]: request.method, requestId };
    const span = tracer.startSpan(request.method, { kind: SpanKind.SERVER, attributes }, parent);
    response.once('close', () => {
      const status = response.statusCode;
      // The path of the table, so that spans of one route have one name.
      span.updateName(`${request.method} ${String(response.locals['route'] ?? 'none')}`);
      span.setAttribute('http.response.status_code', status);
      span.setAttributes(orderFieldsOf(response));
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (QUIET_PATHS.has(request.path)) return;
      const level = status === 500 ? 'error' : isRead ? 'debug' : 'info';
      if (!logger.isLevelEnabled(level)) return;
      logger.log(level, 'request answered', {
        requestId,
        method: request.method,
        path: request.path,
        status,
        durationMs: Math.round(performance.now() - begunMs),
        finished: response.writableFinished,
        ...orderFieldsOf(response),
        code: response.locals['problemCode'] as string | undefined,
        trace_id: span.spanContext().traceId,
      });
    });
    context.with(trace.setSpan(parent, span), () => withLogContext({ requestId }, () => next()));
  };
}

/** Which order the request was about, once its handler has said so. */
function orderFieldsOf(response: Response): Record<string, string> {
  return (response.locals['orderFields'] as Record<string, string> | undefined) ?? {};
}
