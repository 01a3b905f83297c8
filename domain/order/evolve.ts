import { assertNever } from '../errors/assert-never';
import { ZERO } from '../money/decimal';
import { changeHeldTerms, hold, release, trigger } from './evolve-hold';
import { ended, moveTo, applyReport } from './evolve-report';
import { ORDER_EVENT_VERSION, type OrderEvent, type OrderEventBody } from './order-events';
import { clOrdIdOf } from './order-id';
import type { Fill, OrderState, PendingRequest, UnknownOutcome } from './order-types';
import { seenEntry } from './report-identity';
import { origClOrdIdOf, wantedTerms } from './request-chain';
import { TRANSITIONS, type OwnAct, type Target } from './transition-table';

/**
 * The order after `event`. Never changes its arguments; untouched fills are kept by reference. Throws when the event
 * is not the next one of this order, which is a fault of the caller.
 */
export function evolve(state: OrderState | undefined, event: OrderEvent): OrderState {
  const expectedSeq = (state?.sequence ?? 0) + 1;
  if (event.seq !== expectedSeq) throw new Error(`event seq=${event.seq} is not the expected ${expectedSeq}`);
  if (state === undefined) return received(event);
  if (event.orderId !== state.orderId)
    throw new Error(`event of order ${event.orderId} for ${state.orderId}`);
  return { ...applyEvent(state, event), sequence: event.seq, updatedAt: event.at };
}

/**
 * Gives event bodies their envelope, as the next events of the order. `at` is ISO 8601 UTC; `build` is the build that
 * decided them, null when it has no name.
 */
export function stampEvents(
  state: OrderState | undefined,
  bodies: readonly OrderEventBody[],
  orderId: string,
  at: string,
  build: string | null = null,
): OrderEvent[] {
  const sequence = state?.sequence ?? 0;
  return bodies.map((body, index) => ({
    ...body,
    v: ORDER_EVENT_VERSION,
    orderId,
    seq: sequence + index + 1,
    at,
    build,
  }));
}

/** The order that a whole, gapless log of events tells of. Throws when it is empty or has a gap. */
export function foldOrder(events: readonly OrderEvent[]): OrderState {
  let state: OrderState | undefined;
  for (const event of events) state = evolve(state, event);
  if (state === undefined) throw new Error('an order begins with at least one event');
  return state;
}

function received(event: OrderEvent): OrderState {
  if (event.type !== 'orderReceived') throw new Error(`an order cannot begin with ${event.type}`);
  const { request } = event;
  return {
    orderId: event.orderId,
    workflowId: event.workflowId,
    request,
    enteredBy: event.enteredBy,
    ...(event.traceId !== undefined && { traceId: event.traceId }),
    ...(event.list !== undefined && { list: event.list }),
    ...(event.build !== null && { build: event.build }),
    state: 'new',
    sequence: event.seq,
    createdAt: event.at,
    updatedAt: event.at,
    reasons: [],
    quantity: request.quantity,
    ...(request.limitPrice !== undefined && { limitPrice: request.limitPrice }),
    ...(request.stopPrice !== undefined && { stopPrice: request.stopPrice }),
    clOrdId: clOrdIdOf(event.orderId, 1),
    clOrdIdCount: 1,
    acknowledged: false,
    pending: [],
    fills: [],
    doneForDay: false,
    stopped: false,
    suspended: false,
    calculated: false,
    triggered: false,
    day: { baseCumQty: ZERO },
    riskVersion: 0,
    seenReports: [],
    seenRequests: [],
    anomalies: 0,
  };
}

function applyEvent(state: OrderState, event: OrderEvent): OrderState {
  switch (event.type) {
    case 'orderReceived':
      throw new Error('an order is received once');
    case 'orderValidated':
      return moveTo(targetOf(state, 'validate'), { ...state, terms: event.terms });
    case 'orderDenied': {
      const denied = { ...ended(state, 'rejected'), rejectedBy: event.rejectedBy };
      return moveTo(targetOf(state, 'deny'), { ...denied, reasons: [...state.reasons, ...event.reasons] });
    }
    case 'riskReserved':
      return { ...state, riskVersion: event.riskVersion };
    case 'orderRouted':
      return moveTo(targetOf(state, 'route'), state);
    case 'orderHeld':
      return hold(state, event);
    case 'orderReleased':
      return release(state);
    case 'orderTriggered':
      return trigger(state, event);
    case 'heldTermsChanged':
      return changeHeldTerms(state, event);
    case 'cancelRequested':
    case 'replaceRequested':
      return requested(state, event);
    case 'requestDenied':
      return { ...state, seenRequests: [...state.seenRequests, event.requestId] };
    case 'reportApplied':
      return applyReport(state, event.report);
    case 'anomalyRaised':
      return withAnomaly(state, event);
    case 'endedLocally':
      return event.how === 'cancelled'
        ? moveTo('cancelled', ended(state, 'canceled'))
        : moveTo('expired', ended(state, 'expired'));
    case 'outcomeUnknown': {
      const unknown = { since: event.at, reason: event.reason, resume: state.state };
      return moveTo('unknown', { ...state, unknown });
    }
    case 'outcomeResolved':
      return resolved(state, event.outcome, event.evidence);
    case 'fillsSettled':
      return moveTo(targetOf(state, 'settle'), { ...state, fills: settledFills(state, event.fillIds) });
    default:
      return assertNever(event);
  }
}

/** Where the table sends an act of ours; what it refuses leaves the state alone. */
function targetOf(state: OrderState, act: OwnAct): Exclude<Target, 'byOutcome'> {
  const transition = TRANSITIONS[act][state.state];
  if ('refuse' in transition) return 'stay';
  return transition.to === 'byOutcome' ? 'stay' : transition.to;
}

type Requested = Extract<OrderEvent, { type: 'cancelRequested' | 'replaceRequested' }>;

function requested(state: OrderState, event: Requested): OrderState {
  const terms = event.type === 'replaceRequested' ? { ...wantedTerms(state), ...namedTerms(event) } : {};
  const pending: PendingRequest = {
    kind: event.type === 'cancelRequested' ? 'cancel' : 'replace',
    clOrdId: event.clOrdId,
    origClOrdId: origClOrdIdOf(state),
    requestId: event.requestId,
    by: event.by,
    stage: 'requested',
    ...(event.type === 'cancelRequested' && event.reason !== undefined && { reason: event.reason }),
    ...terms,
  };
  return {
    ...state,
    clOrdIdCount: state.clOrdIdCount + 1,
    pending: [...state.pending, pending],
    seenRequests: [...state.seenRequests, event.requestId],
  };
}

function namedTerms(event: Extract<OrderEvent, { type: 'replaceRequested' }>) {
  return {
    ...(event.quantity !== undefined && { quantity: event.quantity }),
    ...(event.limitPrice !== undefined && { limitPrice: event.limitPrice }),
    ...(event.stopPrice !== undefined && { stopPrice: event.stopPrice }),
  };
}

/** Remembers the report of an anomaly, so that its repeat is one; it was not applied. */
function withAnomaly(state: OrderState, event: Extract<OrderEvent, { type: 'anomalyRaised' }>): OrderState {
  const anomalies = state.anomalies + 1;
  if (event.report === undefined) return { ...state, anomalies };
  return { ...state, anomalies, seenReports: [...state.seenReports, seenEntry(event.report, 'raised')] };
}

function resolved(state: OrderState, outcome: UnknownOutcome, evidence: string): OrderState {
  switch (outcome) {
    case 'working':
      return moveTo('byFacts', { ...state, acknowledged: true });
    case 'notSent':
      // It waits to be sent again, whatever we believed when the doubt came up.
      return moveTo('validated', state);
    case 'rejected': {
      const reasons = [...state.reasons, { code: 'VENUE_REJECTED', message: evidence }];
      return moveTo('byFacts', { ...ended(state, 'rejected'), rejectedBy: 'venue', reasons });
    }
    case 'cancelled':
      return moveTo('byFacts', ended(state, 'canceled'));
    case 'expired':
      return moveTo('byFacts', ended(state, 'expired'));
    default:
      return assertNever(outcome);
  }
}

function settledFills(state: OrderState, fillIds: readonly string[]): Fill[] {
  return state.fills.map((fill) => {
    if (fill.settled || !fillIds.includes(fill.fillId)) return fill;
    const { settledAs: _earlier, ...rest } = fill;
    return { ...rest, settled: true };
  });
}
