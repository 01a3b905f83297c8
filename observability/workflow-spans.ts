import { proxySinks, workflowInfo } from '@temporalio/workflow';
import type { OpenTelemetrySinks, SerializableSpan } from '@temporalio/interceptors-opentelemetry-v2';
import { spanIdOf, traceIdOf } from './workflow-span-ids';
import type { SpanIdentity } from './traceparent';

/** Numbers of OpenTelemetry's closed lists (SpanKind, SpanStatusCode, TraceFlags), which are not worth a package here. */
const KIND_INTERNAL = 0;
const STATUS_UNSET = 0;
const STATUS_OK = 1;
const STATUS_ERROR = 2;
const SAMPLED = 1;

/** The scope of all spans that come out of the workflow sandbox. */
export const WORKFLOW_SCOPE = '@temporalio/interceptor-workflow';

const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;

export type SpanEnd = { ok: true } | { ok: false; fault: unknown; isBenign: boolean };

/** A span that has begun. `context` is what its children and the messages it sends name as their parent. */
export interface OpenSpan {
  readonly context: SpanIdentity;
  end(end: SpanEnd): void;
}

/**
 * The spans of one run of a workflow. Ids are functions of the run and of the number of the span, so that a replay
 * gives each span the id that it had; times are those of the workflow. Finished spans leave together, once for each
 * activation.
 */
export class WorkflowSpans {
  private begun = 0;
  private finished: SerializableSpan[] = [];

  /**
   * Begins a span below `parent`, or the first one of a new trace. Below a span that is not recorded nothing is
   * recorded, and messages name that span itself.
   */
  begin(name: string, parent?: SpanIdentity, attributes: Record<string, string> = {}): OpenSpan {
    if (parent !== undefined && (parent.traceFlags & SAMPLED) === 0)
      return { context: parent, end: () => undefined };
    const { runId } = workflowInfo();
    this.begun += 1;
    const context: SpanIdentity = {
      traceId: parent?.traceId ?? traceIdOf(runId),
      spanId: spanIdOf(runId, this.begun),
      traceFlags: SAMPLED,
    };
    const startMs = Date.now();
    const end = (how: SpanEnd): void => {
      const span = finishedSpan(name, startMs, Date.now(), how);
      const parentSpanContext = parent === undefined ? {} : { parentSpanContext: parent };
      this.finished.push({ ...span, attributes, spanContext: context, ...parentSpanContext });
    };
    return { context, end };
  }

  /** Hands over what has finished. The SDK takes it nowhere while it replays. */
  flush(): void {
    if (this.finished.length === 0) return;
    const spans = this.finished;
    this.finished = [];
    proxySinks<OpenTelemetrySinks>().exporter.export(spans);
  }
}

function finishedSpan(name: string, startMs: number, endMs: number, end: SpanEnd) {
  return {
    name,
    kind: KIND_INTERNAL,
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status: statusOf(end),
    links: [],
    events: end.ok ? [] : [exceptionOf(end.fault, endMs)],
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    instrumentationScope: { name: WORKFLOW_SCOPE },
  };
}

/** What business refuses is no failure of the software. */
function statusOf(end: SpanEnd): SerializableSpan['status'] {
  if (end.ok) return { code: STATUS_OK };
  return { code: end.isBenign ? STATUS_UNSET : STATUS_ERROR, message: messageOf(end.fault) };
}

function exceptionOf(fault: unknown, atMs: number): SerializableSpan['events'][number] {
  const type = fault instanceof Error ? fault.name : typeof fault;
  const attributes = { 'exception.type': type, 'exception.message': messageOf(fault) };
  return { name: 'exception', time: hrTime(atMs), attributes, droppedAttributesCount: 0 };
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}

function hrTime(ms: number): [number, number] {
  return [Math.trunc(ms / MS_PER_SECOND), (ms % MS_PER_SECOND) * NS_PER_MS];
}
