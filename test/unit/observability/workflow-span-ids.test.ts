// Goal: ids of spans inside workflows are valid and never meet, and a replay finds the same ones. Method: many
// spans of many runs, and runs whose ids are not UUIDs.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTraceparent } from '../../../observability/traceparent';
import { spanIdOf, traceIdOf } from '../../../observability/workflow-span-ids';

describe('ids of spans inside workflows', () => {
  it('are unlike for all spans of a run and of runs begun together', () => {
    const seen = new Set<string>();
    // Runs of one moment share their first digits, because Temporal's run ids begin with the time.
    for (let run = 0; run < 20; run += 1) {
      const runId = `01a21341-6f81-7c23-b0d0-b96d557bd1${run.toString(16).padStart(2, '0')}`;
      for (let number = 1; number <= 500; number += 1) seen.add(spanIdOf(runId, number));
    }
    assert.equal(seen.size, 20 * 500);
  });

  it('make a traceparent whatever the run is called, and the same one again', () => {
    const anyId = fc.oneof(fc.uuid(), fc.string());
    fc.assert(
      fc.property(anyId, fc.integer({ min: 1, max: 1_000_000 }), (runId, number) => {
        const text = `00-${traceIdOf(runId)}-${spanIdOf(runId, number)}-01`;
        assert.notEqual(parseTraceparent(text), undefined, text);
        assert.equal(spanIdOf(runId, number), spanIdOf(runId, number));
      }),
    );
  });
});
