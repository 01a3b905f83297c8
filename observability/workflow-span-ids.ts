import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { DeterministicIdGenerator } from '@temporalio/interceptors-opentelemetry-v2/lib/workflow/id-generator';
import type { Next, QueryInput, UpdateInput, WorkflowInboundCallsInterceptor } from '@temporalio/workflow';
import { parseTraceparent } from './trace-context';

/**
 * Part of the workflow bundle. Temporal's generator takes ids of spans from one sequence, also those of queries and
 * of validators of updates. These run once and never in a replay, so that after a replay every later span would have
 * the id of another one: spans would overwrite each other, and children would miss their parents. Here the spans of
 * queries and validators get an id that follows from the caller's span, and leave the sequence alone.
 */
const HEADER = '_tracer-data';

let idOfReadOnlyCall: string | undefined;
const { generateSpanId } = DeterministicIdGenerator.prototype;
DeterministicIdGenerator.prototype.generateSpanId = function (): string {
  return idOfReadOnlyCall ?? generateSpanId.call(this);
};

/** The id of the caller's span backwards: no other span has it, and the caller makes one call with one span. */
function idFor(headers: Headers): string | undefined {
  const payload = headers[HEADER];
  if (payload === undefined) return undefined;
  const carried = defaultPayloadConverter.fromPayload<{ traceparent?: string }>(payload);
  const { spanId } = parseTraceparent(carried.traceparent) ?? {};
  return spanId === undefined ? undefined : [...spanId].reverse().join('');
}

/** Runs the part of `call` up to its first wait, in which its span begins, under the caller's id. */
function underCallerId<T>(headers: Headers, call: () => T): T {
  idOfReadOnlyCall = idFor(headers);
  try {
    return call();
  } finally {
    idOfReadOnlyCall = undefined;
  }
}

class ReadOnlyCalls implements WorkflowInboundCallsInterceptor {
  validateUpdate(input: UpdateInput, next: Next<WorkflowInboundCallsInterceptor, 'validateUpdate'>): void {
    underCallerId(input.headers, () => next(input));
  }

  handleQuery(
    input: QueryInput,
    next: Next<WorkflowInboundCallsInterceptor, 'handleQuery'>,
  ): Promise<unknown> {
    return underCallerId(input.headers, () => next(input));
  }
}

export const interceptors = (): { inbound: WorkflowInboundCallsInterceptor[] } => ({
  inbound: [new ReadOnlyCalls()],
});
