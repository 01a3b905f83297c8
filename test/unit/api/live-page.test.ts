import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { Counter, Registry } from 'prom-client';
import { parseExposition, type Sample } from '../../../api/ops/live/exposition';
import { LiveSampler } from '../../../api/ops/live/live-sampler';
import { readProcesses } from '../../../api/ops/live/process-reader';
import { Snapshot } from '../../../api/ops/live/snapshot';
import { summarise } from '../../../api/ops/live/summarise';
import type { SystemState } from '../../../api/ops/monitor/system-monitor';
import type { Money } from '../../../domain/money/decimal';
import { METRICS } from '../../../observability/metrics/catalog';

// Goal: what the live page says follows from what processes and servers say, restarts and silences included.
// Method: texts as Prometheus would read them, snapshots of them at given times, and the summary that they make.
const ACK = METRICS.orderAcknowledgement.name;
const WANT_ALL = (): boolean => true;

function ackText(counts: Record<string, number>, build = 'b1'): string {
  let total = 0;
  const lines = Object.entries(counts).map(([bound, count]) => {
    total = Math.max(total, count);
    return `${ACK}_bucket{outcome="accepted",build="${build}",le="${bound}"} ${count}`;
  });
  return [...lines, `${ACK}_count{outcome="accepted",build="${build}"} ${total}`, ''].join('\n');
}

const snapshot = (atMs: number, process: string, text: string, cause?: string): Snapshot =>
  new Snapshot(atMs, [
    { process, samples: parseExposition(text, WANT_ALL), ...(cause !== undefined && { cause }) },
  ]);

describe('the text of Prometheus', () => {
  it('is read as prom-client writes it, whatever is in a label', async () => {
    const registry = new Registry();
    const odd = 'a "quoted" \\ back\nslash, {brace} x="y"';
    const counter = new Counter({
      name: 'odd_total',
      help: 'h',
      labelNames: ['label'],
      registers: [registry],
    });
    counter.inc({ label: odd }, 2.5);
    const [sample] = parseExposition(await registry.metrics(), WANT_ALL);
    assert.deepEqual(sample, { name: 'odd_total', labels: { label: odd }, value: 2.5 } satisfies Sample);
  });

  it('keeps what is wanted and leaves out what is no sample', () => {
    const text = '# HELP a b\na 1\n\nb{x="1"} +Inf\nnot a sample at all\nc{y="2"} 3 1700000000000\n';
    const names = parseExposition(text, (name) => name !== 'a').map(({ name, value }) => [name, value]);
    assert.deepEqual(names, [
      ['b', Number.POSITIVE_INFINITY],
      ['c', 3],
    ]);
  });
});

describe('a comparison of two moments', () => {
  it('tells growth, also after a restart, and none of a process that was silent', () => {
    const first = snapshot(0, 'api', 'orders_total{a="1"} 10\norders_total{a="2"} 5\n');
    const grown = snapshot(
      1_000,
      'api',
      'orders_total{a="1"} 14\norders_total{a="2"} 5\norders_total{a="3"} 1\n',
    );
    assert.equal(grown.grown('orders_total', first), 5);
    assert.equal(grown.grown('orders_total', first, { a: '1' }), 4);
    const restarted = snapshot(2_000, 'api', 'orders_total{a="1"} 3\n');
    assert.equal(restarted.grown('orders_total', grown), 3);
    const silent = snapshot(2_500, 'api', '', 'no answer');
    assert.equal(restarted.grown('orders_total', silent), 0);
    assert.equal(silent.covers(restarted), false);
    assert.equal(grown.covers(restarted), true);
  });

  it('interpolates quantiles of what was observed between', () => {
    const before = snapshot(0, 'api', ackText({ '0.1': 100, '0.2': 100, '+Inf': 100 }));
    const now = snapshot(1_000, 'api', ackText({ '0.1': 100, '0.2': 200, '+Inf': 200 }));
    const found = now.quantiles(ACK, before, [0.5, 1]);
    assert.equal(found?.count, 100);
    assert.ok(Math.abs((found?.quantiles[0] ?? 0) - 0.15) < 1e-9);
    assert.ok(Math.abs((found?.quantiles[1] ?? 0) - 0.2) < 1e-9);
    assert.equal(now.quantiles(ACK, now, [0.5]), undefined, 'nothing was observed');
    const beyond = snapshot(2_000, 'api', ackText({ '0.1': 100, '0.2': 200, '+Inf': 300 }));
    assert.equal(
      beyond.quantiles(ACK, now, [0.99])?.quantiles[0],
      0.2,
      'no more than the last bound is known',
    );
  });
});

describe('reading the processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steadfill-live-'));
  let mute: Server;
  before(async () => {
    mute = createServer(() => undefined);
    await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done));
  });
  after(() => {
    mute.close();
    rmSync(folder, { recursive: true });
  });

  it('says of each silent process why', async () => {
    const { port } = mute.address() as AddressInfo;
    const closing = createServer();
    await new Promise<void>((done) => closing.listen(0, '127.0.0.1', done));
    const closed = (closing.address() as AddressInfo).port;
    await new Promise((done) => closing.close(done));
    const targetsFile = join(folder, 'targets.json');
    const target = (host: string, instance: string) => ({ targets: [host], labels: { instance } });
    writeFileSync(
      targetsFile,
      JSON.stringify([target(`127.0.0.1:${port}`, 'hung'), target(`127.0.0.1:${closed}`, 'gone')]),
    );
    const own = { name: 'api', text: async () => `${METRICS.processCpu.name} 0.5\n` };
    const readings = await readProcesses({ targetsFile, own });
    const causes = readings.map(({ process, cause }) => [process, cause]);
    assert.deepEqual(causes, [
      ['hung', 'no answer within 1 s'],
      ['gone', 'not listening'],
      ['api', undefined],
    ]);
  }).timeout(10_000);

  it('shows this process alone where no file names targets, or it is damaged', async () => {
    const damaged = join(folder, 'damaged.json');
    writeFileSync(damaged, '[{');
    const own = { name: 'api', text: async () => '' };
    for (const targetsFile of [join(folder, 'absent.json'), damaged]) {
      assert.deepEqual(await readProcesses({ targetsFile, own }), [{ process: 'api', samples: [] }]);
    }
  });

  it('compares with a moment at which all answered, and keeps a bounded past', async () => {
    let nowMs = 0;
    let orders = 0;
    const own = { name: 'api', text: async () => ackText({ '0.1': orders, '+Inf': orders }) };
    const sampler = new LiveSampler({ targetsFile: join(folder, 'absent.json'), own }, () => nowMs);
    assert.equal(sampler.before(await sampler.newest(), 60_000), undefined);
    for (let step = 0; step < 1_000; step += 1) {
      nowMs += 2_000;
      orders += 20;
      await sampler.newest();
    }
    const newest = await sampler.newest();
    const compared = sampler.before(newest, 60_000);
    const windowMs = newest.atMs - (compared?.atMs ?? 0);
    assert.ok(windowMs >= 60_000 && windowMs <= 70_000, `the window is ${windowMs} ms`);
    const history = sampler.history();
    assert.ok(history.length > 100 && history.length <= 160, `${history.length} points`);
    assert.ok(history.every(({ ordersPerSecond }) => Math.abs(ordersPerSecond - 10) < 1e-9));
  });
});

describe('the verdict', () => {
  const healthy: SystemState = {
    atMs: 60_000,
    queues: {
      ok: true,
      value: [{ queue: 'orders', kind: 'workflow', backlog: 0, backlogAgeSeconds: 0, pollers: 1 }],
    },
    stuck: { ok: true, value: { new: 0, validated: 0, unknown: 0 } },
    builds: { ok: true, value: [{ buildId: 'b1', role: 'current', rampPercent: 95, status: 'current' }] },
    openOrders: {
      ok: true,
      value: { new: 0, validated: 0, routed: 4, partiallyFilled: 0, filled: 0, unknown: 0 },
    },
    reservedCash: { ok: true, value: { USD: '12.50' as Money } },
    reconciliation: {
      ok: true,
      value: { breaks: { unbalancedAssets: [], reservations: 0, unmatchedReports: 0 }, checkedAtMs: 50_000 },
    },
  };
  const venueUp = `${METRICS.venueSessionUp.name}{venue="XSIM"} 1\n`;
  const summaryOf = (state: SystemState, text = venueUp, cause?: string) =>
    summarise({
      state,
      now: snapshot(60_000, 'worker-execution', text, cause),
      before: snapshot(0, 'worker-execution', venueUp),
      history: [],
      venues: ['XSIM'],
    });

  it('is good when all is well', () => {
    const { verdict, ordersPerSecond, reservedCash } = summaryOf(healthy);
    assert.deepEqual(verdict, { level: 'good', problems: [] });
    assert.equal(ordersPerSecond, 0);
    assert.deepEqual(reservedCash, { ok: true, value: [{ currency: 'USD', amount: '12.50' }] });
  });

  it('gives the share of answers by build beside what Temporal routes', () => {
    const text = `${venueUp}${ackText({ '0.1': 90, '+Inf': 90 })}${ackText({ '0.1': 10, '+Inf': 10 }, 'b2')}`;
    const builds = summaryOf(healthy, text).builds.map((build) => [
      build.buildId,
      build.routedPercent,
      build.sharePercent,
    ]);
    assert.deepEqual(builds, [
      ['b1', 95, 90],
      ['b2', null, 10],
    ]);
  });

  const troubles: [string, Partial<SystemState>, string | undefined, RegExp][] = [
    [
      'Temporal is away',
      { queues: { ok: false, cause: 'no connection' } },
      undefined,
      /Temporal cannot be asked: no connection/,
    ],
    [
      'MongoDB is away',
      { openOrders: { ok: false, cause: 'gone' } },
      undefined,
      /MongoDB cannot be asked: gone/,
    ],
    [
      'orders are stuck',
      { stuck: { ok: true, value: { new: 0, validated: 3, unknown: 0 } } },
      undefined,
      /3 orders have been validated/,
    ],
    [
      'no worker polls',
      {
        queues: {
          ok: true,
          value: [{ queue: 'orders', kind: 'workflow', backlog: 9, backlogAgeSeconds: 30, pollers: 0 }],
        },
      },
      undefined,
      /No worker asks the task queue orders/,
    ],
    [
      'a session is down',
      {},
      `${METRICS.venueSessionUp.name}{venue="XSIM"} 0\n`,
      /session with XSIM is down/,
    ],
    [
      'the ledger is not zero',
      {
        reconciliation: {
          ok: true,
          value: {
            breaks: { unbalancedAssets: ['USD'], reservations: 0, unmatchedReports: 0 },
            checkedAtMs: 1,
          },
        },
      },
      undefined,
      /ledger does not sum to zero in USD/,
    ],
  ];
  for (const [what, change, text, says] of troubles) {
    it(`is bad and says so when ${what}`, () => {
      const { verdict } = summaryOf({ ...healthy, ...change }, text);
      assert.equal(verdict.level, 'bad');
      assert.match(verdict.problems[0]?.text ?? '', says);
    });
  }

  it('does not take silence for good news', () => {
    const { verdict, venues } = summaryOf(healthy, '', 'no answer within 1 s');
    assert.match(verdict.problems[0]?.text ?? '', /worker-execution does not answer: no answer within 1 s/);
    assert.equal(venues[0]?.session, 'unknown');
  });
});
