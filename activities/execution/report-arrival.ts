import { SpanKind, trace } from '@opentelemetry/api';
import { contextOfTraceparent, inTrace } from '../../observability/trace-context';
import { formatTraceparent } from '../../observability/traceparent';
import type { Logger } from '../../observability/logger';
import type { StoredReport } from './report-store';

/**
 * Makes the arrival of a report one span and one log line, from when the session brought it (epoch milliseconds) until
 * it was on disk, in the trace of the order that it is about. The signal that brings it on continues from there.
 */
export function noteArrival(stored: StoredReport, receivedAtMs: number, logger: Logger): void {
  const { report, address } = stored;
  const { venue, kind, execId, clOrdId } = report;
  const about = {
    ...(address !== undefined && { orderId: address.orderId, workflowId: address.workflowId }),
    venue,
    clOrdId,
    kind,
    ...(execId !== undefined && { execId }),
  };
  if (address?.traceparent !== undefined)
    stored.traceparent = spanOf(address.traceparent, about, receivedAtMs);
  const { lastQty, lastPx } = report;
  inTrace(stored.traceparent, () =>
    logger.info('Execution report received', {
      ...about,
      ...(lastQty !== undefined && { lastQty }),
      ...(lastPx !== undefined && { lastPx }),
    }),
  );
}

function spanOf(traceparent: string, about: { kind: string }, receivedAtMs: number): string {
  const options = { kind: SpanKind.CONSUMER, attributes: { ...about }, startTime: receivedAtMs };
  const span = trace
    .getTracer('steadfill-venue')
    .startSpan(`Report ${about.kind}`, options, contextOfTraceparent(traceparent));
  span.end();
  return formatTraceparent(span.spanContext());
}
