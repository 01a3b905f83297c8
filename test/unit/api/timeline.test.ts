import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownSpans } from '../../../api/ops/timeline/own-spans';
import { labelOfSpan } from '../../../api/ops/timeline/span-labels';
import { findSpans } from '../../../api/ops/timeline/span-search';
import { timelineOf } from '../../../api/ops/timeline/timeline';
import type { OrderEvent } from '../../../domain/order/order-events';
import type { OrderView } from '../../../domain/order/order-view';
import type { SpanRecord } from '../../../observability/span-record';

// Goal: a timeline shows every hop of its own order, in place and once, and nothing of another order.
// Method: spans as the trace files hold them, in any order and from several processes.

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const OWNER = { orderId: 'o-mine', workflowId: 'order:ACC-1:mine' };

function span(spanId: string, more: Partial<SpanRecord> = {}): SpanRecord {
  return {
    traceId: TRACE,
    spanId,
    name: 'work',
    kind: 'internal',
    component: 'api',
    startUs: 1_700_000_000_000_000,
    durationUs: 1_000,
    failed: false,
    attributes: {},
    ...more,
  };
}

const ids = (spans: readonly SpanRecord[]): string[] => spans.map(({ spanId }) => spanId);

describe('spans of an order', () => {
  it('are those that name it, what they lie in and what lies in them', () => {
    const spans = [
      span('request'),
      span('start', { parentSpanId: 'request', attributes: { workflowId: OWNER.workflowId } }),
      span('below', { parentSpanId: 'start' }),
      span('venue', { parentSpanId: 'below', attributes: { clOrdId: `${OWNER.orderId}-1` } }),
      span('unrelated'),
    ];
    assert.deepEqual(ids(ownSpans(spans, OWNER)).sort(), ['below', 'request', 'start', 'venue']);
  });

  it('are never those of another order in the same trace', () => {
    const spans = [
      span('massCancel'),
      span('mine', { parentSpanId: 'massCancel', attributes: { workflowId: OWNER.workflowId } }),
      span('other', { parentSpanId: 'massCancel', attributes: { workflowId: 'order:ACC-2:other' } }),
      span('belowOther', { parentSpanId: 'other' }),
      span('otherVenue', { parentSpanId: 'massCancel', attributes: { clOrdId: 'o-other-1' } }),
      span('otherRequest', { attributes: { orderId: 'o-other' } }),
      span('likeMine', { attributes: { workflowId: `${OWNER.workflowId}2` } }),
    ];
    assert.deepEqual(ids(ownSpans(spans, OWNER)).sort(), ['massCancel', 'mine']);
  });

  it('end where parents go round in a circle', () => {
    const spans = [
      span('a', { parentSpanId: 'b', attributes: { orderId: OWNER.orderId } }),
      span('b', { parentSpanId: 'a' }),
    ];
    assert.deepEqual(ids(ownSpans(spans, OWNER)).sort(), ['a', 'b']);
  });
});

describe('search in trace files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steadfill-search-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (name: string, ...spans: SpanRecord[]): Promise<void> =>
    appendFile(join(folder, name), spans.map((each) => `${JSON.stringify(each)}\n`).join(''));

  it('finds the spans of all processes, each once, and passes over lines that are cut off', async () => {
    const mine = span('1', { attributes: { workflowId: OWNER.workflowId } });
    await write('worker-orders.10.1.spans.jsonl', mine, span('other', { traceId: 'f'.repeat(32) }));
    await write('api.11.1.spans.jsonl', span('2'), mine);
    await write('notes.txt', span('no trace file'));
    await appendFile(join(folder, 'api.11.1.spans.jsonl'), `{"traceId":"${TRACE}","spanId":"cut`);
    const found = await findSpans({ folder, ids: [TRACE, OWNER.workflowId], sinceMs: 0 });
    assert.deepEqual(ids(found).sort(), ['1', '2']);
  });

  it('passes over files from before the order', async () => {
    await write('api.11.1.spans.jsonl', span('1'));
    await utimes(join(folder, 'api.11.1.spans.jsonl'), 1_000, 1_000);
    assert.deepEqual(await findSpans({ folder, ids: [TRACE], sinceMs: 2_000_000 }), []);
    assert.equal((await findSpans({ folder, ids: [TRACE], sinceMs: 500_000 })).length, 1);
  });

  it('finds nothing where nothing is kept', async () => {
    assert.deepEqual(await findSpans({ folder: join(folder, 'absent'), ids: [TRACE], sinceMs: 0 }), []);
  });
});

describe('timeline', () => {
  const order = {
    orderId: OWNER.orderId,
    traceId: TRACE,
    createdAt: '2023-11-14T22:13:20.010Z',
  } as OrderView;

  it('puts spans and events in one order of time, spans in their depth', () => {
    const spans = [
      span('child', { parentSpanId: 'root', startUs: 1_700_000_000_020_000, durationUs: 500 }),
      span('root', { name: 'POST /v1/orders', durationUs: 40_000 }),
      span('orphan', { parentSpanId: 'unknown', startUs: 1_700_000_000_030_000, failed: true }),
    ];
    const event = { type: 'orderReceived', seq: 1, at: '2023-11-14T22:13:20.010Z' } as OrderEvent;
    const timeline = timelineOf(order, [event], spans);
    const rows = timeline.entries.map(({ label, offsetMs, durationMs, depth }) => [
      label,
      offsetMs,
      durationMs,
      depth,
    ]);
    assert.deepEqual(rows, [
      ['Request POST /v1/orders', 0, 40, 0],
      ['Event 1: orderReceived', 10, null, 0],
      ['work', 20, 0.5, 1],
      ['work', 30, 1, 0],
    ]);
    assert.equal(timeline.durationMs, 40);
    assert.equal(timeline.recorded, true);
    assert.deepEqual(timeline.traceIds, [TRACE]);
  });

  it('tells of the events alone when no span is kept, and of an order without a trace', () => {
    const { traceId: _none, ...older } = order;
    const event = { type: 'orderReceived', seq: 1, at: '2023-11-14T22:13:20.010Z' } as OrderEvent;
    const timeline = timelineOf(older as OrderView, [event], []);
    assert.equal(timeline.recorded, false);
    assert.equal(timeline.traceId, null);
    assert.equal(timeline.entries.length, 1);
  });

  it('shows no name and no words of a person', () => {
    const events = [
      { type: 'cancelRequested', seq: 1, at: order.createdAt, by: 'Jane Doe', reason: 'on the telephone' },
      { type: 'outcomeResolved', seq: 2, at: order.createdAt, by: 'Jane Doe', evidence: 'asked Mr Roe' },
    ] as unknown as OrderEvent[];
    const text = JSON.stringify(timelineOf(order, events, []).entries);
    for (const marked of ['Jane', 'telephone', 'Roe']) assert.ok(!text.includes(marked), text);
  });
});

describe('labels of spans', () => {
  const cases: [string, string, string][] = [
    ['RunActivity:reserveExposure', 'worker-orders', 'Reserve risk'],
    ['StartActivity:routeOrder', 'worker-orders', 'Workflow asks for: Route to the venue'],
    ['Venue POST', 'worker-execution', 'Message to the venue (POST)'],
    ['POST /orders', 'venue-simulator', 'Venue handles POST /orders'],
    ['Report fill', 'worker-execution', 'Execution report: fill'],
    ['something new', 'api', 'something new'],
  ];
  for (const [name, component, label] of cases) {
    it(`say "${label}"`, () => assert.equal(labelOfSpan(name, component), label));
  }
});
