// Goal: the transition table changes only on purpose. Method: it stands here once more, as text, and every word of it
// is compared; a change is made twice, and the second time somebody reads what it means.
import assert from 'node:assert/strict';
import { LIFECYCLE_STATES } from '../../../domain/order/order-types';
import { TRANSITIONS, type OrderEventKind, type Transition } from '../../../domain/order/transition-table';

// One word a state, in the order of LIFECYCLE_STATES: new, validated, routed, partiallyFilled, filled, settled,
// rejected, cancelled, expired, unknown. `~` notes and does not apply, `!` raises an alarm; refusals have short names.
const WRITTEN: Record<OrderEventKind, string> = {
  validate: 'validated invalid invalid invalid invalid invalid invalid invalid invalid invalid',
  deny: 'rejected rejected invalid invalid invalid invalid invalid invalid invalid invalid',
  reserve: 'invalid stay stay stay stay stay stay stay stay stay',
  hold: 'invalid stay invalid invalid invalid invalid invalid invalid invalid invalid',
  release: 'invalid stay invalid invalid invalid invalid invalid invalid invalid invalid',
  trigger: 'invalid stay invalid invalid invalid invalid invalid invalid invalid invalid',
  route: 'invalid routed invalid invalid invalid invalid invalid invalid invalid byFacts',
  cancelRequest: 'stay stay stay stay closed closed closed closed closed stay',
  replaceRequest: 'notOpen stay stay stay stay closed closed closed closed notOpen',
  denyRequest: 'stay stay stay stay stay stay stay stay stay stay',
  endLocally: 'byOutcome byOutcome invalid invalid invalid invalid invalid invalid invalid invalid',
  markUnknown: 'invalid unknown unknown invalid invalid invalid invalid invalid invalid invalid',
  resolveUnknown: 'known known known known known known known known known byOutcome',
  settle: 'stay stay stay byFacts byFacts byFacts stay stay stay stay',
  accepted: 'stay~! byFacts byFacts byFacts byFacts stay~ stay~! stay~ stay~ byFacts',
  rejected: 'stay~! rejected rejected rejected! stay~! stay~! stay~ stay~! stay~! rejected',
  fill: 'stay! byFacts byFacts byFacts byFacts byFacts! stay! stay stay byFacts',
  pendingCancel: 'stay~! byFacts byFacts byFacts byFacts stay~ stay~! stay~ stay~ byFacts',
  cancelled: 'stay~! cancelled cancelled cancelled stay~! stay~! stay~! stay~ stay~ cancelled',
  cancelRejected: 'stay~! stay byFacts byFacts byFacts stay~ stay~! stay~ stay~ byFacts',
  pendingReplace: 'stay~! byFacts byFacts byFacts byFacts stay~ stay~! stay~ stay~ byFacts',
  replaced: 'stay~! byFacts byFacts byFacts byFacts stay~! stay~! stay~ stay~ byFacts',
  replaceRejected: 'stay~! stay byFacts byFacts byFacts stay~ stay~! stay~ stay~ byFacts',
  restated: 'stay~! byFacts byFacts byFacts byFacts stay~! stay~! stay~! stay~! byFacts',
  doneForDay: 'stay~! byFacts byFacts byFacts byFacts stay~ stay~! stay~ stay~ byFacts',
  suspended: 'stay~! byFacts byFacts byFacts byFacts stay~ stay~! stay~ stay~ byFacts',
  stopped: 'stay~! byFacts byFacts byFacts byFacts stay~ stay~! stay~ stay~ byFacts',
  triggered: 'stay~! byFacts byFacts byFacts byFacts stay~ stay~! stay~ stay~ byFacts',
  calculated: 'stay~! byFacts byFacts byFacts byFacts stay~ stay~! stay~ stay~ byFacts',
  expired: 'stay~! expired expired expired stay~! stay~! stay~! stay~ stay~ expired',
  bust: 'stay! byFacts byFacts byFacts byFacts stay stay! stay stay byFacts',
  correct: 'stay! byFacts byFacts byFacts byFacts stay stay! stay stay byFacts',
};

const SHORT: Record<string, string> = {
  INVALID_TRANSITION: 'invalid',
  ORDER_CLOSED: 'closed',
  ORDER_NOT_OPEN: 'notOpen',
  OUTCOME_NOT_UNKNOWN: 'known',
};

function wordOf(transition: Transition): string {
  if ('refuse' in transition) return SHORT[transition.refuse] ?? transition.refuse;
  assert.ok(['apply', 'note'].includes(transition.effect));
  return `${transition.to}${transition.effect === 'note' ? '~' : ''}${'alarm' in transition ? '!' : ''}`;
}

describe('transition table, written out', () => {
  for (const [kind, words] of Object.entries(WRITTEN)) {
    it(`has the row ${kind}`, () => {
      const row = TRANSITIONS[kind as OrderEventKind];
      assert.equal(LIFECYCLE_STATES.map((state) => wordOf(row[state])).join(' '), words);
    });
  }
});
