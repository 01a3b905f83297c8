import assert from 'node:assert/strict';
import { ROOT_CONTEXT, SpanKind, trace, type Attributes, type Context } from '@opentelemetry/api';
import { SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace-node';
import { HTTP_METHOD_ATTRIBUTE, sampleBounded, sampleShare } from '../../../observability/sampling';
import { contextOfClient, contextOfTraceparent } from '../../../observability/trace-context';

// Goal: recording is bounded by us and never by a client, and all spans of a trace share one decision.
// Method: the samplers are asked, on a clock of the test.

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const parent = (flags: '00' | '01'): string => `00-${TRACE_ID}-b7ad6b7169203331-${flags}`;

function isRecorded(sampler: Sampler, from: Context, attributes: Attributes = {}): boolean {
  const { decision } = sampler.shouldSample(from, TRACE_ID, 'POST', SpanKind.SERVER, attributes, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

describe('bounded sampling', () => {
  it('records a burst, then so many new traces a second', () => {
    let nowMs = 0;
    const sampler = sampleBounded(2, () => nowMs);
    const count = (): number =>
      Array.from({ length: 500 }, () => isRecorded(sampler, ROOT_CONTEXT)).filter(Boolean).length;
    assert.equal(count(), 120);
    assert.equal(count(), 0);
    nowMs += 1_500;
    assert.equal(count(), 3);
  });

  it('leaves reads out', () => {
    const sampler = sampleBounded(10, () => 0);
    assert.equal(isRecorded(sampler, ROOT_CONTEXT, { [HTTP_METHOD_ATTRIBUTE]: 'GET' }), false);
    assert.equal(isRecorded(sampler, ROOT_CONTEXT, { [HTTP_METHOD_ATTRIBUTE]: 'POST' }), true);
  });

  it('lets no client decide', () => {
    const full = sampleBounded(0, () => 0);
    assert.equal(isRecorded(full, contextOfClient(parent('01'))), false);
    const free = sampleBounded(10, () => 0);
    assert.equal(isRecorded(free, contextOfClient(parent('00'))), true);
  });

  it('follows the decision of our own spans, in other processes too', () => {
    const full = sampleBounded(0, () => 0);
    assert.equal(isRecorded(full, contextOfTraceparent(parent('01'))), true);
    const free = sampleBounded(10, () => 0);
    assert.equal(isRecorded(free, contextOfTraceparent(parent('00'))), false);
  });
});

describe('sampling by share', () => {
  it('records none or all at its ends, whatever the client says', () => {
    assert.equal(isRecorded(sampleShare(0), contextOfClient(parent('01'))), false);
    assert.equal(isRecorded(sampleShare(1), contextOfClient(parent('00'))), true);
    assert.equal(isRecorded(sampleShare(1), trace.deleteSpan(ROOT_CONTEXT)), true);
  });
});
