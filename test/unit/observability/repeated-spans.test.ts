import assert from 'node:assert/strict';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { RepeatedSpans } from '../../../observability/repeated-spans';

// Goal: a span of a workflow task that is run once more is sent once. Method: spans as sandbox and process give them.

function span(spanId: string, scope = '@temporalio/interceptor-workflow'): ReadableSpan {
  return {
    spanContext: () => ({ traceId: 'a', spanId, traceFlags: 1 }),
    instrumentationScope: { name: scope },
  } as unknown as ReadableSpan;
}

describe('spans of workflows that come again', () => {
  it('are repeats by their id', () => {
    const repeated = new RepeatedSpans();
    assert.equal(repeated.isRepeat(span('1')), false);
    assert.equal(repeated.isRepeat(span('2')), false);
    assert.equal(repeated.isRepeat(span('1')), true);
  });

  it('are never those of activities and requests, which run once by nature', () => {
    const repeated = new RepeatedSpans();
    assert.equal(repeated.isRepeat(span('1', 'steadfill')), false);
    assert.equal(repeated.isRepeat(span('1', 'steadfill')), false);
  });

  it('are remembered within a bound', () => {
    const repeated = new RepeatedSpans();
    for (let id = 0; id <= 20_000; id += 1) repeated.isRepeat(span(String(id)));
    assert.equal(repeated.isRepeat(span('20000')), true);
    assert.equal(repeated.isRepeat(span('0')), false);
  });
});
