import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { constantly, type PhasePlan } from '../../tools/load/generator';
import { figuresOf, type PhaseFigures } from '../../tools/load/figures';
import { judge, verdictText } from '../../tools/load/judge';
import { phasesOf, type PlannedPhase } from '../../tools/load/profiles';
import { LoadSession } from '../../tools/load/session';
import { startLoadedSystem, type LoadedSystem } from '../../tools/load/system';
import { ApiClient } from '../support/api-client';
import type { Latency } from '../../tools/load/figures';

// Goal: at a tenth of capacity, at ten times that, on a slow connection and far above capacity, nothing is lost or
// doubled, refusals are orderly, cancels go through and the backlog goes away.
// Method: one system with proxies in its connections, the real generator, short phases of `npm run load`, and its own
// thresholds, which are ratios to what this machine does in this run. All of it is checked once more at the end.
const BASE_SECONDS = 6;
const PEAK_SECONDS = 4;
const ORDERS_PER_SECOND_MIN = 2;
const OVERLOAD_FACTOR = 6;
const OVERLOAD_SECONDS = 5;
const IN_FLIGHT_MAX = 60;

describe('the system under load', function () {
  this.timeout(150_000);
  let system: LoadedSystem;
  let session: LoadSession;
  let floor: Latency;
  let capacityPerSecond: number;
  let basePerSecond: number;
  const judged: { planned: PlannedPhase; figures: PhaseFigures }[] = [];

  before(async () => {
    // A smaller bound than the default shows in seconds what the default shows in a minute.
    system = await startLoadedSystem({ STEADFILL_SUBMITS_IN_FLIGHT_MAX: String(IN_FLIGHT_MAX) });
    session = await LoadSession.open(system);
    floor = await session.floor(20);
    capacityPerSecond = (await session.capacity(1_500, 4_000)).ordersPerSecond;
    basePerSecond = Math.max(ORDERS_PER_SECOND_MIN, capacityPerSecond / 10);
  });
  after(async () => {
    await session?.close();
    await system?.stop();
  });

  const runAll = async (phases: readonly PlannedPhase[]): Promise<PhaseFigures[]> => {
    const own = [];
    for (const planned of phases) own.push({ planned, figures: figuresOf(await session.run(planned)) });
    judged.push(...own);
    const breaches = judge(own, [], floor).filter(({ ok }) => !ok);
    assert.deepEqual(breaches.map(verdictText), []);
    return own.map(({ figures }) => figures);
  };

  it('answers a base load within small multiples of the floor', async () => {
    const [base] = await runAll(
      phasesOf('base', { baseRatePerSecond: basePerSecond, seconds: BASE_SECONDS }),
    );
    assert.ok((base?.acknowledged ?? 0) >= 10, `${base?.acknowledged} orders were acknowledged`);
    assert.ok(
      (base?.read.count ?? 0) > 0 && (base?.cancels.accepted ?? 0) > 0,
      'reads and cancels took part',
    );
  });

  it('takes ten times as much for some seconds and comes back', async () => {
    const [hill] = phasesOf('peak', { baseRatePerSecond: capacityPerSecond / 10, seconds: PEAK_SECONDS });
    assert.ok(hill);
    const [peak] = await runAll([hill]);
    const most = Math.max(...(peak?.moments.map(({ arrivals }) => arrivals) ?? []));
    assert.ok(most >= capacityPerSecond * 0.7, `${most} orders arrived in the busiest second`);
  });

  it('costs a delayed connection only the round trips of the design', async () => {
    const [base] = judged;
    assert.ok(base, 'the base load is what the delay is compared with');
    const disturbance = { link: 'worker-mongodb', kind: 'delay' } as const;
    const plan = constantly('delay-worker-mongodb', basePerSecond, BASE_SECONDS);
    const planned: PlannedPhase = { plan, disturbance, isOverload: false };
    const figures = figuresOf(await session.run(planned));
    judged.push({ planned, figures });
    const verdicts = judge([base, { planned, figures }], [], floor);
    assert.equal(verdicts.filter(({ unit }) => unit === 'round trips').length, 2);
    assert.deepEqual(verdicts.filter(({ ok }) => !ok).map(verdictText), []);
    const [quiet, delayed] = [base.figures.risk, figures.risk];
    assert.ok(quiet !== undefined && delayed !== undefined, 'risk was measured inside the worker');
    // The delay must have been there: one round trip at least lies in the risk check.
    assert.ok(delayed.meanMs > quiet.meanMs + 10, `${quiet.meanMs} to ${delayed.meanMs} ms`);
  });

  it('refuses early what is too much, and still cancels', async () => {
    const client = new ApiClient(system.described.apiUrl, system.target.key);
    const resting = await client.submit({
      clientOrderId: `overload-${Date.now()}`,
      account: 'ACC-1',
      symbol: 'IBM',
      side: 'buy',
      type: 'limit',
      quantity: '10',
      limitPrice: '168.00',
      timeInForce: 'gtc',
    });
    assert.equal(resting.status, 201);
    const plan: PhasePlan = {
      ...constantly('overload', capacityPerSecond * OVERLOAD_FACTOR, OVERLOAD_SECONDS, 800),
      readsPerOrder: 0,
    };
    const cancelled = new Promise((wake) => setTimeout(wake, (OVERLOAD_SECONDS - 1) * 1_000)).then(() =>
      client.cancel(resting.body.order.orderId),
    );
    const [overload] = await runAll([{ plan, isOverload: true }]);
    assert.equal((await cancelled).status, 202, 'a cancel in the middle of it goes through');
    await client.reach(resting.body.order.orderId, ['cancelled']);
    assert.ok((overload?.refused ?? 0) > 0, 'some orders were refused');
    assert.equal(overload?.refusedWithoutRetryAfter, 0);
    assert.ok((overload?.acknowledged ?? 0) > 0, 'others were taken');
  });

  it('has every order once and in its right final state, here and at the venue', async () => {
    // Views against histories take longer than all of this; `npm run load` and test/chaos compare them.
    const findings = await session.verify(false);
    const breaches = judge(judged, findings, floor).filter(({ ok, phase }) => !ok && phase === 'in the end');
    assert.deepEqual(breaches.map(verdictText), []);
  });
});
