import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decideCanary, CANARY_RULES } from '../../../tools/deploy/canary/decide';
import { countOf, durationsOf, FINE_BOUNDS, type BuildFigures } from '../../../tools/deploy/canary/figures';
import {
  binomialAtMost,
  chanceOfSoMany,
  quantileBounds,
  shareAtLeast,
  shareAtMost,
} from '../../../tools/deploy/canary/statistics';

// Goal: a bad build is rolled back as soon as figures prove it, a good one is not, and too few figures decide nothing.
// Method: published values and laws for the statistics; simulated ramps with a seeded generator for the decision.

/** Numbers in [0, 1) from a seed: a failing run can be repeated. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Behaviour {
  orders: number;
  rejectShare?: number;
  failShare?: number;
  /** Median latency in seconds. */
  latency?: number;
}

function figuresOf(random: () => number, behaviour: Behaviour, buildId: string): BuildFigures {
  const { orders, rejectShare = 0.05, failShare = 0, latency = 0.05 } = behaviour;
  const draws = Array.from({ length: orders }, () => ({
    rejected: random() < rejectShare,
    failed: random() < failShare,
    // A lognormal tail, as latencies have.
    seconds: latency * Math.exp(0.6 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(6.283 * random())),
  }));
  const rejected = draws.filter((draw) => draw.rejected).length;
  const failed = draws.filter((draw) => draw.failed).length;
  const durations = durationsOf(draws.map(({ seconds }) => seconds));
  return {
    buildId,
    since: '2026-11-25T10:00:00.000Z',
    until: '2026-11-25T10:10:00.000Z',
    orders,
    open: 0,
    failed,
    unanswered: 0,
    rejects: rejected === 0 ? {} : { 'risk:ORDER_VALUE_LIMIT': rejected },
    examined: orders,
    taskFailures: 0,
    acknowledgement: durations,
    risk: durations,
    gaps: [],
  };
}

const decide = (current: Behaviour, candidate: Behaviour, seed = 1) => {
  const random = generator(seed);
  return decideCanary(figuresOf(random, current, 'current'), figuresOf(random, candidate, 'candidate'));
};

describe('canary statistics', () => {
  it('give Fisher’s own chances', () => {
    const tea = (hits: number, other: number) =>
      chanceOfSoMany({ hits, trials: 4 }, { hits: other, trials: 4 });
    assert.ok(Math.abs(tea(4, 0) - 1 / 70) < 1e-12);
    assert.ok(Math.abs(tea(3, 1) - 17 / 70) < 1e-12);
    assert.equal(chanceOfSoMany({ hits: 0, trials: 9 }, { hits: 3, trials: 9 }), 1);
    assert.equal(chanceOfSoMany({ hits: 5, trials: 5 }, { hits: 0, trials: 0 }), 1);
  });

  it('bound shares as Clopper and Pearson do', () => {
    assert.ok(Math.abs(shareAtMost({ hits: 0, trials: 20 }, 0.05) - (1 - 0.05 ** (1 / 20))) < 1e-9);
    assert.ok(Math.abs(shareAtLeast({ hits: 20, trials: 20 }, 0.05) - 0.05 ** (1 / 20)) < 1e-9);
    assert.ok(Math.abs(shareAtLeast({ hits: 1, trials: 10 }, 0.025) - 0.00253) < 1e-5);
    assert.ok(Math.abs(shareAtMost({ hits: 1, trials: 10 }, 0.025) - 0.44502) < 1e-5);
    assert.equal(shareAtMost({ hits: 0, trials: 0 }, 0.05), 1);
  });

  it('keep the laws of chances', () => {
    const share = fc
      .integer({ min: 0, max: 60 })
      .chain((trials) =>
        fc.record({ hits: fc.integer({ min: 0, max: trials }), trials: fc.constant(trials) }),
      );
    fc.assert(
      fc.property(share, share, (a, b) => {
        const chance = chanceOfSoMany(a, b);
        assert.ok(chance > 0 && chance <= 1);
        const unlikelier = chanceOfSoMany(a, { ...b, trials: b.trials + 10 });
        assert.ok(unlikelier <= chance + 1e-9, 'more orders without a hit elsewhere make hits here odder');
        const [least, most] = [shareAtLeast(a, 0.05), shareAtMost(a, 0.05)];
        const ratio = a.trials === 0 ? 0 : a.hits / a.trials;
        assert.ok(least <= ratio + 1e-9 && ratio <= most + 1e-9);
      }),
    );
    assert.ok(Math.abs(binomialAtMost(5, 10, 0.5) - 638 / 1024) < 1e-9);
  });

  it('bound quantiles as often as they say', () => {
    const random = generator(7);
    let missed = 0;
    const runs = 400;
    for (let run = 0; run < runs; run += 1) {
      const durations = durationsOf(Array.from({ length: 60 }, random));
      const { atLeast, atMost } = quantileBounds(durations, 0.5, 0.05);
      if (atLeast > 0.5 || atMost < 0.5) missed += 1;
    }
    assert.ok(missed / runs <= 0.1, `${missed} of ${runs} missed`);
    const few = quantileBounds(durationsOf([0.1, 0.2, 0.3]), 0.95, 0.01);
    assert.equal(few.atMost, Number.POSITIVE_INFINITY, 'three durations say nothing about the top of a tail');
    assert.ok(few.atLeast < 0.2);
    assert.equal(countOf(durationsOf([0, 1, 1_000])), 3);
    assert.ok((FINE_BOUNDS.at(-1) ?? 0) >= 120);
  });
});

describe('canary decision', () => {
  it('takes back a build that refuses everything after a handful of orders', () => {
    const { decision, reasons } = decide({ orders: 95 }, { orders: 5, rejectShare: 1 });
    assert.equal(decision, 'rollback');
    assert.match(reasons.join('\n'), /refused orders: 5 of 5 \(100\.0 %\) of the candidate/);
  });

  it('does not judge one or two orders', () => {
    for (const orders of [0, 1, 2])
      assert.equal(decide({ orders: 40 }, { orders, rejectShare: 1 }).decision, 'hold');
  });

  it('promotes a build that is as good, with enough orders, and explains it in numbers', () => {
    const { decision, reasons } = decide({ orders: 700 }, { orders: 40 });
    assert.equal(decision, 'promote');
    assert.match(reasons.join('\n'), /failed workflows: 0 of 40 \(0\.0 %\).*at most 7\.2 %/);
    assert.match(
      reasons.join('\n'),
      /acknowledgement p95: .* ms, the current build's .* ms, of 40 and 700 orders/,
    );
  });

  it('takes back a build that fails, answers late or meets a new reason to refuse', () => {
    assert.equal(decide({ orders: 400 }, { orders: 40, failShare: 0.3 }).decision, 'rollback');
    assert.equal(decide({ orders: 400 }, { orders: 40, latency: 0.5 }).decision, 'rollback');
    const current = figuresOf(generator(3), { orders: 400, rejectShare: 0.1 }, 'current');
    const candidate = figuresOf(generator(4), { orders: 60, rejectShare: 0 }, 'candidate');
    const other = decideCanary(current, { ...candidate, rejects: { 'validation:UNKNOWN_SYMBOL': 8 } });
    assert.equal(other.decision, 'rollback', 'as many refused, but for another reason');
    const silent = decideCanary(current, { ...candidate, unanswered: 6 });
    assert.equal(silent.decision, 'rollback');
    const stuck = decideCanary(current, { ...candidate, taskFailures: 6 });
    assert.equal(stuck.decision, 'rollback');
  });

  it('holds on a single fault that the current build does not have', () => {
    const figures = (failed: number) => ({ ...figuresOf(generator(5), { orders: 60 }, 'x'), failed });
    const { decision, reasons } = decideCanary(figures(0), figures(1));
    assert.equal(decision, 'hold');
    assert.match(reasons.join('\n'), /failed workflows: 1 of 60/);
    assert.equal(decideCanary(figures(1), figures(1)).decision, 'promote');
  });

  it('does not blame the candidate for what happens to both', () => {
    const halted = decide({ orders: 200, rejectShare: 1 }, { orders: 30, rejectShare: 1 });
    assert.notEqual(halted.decision, 'rollback');
  });

  it('never promotes on figures with gaps', () => {
    const random = generator(9);
    const current = figuresOf(random, { orders: 400 }, 'current');
    const candidate = { ...figuresOf(random, { orders: 60 }, 'candidate'), gaps: ['MongoDB was away'] };
    const { decision, reasons } = decideCanary(current, candidate);
    assert.equal(decision, 'hold');
    assert.deepEqual(reasons, ['the candidate: MongoDB was away']);
  });

  it('judges without a current build only what no build may do', () => {
    assert.equal(decide({ orders: 0 }, { orders: 40 }).decision, 'hold');
    assert.equal(decide({ orders: 0 }, { orders: 40, rejectShare: 1 }).decision, 'rollback');
    assert.equal(decide({ orders: 0 }, { orders: 40, failShare: 0.6 }).decision, 'rollback');
  });

  it('seldom takes back an equal build in twenty looks, and always a much worse one', () => {
    let alarms = 0;
    let caught = 0;
    const ramps = 60;
    for (let seed = 1; seed <= ramps; seed += 1) {
      const looks = Array.from({ length: CANARY_RULES.looksMax }, (_, index) => index + 1);
      const equal = looks.some(
        (look) =>
          decide({ orders: 95 * look }, { orders: 5 * look }, seed * 100 + look).decision === 'rollback',
      );
      if (equal) alarms += 1;
      const worse = looks.some((look) => {
        const bad = { orders: 5 * look, rejectShare: 0.4 };
        return decide({ orders: 95 * look }, bad, seed * 100 + look).decision === 'rollback';
      });
      if (worse) caught += 1;
    }
    assert.ok(alarms <= ramps * CANARY_RULES.falseAlarmMax * 2, `${alarms} false alarms in ${ramps} ramps`);
    assert.equal(caught, ramps);
  }).timeout(120_000);
});
