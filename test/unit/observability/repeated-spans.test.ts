import assert from 'node:assert/strict';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { RepeatedSpans } from '../../../observability/repeated-spans';

// Goal: a span that a replay gives again is sent once. Method: spans as the sandbox and as a process give them.

const BEGAN_MS = 1_700_000_000_000;

function span(spanId: string, endMs: number, scope = '@temporalio/interceptor-workflow'): ReadableSpan {
  return {
    spanContext: () => ({ traceId: 'a', spanId, traceFlags: 1 }),
    endTime: [Math.floor(endMs / 1_000), (endMs % 1_000) * 1_000_000],
    instrumentationScope: { name: scope },
  } as unknown as ReadableSpan;
}

describe('spans of workflows that come again', () => {
  it('are repeats by their id', () => {
    const repeated = new RepeatedSpans(BEGAN_MS);
    assert.equal(repeated.isRepeat(span('1', BEGAN_MS + 5)), false);
    assert.equal(repeated.isRepeat(span('2', BEGAN_MS + 5)), false);
    assert.equal(repeated.isRepeat(span('1', BEGAN_MS + 5)), true);
  });

  it('are repeats when they ended before this process began', () => {
    const repeated = new RepeatedSpans(BEGAN_MS);
    assert.equal(repeated.isRepeat(span('1', BEGAN_MS - 1)), true);
  });

  it('are never those of activities and requests, which run once by nature', () => {
    const repeated = new RepeatedSpans(BEGAN_MS);
    assert.equal(repeated.isRepeat(span('1', BEGAN_MS - 1, 'steadfill')), false);
    assert.equal(repeated.isRepeat(span('1', BEGAN_MS - 1, 'steadfill')), false);
  });

  it('are remembered within a bound', () => {
    const repeated = new RepeatedSpans(BEGAN_MS);
    for (let id = 0; id <= 20_000; id += 1) repeated.isRepeat(span(String(id), BEGAN_MS));
    assert.equal(repeated.isRepeat(span('20000', BEGAN_MS)), true);
    assert.equal(repeated.isRepeat(span('0', BEGAN_MS)), false);
  });
});
