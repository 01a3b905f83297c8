import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { figuresOf, type Latency } from '../../../tools/load/figures';
import { constantly } from '../../../tools/load/generator';
import { judge, verdictText } from '../../../tools/load/judge';
import { ordersOf, parseOperations, type Operation } from '../../../tools/load/operation';
import { phasesOf, type PlannedPhase } from '../../../tools/load/profiles';
import { reportHtml } from '../../../tools/load/report-html';
import { atMostMs, parseRiskTotals, riskBetween } from '../../../tools/load/risk-latency';
import type { PhaseRun } from '../../../tools/load/phase';

// Goal: a load test that passes means something: each kind of loss, error and slowness is a breach with its figure.
const FLOOR: Latency = { count: 20, p50Ms: 40, p95Ms: 60, p99Ms: 80 };
const STARTED_MS = 1_700_000_000_000;

const submit = (n: number, more: Partial<Operation> = {}): Operation => ({
  op: 'submit',
  n,
  at: STARTED_MS + n * 100,
  ms: 50,
  status: 201,
  kind: 'market',
  account: 'ACC-1',
  clientOrderId: `p-${n}`,
  orderId: `o-${n}`,
  tries: 1,
  ...more,
});

function runOf(operations: Operation[], more: Partial<PhaseRun> = {}): PhaseRun {
  const orders = ordersOf(operations);
  return {
    name: 'base',
    plan: constantly('base', 10, 2),
    prefix: 'p',
    operations,
    orders,
    startedAtMs: STARTED_MS,
    endedAtMs: STARTED_MS + 2_000,
    droppedArrivals: 0,
    drainMs: 1_500,
    sweptOrders: 0,
    samples: [{ atMs: STARTED_MS + 500, openOrders: 3, usage: {} }],
    risk: undefined,
    cpuMs: { api: 200 },
    streamed: new Map(
      orders.map(({ orderId = '' }) => [orderId, { state: 'settled', endedAtMs: STARTED_MS + 1_900 }]),
    ),
    streamLagsMs: [5],
    streamReconnects: 0,
    ...more,
  };
}

const TWENTY = Array.from({ length: 20 }, (_, n) => submit(n));
const PLAIN: PlannedPhase = { plan: constantly('base', 10, 2), isOverload: false };
const breachesOf = (run: PhaseRun, planned: PlannedPhase = PLAIN): string[] =>
  judge([{ planned, figures: figuresOf(run) }], [], FLOOR)
    .filter(({ ok }) => !ok)
    .map(verdictText);

describe('load: orders of a sender', () => {
  const outcome = (...operations: Operation[]): string[] =>
    ordersOf(operations).map((order) => `${order.outcome} ${order.cancel}`);
  const cancel = (status: number): Operation => ({ op: 'cancel', n: 1, at: 0, ms: 1, status });

  it('tells acknowledged, denied, refused and doubtful apart', () => {
    const of = (status: number): string[] => outcome(submit(1, { status }));
    assert.deepEqual(
      [201, 200, 422, 429, 503, 504, 0, 500].map((status) => of(status)[0]),
      [
        ...[
          'acknowledged',
          'acknowledged',
          'denied',
          'refused',
          'refused',
          'doubtful',
          'doubtful',
          'doubtful',
        ],
      ].map((name) => `${name} none`),
    );
  });

  it('keeps a doubt that a refused repeat does not resolve', () => {
    assert.deepEqual(outcome(submit(1, { status: 504 }), submit(1, { status: 503, tries: 2 })), [
      'doubtful none',
    ]);
    assert.deepEqual(outcome(submit(1, { status: 504 }), submit(1, { status: 200, tries: 2 })), [
      'acknowledged none',
    ]);
  });

  it('follows the answers to a cancel', () => {
    assert.deepEqual(outcome(submit(1), cancel(409), cancel(202)), ['acknowledged accepted']);
    assert.deepEqual(outcome(submit(1), cancel(504), cancel(409)), ['acknowledged doubtful']);
    assert.deepEqual(outcome(submit(1), cancel(429)), ['acknowledged failed']);
  });

  it('reads no line that the generator did not mean', () => {
    assert.equal(parseOperations(`${JSON.stringify(submit(1))}\n\n`).length, 1);
    assert.throws(() => parseOperations('{"op":"submit"}'));
    assert.throws(() => parseOperations('level=info msg="half a line'));
  });
});

describe('load: verdicts', () => {
  it('passes a good run', () => {
    assert.deepEqual(breachesOf(runOf(TWENTY)), []);
  });

  const cases: [string, PhaseRun, RegExp][] = [
    [
      'an answer that is wrong',
      runOf([...TWENTY, submit(20, { status: 500, code: 'INTERNAL_ERROR' })]),
      /wrong answers 1 .*submit 500 INTERNAL_ERROR: 1/,
    ],
    [
      'an order whose outcome stayed open',
      runOf([...TWENTY, submit(20, { status: 504 })]),
      /outcome stayed open 1 /,
    ],
    [
      'a refusal below capacity',
      runOf([...TWENTY, submit(20, { status: 429, retryAfter: 1 })]),
      /share of refused/,
    ],
    [
      'a refusal without Retry-After',
      runOf([...TWENTY, submit(20, { status: 503 })]),
      /without Retry-After 1/,
    ],
    ['a generator that fell behind', runOf(TWENTY, { droppedArrivals: 4 }), /dropped 4/],
    ['a backlog that stays', runOf(TWENTY, { drainMs: undefined }), /backlog was gone Infinity/],
    ['a backlog that goes too late', runOf(TWENTY, { drainMs: 61_000 }), /backlog was gone 61 s/],
    ['an order that no stream showed', runOf(TWENTY, { streamed: new Map() }), /no stream showed.* 20/],
    [
      'slow acknowledgements',
      runOf(TWENTY.map((each) => ({ ...each, ms: 600 }))),
      /acknowledgement p50 15 × floor/,
    ],
    [
      'an acknowledged order that cannot be read',
      runOf([...TWENTY, { op: 'readBack', n: 1, at: STARTED_MS, ms: 5, status: 404 }]),
      /readBack 404: 1/,
    ],
  ];
  for (const [what, run, expected] of cases) {
    it(`names ${what}`, () => {
      assert.match(breachesOf(run).join('\n'), expected);
    });
  }

  it('takes "not yet" for an answer, not for an error', () => {
    const notYet: Operation = {
      op: 'cancel',
      n: 1,
      at: STARTED_MS,
      ms: 5,
      status: 409,
      code: 'ORDER_NOT_OPEN',
    };
    assert.deepEqual(
      breachesOf(runOf([...TWENTY, notYet, { ...notYet, status: 202, code: undefined, tries: 2 }])),
      [],
    );
  });

  it('lets overload refuse, but not without Retry-After', () => {
    const overload: PlannedPhase = { plan: constantly('overload', 100, 2, 900), isOverload: true };
    assert.deepEqual(
      breachesOf(runOf([...TWENTY, submit(20, { status: 429, retryAfter: 1 })]), overload),
      [],
    );
    assert.match(
      breachesOf(runOf([...TWENTY, submit(20, { status: 429 })]), overload).join(),
      /Retry-After 1/,
    );
  });

  it('counts the round trips that a delay makes visible', () => {
    const [quiet, delayed] = phasesOf('latency', {
      baseRatePerSecond: 3,
      seconds: 2,
      links: ['api-temporal'],
    });
    assert.ok(quiet && delayed);
    const slow = figuresOf(runOf(TWENTY.map((each) => ({ ...each, ms: 50 + 5 * 20 }))));
    const verdicts = judge(
      [
        { planned: quiet, figures: figuresOf(runOf(TWENTY)) },
        { planned: delayed, figures: slow },
      ],
      [],
      FLOOR,
    );
    const trips = verdicts.find(({ what }) => what.startsWith('round trips'));
    assert.deepEqual([trips?.value, trips?.ok], [5, false]);
  });

  it('says how long acknowledgements took to recover after a peak', () => {
    const [peak] = phasesOf('peak', { baseRatePerSecond: 1, seconds: 2 });
    assert.ok(peak?.peak);
    const at = (second: number, ms: number): Operation =>
      submit(second, { at: STARTED_MS + second * 1_000, ms });
    const seconds = Array.from({ length: 14 }, (_, second) =>
      at(second, second >= 3 && second < 11 ? 900 : 50),
    );
    const run = runOf(seconds, { endedAtMs: STARTED_MS + 14_000 });
    const verdicts = judge([{ planned: peak, figures: figuresOf(run) }], [], FLOOR);
    assert.equal(verdicts.find(({ what }) => what.includes('recovered'))?.value, 2);
  });

  it('takes a peak after which nothing was acknowledged for one that nothing recovered from', () => {
    const [peak] = phasesOf('peak', { baseRatePerSecond: 1, seconds: 2 });
    assert.ok(peak);
    const figures = figuresOf(runOf(TWENTY, { endedAtMs: STARTED_MS + 14_000 }));
    const verdicts = judge([{ planned: peak, figures }], [], FLOOR);
    const verdict = verdicts.find(({ what }) => what.includes('recovered'));
    assert.deepEqual([verdict?.value, verdict?.ok], [Infinity, false]);
  });

  it('counts the wait for a repeat as part of an acknowledgement', () => {
    const repeated = [
      submit(1, { status: 504, ms: 10_000 }),
      submit(1, { at: STARTED_MS + 10_600, status: 200, tries: 2 }),
    ];
    const figures = figuresOf(runOf(repeated));
    assert.deepEqual([figures.ack.p50Ms, figures.openAnswers, figures.errors], [10_550, 1, {}]);
    assert.match(breachesOf(runOf([...TWENTY, ...repeated])).join(), /left the outcome open, for each order/);
  });

  it('fails on every finding of the final checks', () => {
    const findings = [{ what: 'acknowledged orders that are lost', count: 2, examples: ['p-1', 'p-2'] }];
    const [verdict] = judge([], findings, FLOOR);
    assert.ok(verdict !== undefined && !verdict.ok);
    assert.match(
      verdictText(verdict),
      /BREACH in the end: acknowledged orders that are lost 2, at most 0 \(p-1; p-2\)/,
    );
  });
});

describe('load: risk latency', () => {
  const text = (count: number, sum: number, below: number): string =>
    [
      `steadfill_risk_check_seconds_bucket{outcome="reserved",le="0.05"} ${below}`,
      `steadfill_risk_check_seconds_bucket{outcome="reserved",le="+Inf"} ${count}`,
      `steadfill_risk_check_seconds_sum{outcome="reserved"} ${sum}`,
      `steadfill_risk_check_seconds_count{outcome="reserved"} ${count}`,
      `temporal_local_activity_execution_latency_seconds_count{activity_type="admitOrder"} 99`,
    ].join('\n');

  it('is what happened between two looks at the worker', () => {
    const risk = riskBetween(parseRiskTotals(text(10, 1, 10)), parseRiskTotals(text(30, 1.4, 29)));
    assert.ok(risk);
    assert.deepEqual([risk.count, Math.round(risk.meanMs)], [20, 20]);
    assert.equal(atMostMs(risk, 0.5), 50);
    assert.equal(atMostMs(risk, 0.99), Infinity);
  });

  it('is absent when nothing was checked', () => {
    assert.equal(riskBetween(parseRiskTotals(''), parseRiskTotals('')), undefined);
  });
});

describe('load: report', () => {
  it('is one page that fetches nothing and shows every threshold', () => {
    const planned = PLAIN;
    const figures = figuresOf(runOf([...TWENTY, submit(20, { status: 500, code: '<script>' })]));
    const verdicts = judge([{ planned, figures }], [], FLOOR);
    const html = reportHtml({
      profile: 'base',
      startedAt: '2026-01-05T15:00:00.000Z',
      machine: { cores: 2, processor: 'cpu', memoryGigabytes: 4, node: 'v20', platform: 'linux x64' },
      floor: FLOOR,
      capacity: { ordersPerSecond: 30, seconds: 10 },
      baseRatePerSecond: 3,
      delay: { latencyMs: 10, jitterMs: 3 },
      phases: [{ planned, figures }],
      verdicts,
      ok: false,
    });
    assert.doesNotMatch(html, /<script|src=|href=|NaN|undefined/);
    for (const { what } of verdicts) assert.ok(html.includes(what), what);
    assert.equal([...html.matchAll(/<svg /g)].length, 3);
  });
});
