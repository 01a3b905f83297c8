// Goal: every kind of event is decided in every state, and every state can be reached. Method: read the table, and
// drive real orders into each state and through each report.
import assert from 'node:assert/strict';
import { decide } from '../../../domain/order/decide';
import { REPORT_KINDS, type ReportKind } from '../../../domain/order/execution-report';
import type { OrderCommand } from '../../../domain/order/order-commands';
import { LIFECYCLE_STATES, type LifecycleState } from '../../../domain/order/order-types';
import {
  OWN_ACTS,
  TRANSITIONS,
  type OrderEventKind,
  type OwnAct,
} from '../../../domain/order/transition-table';
import { d, OrderUnderTest, report, routedOrder, SIGHTING, TERMS, workingOrder } from './order-fixture';

const KINDS: readonly OrderEventKind[] = [...OWN_ACTS, ...REPORT_KINDS];

function settledOrder(): OrderUnderTest {
  const order = inState('filled');
  const fillIds = order.state.fills.map(({ fillId }) => fillId);
  order.run({ type: 'settleFills', fillIds, settlementDate: '2025-03-04' });
  return order;
}

function inState(state: LifecycleState): OrderUnderTest {
  const order = state === 'new' || state === 'validated' ? new OrderUnderTest() : routedOrder();
  if (state === 'validated') order.run({ type: 'recordValidated', terms: { ...TERMS, hold: 'trigger' } });
  if (state === 'partiallyFilled') order.fill('f1', '40');
  if (state === 'filled') order.fill('f1', '100');
  if (state === 'settled') return settledOrder();
  if (state === 'rejected' || state === 'cancelled' || state === 'expired')
    order.report(state, { execId: 'end' });
  if (state === 'unknown') order.run({ type: 'markUnknown', reason: 'time-out' });
  return order;
}

const COMMAND_OF: Record<OwnAct, (order: OrderUnderTest) => OrderCommand> = {
  validate: () => ({ type: 'recordValidated', terms: TERMS }),
  deny: () => ({ type: 'recordDenied', rejectedBy: 'risk', reasons: [] }),
  reserve: () => ({ type: 'recordReserved', riskVersion: 2, limitVersion: 1 }),
  route: () => ({ type: 'recordRouted' }),
  hold: () => ({ type: 'hold', until: 'release' }),
  release: (order) => {
    order.run({ type: 'hold', until: 'release' });
    return { type: 'release', by: 'ann' };
  },
  trigger: (order) => {
    order.run({ type: 'hold', until: 'trigger' });
    return { type: 'trigger', version: 1, sighting: SIGHTING };
  },
  cancelRequest: () => ({ type: 'requestCancel', requestId: 'r', by: 'ann' }),
  replaceRequest: () => ({ type: 'requestReplace', requestId: 'r', by: 'ann', quantity: d('200') }),
  denyRequest: () => ({ type: 'denyRequest', requestId: 'r', by: 'ann', kind: 'cancel', reasons: [] }),
  endLocally: () => ({ type: 'endLocally', how: 'cancelled', by: 'ann' }),
  markUnknown: () => ({ type: 'markUnknown', reason: 'time-out' }),
  resolveUnknown: () => ({ type: 'resolveUnknown', by: 'ops', evidence: 'call', outcome: 'working' }),
  settle: (order) => ({
    type: 'settleFills',
    fillIds: order.state.fills.map(({ fillId }) => fillId),
    settlementDate: '2025-03-04',
  }),
};

function reportFor(kind: ReportKind) {
  const execution = { lastQty: d('10'), lastPx: d('10') };
  const reference = kind === 'bust' || kind === 'correct' ? { execRefId: 'f1' } : {};
  return report(kind, { execId: 'probe', ...execution, ...reference });
}

describe('transition table', () => {
  it('decides every kind of event in every state, in whole sentences where it is odd', () => {
    for (const kind of KINDS) {
      assert.deepEqual(Object.keys(TRANSITIONS[kind]).sort(), [...LIFECYCLE_STATES].sort(), kind);
      for (const transition of Object.values(TRANSITIONS[kind])) {
        const reason = 'refuse' in transition ? transition.because : (transition.alarm ?? 'None.');
        assert.match(reason, /^[A-Z].+\.$/);
      }
    }
    assert.equal(Object.keys(TRANSITIONS).length, KINDS.length);
  });

  it('never refuses a report', () => {
    for (const kind of REPORT_KINDS) {
      for (const state of LIFECYCLE_STATES)
        assert.ok(!('refuse' in TRANSITIONS[kind][state]), `${kind} ${state}`);
    }
  });

  it('reaches every state', () => {
    for (const state of LIFECYCLE_STATES) assert.equal(inState(state).state.state, state);
  });

  for (const state of LIFECYCLE_STATES) {
    it(`takes every report in state ${state}, once, and raises what the table calls odd`, () => {
      for (const kind of REPORT_KINDS) {
        const order = inState(state);
        const command: OrderCommand = { type: 'applyReport', report: reportFor(kind) };
        assert.equal(order.run(command), undefined, kind);
        const transition = TRANSITIONS[kind][state];
        if ('alarm' in transition) assert.ok(order.anomalies().includes('INVALID_TRANSITION'), kind);
        if ('to' in transition && LIFECYCLE_STATES.includes(transition.to as LifecycleState)) {
          assert.equal(order.state.state, transition.to, kind);
        }
        if ('to' in transition && transition.to === 'stay') assert.equal(order.state.state, state, kind);
        assert.equal(order.run(command)?.duplicate, true, kind);
      }
    });

    it(`answers every act of ours in state ${state} as the table says`, () => {
      for (const act of OWN_ACTS) {
        const order = inState(state);
        const transition = TRANSITIONS[act][state];
        const hasNothingToSettle = act === 'settle' && order.state.fills.every(({ settled }) => settled);
        if (hasNothingToSettle) continue;
        const command = COMMAND_OF[act](order);
        const decision = decide(order.state, command);
        assert.equal(decision.ok, !('refuse' in transition), `${act}: ${JSON.stringify(decision)}`);
        if (!decision.ok && 'refuse' in transition)
          assert.equal(decision.refusal.code, transition.refuse, act);
      }
    });
  }

  it('counts a late fill of a cancelled or expired order without an alarm, and keeps the state', () => {
    for (const end of ['cancelled', 'expired'] as const) {
      const order = workingOrder();
      order.report(end, { execId: 'end' });
      order.fill('late', '40');
      assert.equal(order.state.state, end);
      assert.equal(order.state.fills.length, 1);
      assert.deepEqual(order.anomalies(), []);
    }
  });
});
