import assert from 'node:assert/strict';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { loadConfig } from '../../../config/config';
import {
  contextOfClient,
  currentTraceparent,
  inTrace,
  isFromClient,
} from '../../../observability/trace-context';
import { formatTraceparent, parseTraceparent } from '../../../observability/traceparent';
import { startTracing } from '../../../observability/tracing';

// Goal: a client can place its request in a trace and nothing else reaches us; what was noted down is continued.
// Method: headers as clients may send them, and the global propagator as a process registers it.

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const VALID = `00-${TRACE_ID}-${SPAN_ID}-01`;

describe('traceparent', () => {
  it('is read and written without loss', () => {
    const parsed = parseTraceparent(VALID);
    assert.deepEqual(parsed, { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, isRemote: true });
    assert.equal(formatTraceparent(parsed!), VALID);
  });

  it('keeps only the sampled flag, and reads later versions by their first four parts', () => {
    assert.equal(parseTraceparent(`00-${TRACE_ID}-${SPAN_ID}-fe`)?.traceFlags, 0);
    assert.equal(parseTraceparent(`cc-${TRACE_ID}-${SPAN_ID}-01-more`)?.traceId, TRACE_ID);
  });

  const refused: [string, unknown][] = [
    ['nothing', undefined],
    ['another type', 7],
    ['an empty text', ''],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN_ID}-01`],
    ['a span id of zeros', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`],
    ['the forbidden version', `ff-${TRACE_ID}-${SPAN_ID}-01`],
    ['more than version 0 has', `${VALID}-more`],
    ['two headers in one', `${VALID}, ${VALID}`],
    ['a long text', `cc-${TRACE_ID}-${SPAN_ID}-01-${'x'.repeat(200)}`],
    ['a line break', `00-${TRACE_ID}-${SPAN_ID}-01\n`],
  ];
  for (const [what, text] of refused) {
    it(`is not ${what}`, () => assert.equal(parseTraceparent(text), undefined));
  }

  it('travels alone: tracestate and baggage of a client stay behind', async () => {
    const tracing = startTracing({ component: 'test', config: loadConfig({}) });
    const carried: Record<string, string> = {};
    const headers = { traceparent: VALID, tracestate: 'vendor=secret', baggage: 'user=jane' };
    propagation.inject(propagation.extract(ROOT_CONTEXT, headers), carried);
    assert.deepEqual(carried, { traceparent: VALID });
    await tracing.stop();
  });

  it('continues a trace that was noted down', async () => {
    const tracing = startTracing({ component: 'test', config: loadConfig({}) });
    assert.equal(
      inTrace(VALID, () => currentTraceparent()),
      VALID,
    );
    assert.equal(
      inTrace('not one', () => currentTraceparent()),
      undefined,
    );
    await tracing.stop();
  });

  it('tells a parent that a client claims from one of ours', async () => {
    const tracing = startTracing({ component: 'test', config: loadConfig({}) });
    const claimed = contextOfClient(VALID);
    assert.equal(isFromClient(claimed), true);
    const ours = trace.setSpan(claimed, tracing.tracer.startSpan('ours', {}, claimed));
    assert.equal(isFromClient(ours), false);
    assert.equal(isFromClient(context.active()), false);
    await tracing.stop();
  });
});
