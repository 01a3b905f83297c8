import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { EarlySteps } from '../../../workers/early-steps';

// Goal: who begins steps hears when they wait for somebody else, and not at all when there is none to begin. Method: steps that
// write down how far they are.

const asks = (activityType: string, attempt = 1) => ({
  successful: { commands: [{ scheduleLocalActivity: { activityType, activityId: '1', attempt } }] },
});

describe('the beginning of early steps', () => {
  let early: EarlySteps;
  const seen: string[] = [];

  beforeEach(() => {
    seen.length = 0;
    early = new EarlySteps();
    early.activity('step', async () => {
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      await new Promise<void>((resolve) => process.nextTick(resolve));
      seen.push('sent');
      await new Promise<void>(() => undefined);
      seen.push('answered');
    });
  });

  it('is over when they wait for somebody else', async () => {
    await early.begin('run-1', asks('step'));
    assert.deepEqual(seen, ['sent']);
  });

  it('is nothing to wait for where there is none', () => {
    assert.equal(early.begin('run-1', asks('another')), undefined);
    assert.equal(early.begin('run-1', asks('step', 2)), undefined, 'later attempts are not joined');
    assert.equal(early.begin('run-1', {}), undefined);
  });
});
