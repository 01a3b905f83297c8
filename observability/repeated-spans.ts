import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** Scope of the spans that come out of the workflow sandbox. */
const WORKFLOW_SCOPE = '@temporalio/interceptor-workflow';
const REMEMBERED_MAX = 20_000;

/**
 * Knows which spans of workflows were sent before. A workflow that is not in the cache is replayed before it answers,
 * and the SDK runs the last completed task of such a replay as if it were new: its spans come again, with their old
 * ids and times. What this process has sent it remembers; what ended before it began, an earlier process has sent.
 */
export class RepeatedSpans {
  private readonly sent = new Set<string>();
  private readonly beganAtMs: number;

  /** `beganAtMs`: when this process began, epoch milliseconds. */
  constructor(beganAtMs = performance.timeOrigin) {
    this.beganAtMs = beganAtMs;
  }

  /** True when the span is not to be sent; remembers it otherwise. */
  isRepeat(span: ReadableSpan): boolean {
    if (span.instrumentationScope.name !== WORKFLOW_SCOPE) return false;
    const [seconds, nanoseconds] = span.endTime;
    if (seconds * 1_000 + nanoseconds / 1_000_000 < this.beganAtMs) return true;
    const { spanId } = span.spanContext();
    if (this.sent.has(spanId)) return true;
    this.sent.add(spanId);
    if (this.sent.size > REMEMBERED_MAX) {
      const [oldest] = this.sent;
      if (oldest !== undefined) this.sent.delete(oldest);
    }
    return false;
  }
}
