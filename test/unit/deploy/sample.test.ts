import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import fc from 'fast-check';
import { orderEvidence } from '../../../tools/deploy/canary/order-evidence';
import { allocateSample, spreadOver } from '../../../tools/deploy/gates/allocate-sample';

// Goal: the replay sample leaves no group of orders out, and a history gives the evidence that is in it.
// Method: laws over all sizes of groups, and recorded histories, whole and with events that failures leave.

const HISTORIES = resolve(__dirname, '../../replay/histories');
const counts = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 30 });

describe('sample of open orders', () => {
  it('takes from every group, never more than there is, and as many as it may', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 300 }), (groups, sampleMax) => {
        const quotas = allocateSample(groups, sampleMax);
        for (const [index, count] of groups.entries()) {
          const quota = quotas[index] ?? 0;
          assert.ok(quota <= count);
          assert.equal(quota > 0, count > 0);
        }
        const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
        const filled = groups.filter((count) => count > 0).length;
        assert.equal(sum(quotas), Math.min(sum(groups), Math.max(sampleMax, filled)));
      }),
    );
  });

  it('takes more from larger groups', () => {
    assert.deepEqual(allocateSample([1_000, 100, 1, 0], 12), [10, 1, 1, 0]);
  });

  it('spreads over a group without taking a member twice', () => {
    fc.assert(
      fc.property(fc.nat(3_000), fc.nat(300), (count, quota) => {
        const places = spreadOver(count, quota);
        assert.equal(places.length, Math.min(count, quota));
        assert.equal(new Set(places).size, places.length);
        for (const place of places) assert.ok(place >= 0 && place < count);
      }),
    );
  });
});

describe('evidence of a history', () => {
  type Events = { eventType: string; [field: string]: unknown }[];
  const read = (file: string, change: (events: Events) => void = () => undefined) => {
    const stored = JSON.parse(readFileSync(resolve(HISTORIES, file), 'utf8')) as { events: Events };
    change(stored.events);
    return orderEvidence(historyFromJSON(stored));
  };

  it('has the time to the answer and that of risk, in seconds', () => {
    const { acknowledgement, risk, taskFailed } = read('v1-filled-settled.json');
    assert.ok(acknowledgement !== undefined && Math.abs(acknowledgement - 0.38229) < 0.0001);
    assert.ok(risk !== undefined && Math.abs(risk - 0.028593) < 0.0001);
    assert.equal(taskFailed, false);
  });

  it('says nothing of risk when risk was not asked', () => {
    const denied = read('v1-denied-by-validation.json');
    assert.equal(denied.risk, undefined);
    assert.ok(denied.acknowledgement !== undefined);
  });

  it('tells a task that failed from one that was only given back', () => {
    const failing = (cause: string) => (events: Events) =>
      void events.push({
        eventId: '900',
        eventType: 'EVENT_TYPE_WORKFLOW_TASK_FAILED',
        workflowTaskFailedEventAttributes: { cause },
      });
    const file = 'v1-filled-settled.json';
    assert.equal(read(file, failing('WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR')).taskFailed, true);
    assert.equal(read(file, failing('WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND')).taskFailed, false);
    const timingOut = (timeoutType: string) => (events: Events) =>
      void events.push({
        eventId: '900',
        eventType: 'EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT',
        workflowTaskTimedOutEventAttributes: { timeoutType },
      });
    assert.equal(read(file, timingOut('TIMEOUT_TYPE_START_TO_CLOSE')).taskFailed, true);
    assert.equal(read(file, timingOut('TIMEOUT_TYPE_SCHEDULE_TO_START')).taskFailed, false);
  });
});
