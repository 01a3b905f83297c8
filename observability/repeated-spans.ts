import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** Scope of the spans that come out of the workflow sandbox. */
const WORKFLOW_SCOPE = '@temporalio/interceptor-workflow';
const REMEMBERED_MAX = 20_000;

/**
 * Knows which spans of workflows were sent before. The SDK sends none while it replays, but a workflow task whose
 * result did not reach the server (it timed out, or a local activity took the worker with it) is run once more, and is
 * no replay then: its spans come again, with the ids that they had.
 */
export class RepeatedSpans {
  private readonly sent = new Set<string>();

  /** True when the span is not to be sent; remembers it otherwise. */
  isRepeat(span: ReadableSpan): boolean {
    if (span.instrumentationScope.name !== WORKFLOW_SCOPE) return false;
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
