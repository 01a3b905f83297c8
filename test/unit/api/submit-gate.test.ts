import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SubmitGate, WINDOW_MS, type Admission } from '../../../api/order-entry/submit-gate';

const LIMITS = { inFlightMax: 400, waitMsMax: 2_000 };

/** A gate on a clock of its own. */
function gateAt(limits = LIMITS) {
  let nowMs = 0;
  const gate = new SubmitGate(
    limits,
    () => nowMs,
    () => 0.5,
  );
  const enter = (): (() => void) => {
    const admission = gate.enter();
    assert.ok(admission.ok);
    return admission.done;
  };
  const pass = (ms: number, loopLagMs = 0): void => {
    for (let passed = 0; passed < ms; passed += WINDOW_MS) {
      nowMs += WINDOW_MS;
      gate.turnWindow(loopLagMs);
    }
  };
  /** `count` at once that are answered together after `waitMs`. */
  const round = (count: number, waitMs: number): void => {
    const dones = Array.from({ length: count }, enter);
    nowMs += waitMs;
    for (const done of dones) done();
    gate.turnWindow(0);
  };
  return { gate, enter, pass, round };
}

const refusalOf = (admission: Admission) => {
  assert.equal(admission.ok, false);
  return admission.refusal;
};

describe('the gate of new orders', () => {
  it('never lets in more than the hard limit, and says 429 then', () => {
    const { gate, enter } = gateAt({ inFlightMax: 3, waitMsMax: 2_000 });
    const dones = [enter(), enter(), enter()];
    assert.deepEqual([refusalOf(gate.enter()).code, gate.inFlight()], ['OVERLOADED', 3]);
    dones[0]?.();
    assert.ok(gate.enter().ok);
  });

  it('grows with its use to the hard limit while answers are quick', () => {
    const { gate, round } = gateAt();
    for (let turn = 0; turn < 8; turn += 1) round(gate.inFlightLimit(), 500);
    assert.equal(gate.inFlightLimit(), LIMITS.inFlightMax);
  });

  it('does not grow while nobody comes near it', () => {
    const { gate, round } = gateAt();
    const before = gate.inFlightLimit();
    for (let turn = 0; turn < 8; turn += 1) round(2, 50);
    assert.equal(gate.inFlightLimit(), before);
  });

  it('lets fewer in while answers are late, and those it lets in are answered in time then', () => {
    const { gate, round } = gateAt();
    // A system that answers 40 a second: the wait grows with those that are in.
    const perSecond = 40;
    for (let turn = 0; turn < 12; turn += 1)
      round(gate.inFlightLimit(), (gate.inFlightLimit() / perSecond) * 1_000);
    assert.ok(gate.inFlightLimit() <= 1.25 * 2 * perSecond, `limit ${gate.inFlightLimit()}`);
    assert.ok(gate.inFlightLimit() >= perSecond, `limit ${gate.inFlightLimit()}`);
  });

  it('closes when nothing is answered any more, before the first is lost, and opens when answers come', () => {
    const { gate, enter, pass } = gateAt();
    const dones = Array.from({ length: 30 }, enter);
    assert.ok(gate.enter().ok);
    pass(LIMITS.waitMsMax + WINDOW_MS);
    const { reason, code } = refusalOf(gate.enter());
    assert.deepEqual([code, ['silence', 'latency'].includes(reason)], ['TOO_BUSY', true]);
    for (const done of dones) done();
    assert.ok(gate.enter().ok);
  });

  it('is not closed by one straggler among answers that come', () => {
    const { gate, enter, round } = gateAt();
    enter();
    for (let turn = 0; turn < 40; turn += 1) round(8, 200);
    assert.ok(gate.enter().ok);
    assert.ok(gate.inFlightLimit() >= 100);
  });

  it('forgets trouble that is long past', () => {
    const { gate, enter, pass } = gateAt();
    const done = enter();
    pass(10_000);
    assert.ok(gate.inFlightLimit() < 20);
    done();
    pass(60_000);
    assert.ok(gate.inFlightLimit() >= 100);
  });

  it('sheds while this process itself is starved for longer, but for a few', () => {
    const { gate, enter, pass } = gateAt();
    const dones = Array.from({ length: 15 }, enter);
    pass(2 * WINDOW_MS, 1_000);
    dones.push(enter());
    assert.equal(refusalOf(gate.enter()).reason, 'eventLoop');
    pass(WINDOW_MS);
    pass(WINDOW_MS, 1_000);
    assert.ok(gate.enter().ok, 'one late window is no starvation');
    for (const done of dones) done();
  });

  it('advises a time after which the work that is in will be done, spread and bounded', () => {
    const advised = (random: number): number => {
      let nowMs = 0;
      const gate = new SubmitGate(
        { inFlightMax: 40, waitMsMax: 60_000 },
        () => nowMs,
        () => random,
      );
      const dones: (() => void)[] = [];
      const fill = (): void => {
        for (let admission = gate.enter(); admission.ok; admission = gate.enter()) dones.push(admission.done);
      };
      // Ten answers a second, and always forty in.
      for (let turn = 0; turn < 80; turn += 1) {
        fill();
        nowMs += WINDOW_MS;
        dones.shift()?.();
        if (turn % 2 === 0) dones.shift()?.();
        dones.shift()?.();
        gate.turnWindow(0);
      }
      fill();
      return refusalOf(gate.enter()).retryAfterSeconds;
    };
    const [soonest, latest] = [advised(0), advised(0.99)];
    assert.ok(soonest >= 4 && soonest <= 5, `soonest ${soonest}`);
    assert.ok(latest >= 8 && latest <= 9, `latest ${latest}`);
  });
});
