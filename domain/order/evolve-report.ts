import { maximum } from '../money/decimal';
import { hasExecType } from './exec-type';
import type { ExecutionReport, ReportKind } from './execution-report';
import { applyCorrection, applyFill, applyStopped, isGoodTill, withLedger } from './evolve-execution';
import { restateLedger } from './fill-ledger';
import { resolveTarget, transitionOfReport } from './lifecycle';
import { cumQtyOf, isFilled } from './order-quantities';
import type { OrderState, PendingRequest } from './order-types';
import { seenEntry } from './report-identity';
import { isSuperseded, pendingRequest } from './request-chain';
import type { Target } from './transition-table';

const REASON_CORPORATE_ACTION = '0';
const REASON_RENEWAL = '1';

type Apply = (state: OrderState, report: ExecutionReport, answered: PendingRequest | undefined) => OrderState;

const acknowledge: Apply = (state) => ({ ...state, acknowledged: true });

const APPLY: Record<ReportKind, Apply> = {
  // An acknowledgement after a suspension is the venue's way to reinstate the order (FIX K.1.a).
  accepted: (state) => ({ ...state, acknowledged: true, suspended: false }),
  rejected: (state, report) => ({
    ...ended(state, 'rejected'),
    rejectedBy: 'venue',
    reasons: [...state.reasons, rejectionOf(report)],
  }),
  fill: applyFill,
  pendingCancel: acknowledge,
  cancelled: (state, _report, answered) => ({
    ...ended(state, 'canceled'),
    ...(answered !== undefined && { clOrdId: answered.clOrdId }),
  }),
  cancelRejected: (state) => state,
  pendingReplace: acknowledge,
  replaced: applyReplaced,
  replaceRejected: (state) => state,
  restated: applyRestated,
  doneForDay: (state) => endedUnlessGoodTill({ ...state, acknowledged: true, doneForDay: true }),
  suspended: (state) => ({ ...state, acknowledged: true, suspended: true }),
  stopped: applyStopped,
  triggered: (state) => ({ ...state, acknowledged: true, triggered: true }),
  calculated: (state) => endedUnlessGoodTill({ ...state, acknowledged: true, calculated: true }),
  expired: (state) => ended(state, 'expired'),
  bust: applyCorrection,
  correct: applyCorrection,
};

/** The order after a report, as the transition table says; `report` is canonical and was not applied before. */
export function applyReport(state: OrderState, report: ExecutionReport): OrderState {
  const transition = transitionOfReport(state, report);
  const answered = pendingRequest(state, report.clOrdId);
  let next = answerRequests(state, report);
  if (transition.effect === 'apply') next = APPLY[report.kind](next, report, answered);
  if (report.kind === 'cancelled' || report.kind === 'expired') next = withoutConditions(next);
  const moved = moveTo(transition.to, {
    ...next,
    seenReports: [...state.seenReports, seenEntry(report, 'applied')],
    ...(transition.effect === 'apply' && hasExecType(report.kind) && { lastReportKind: report.kind }),
    ...(report.venueOrderId !== undefined && { venueOrderId: report.venueOrderId }),
  });
  // Whatever ends the doubt without ending the order shows that the venue has it.
  const isProven = state.unknown !== undefined && moved.unknown === undefined && moved.ended === undefined;
  return isProven ? { ...moved, acknowledged: true } : moved;
}

/** The venue's word that the order is over ends its pauses (done for day, suspended) and its guarantee as well. */
function withoutConditions(state: OrderState): OrderState {
  const { stoppedUntilCumQty: _void, ...rest } = state;
  return { ...rest, doneForDay: false, suspended: false, stopped: false };
}

/** Puts an order with its new facts into the state that the table names, and drops what the state makes void. */
export function moveTo(target: Exclude<Target, 'byOutcome'>, facts: OrderState): OrderState {
  const state = resolveTarget(target, facts);
  const isOver = facts.ended !== undefined || state === 'settled';
  const next = withoutHoldOnceGone({ ...facts, state, pending: isOver ? [] : facts.pending });
  if (next.unknown === undefined || state === 'unknown') return next;
  const { unknown: _resolved, ...known } = next;
  return known;
}

/** Only an order that is ready to be sent waits here; whatever else became of it ends the wait. */
function withoutHoldOnceGone(state: OrderState): OrderState {
  if (state.held === undefined || (state.state === 'validated' && state.ended === undefined)) return state;
  const { held: _over, ...rest } = state;
  return rest;
}

/** Sets the end of an order; the first word about how it ended stands. */
export function ended(state: OrderState, how: 'canceled' | 'expired' | 'rejected'): OrderState {
  return { ...state, ended: state.ended ?? how };
}

/** What is not good-till has no next day: whatever is left of it has lapsed. */
function endedUnlessGoodTill(state: OrderState): OrderState {
  return isGoodTill(state) || isFilled(state) ? state : ended(state, 'expired');
}

function rejectionOf(report: ExecutionReport) {
  const code = report.reason === undefined ? '' : `reason=${report.reason} `;
  return {
    code: 'VENUE_REJECTED',
    message: `${code}${report.text ?? ''}`.trim() || 'The venue gave no reason.',
  };
}

/** Takes from a report what it says about requests in flight. Requests are matched by their ClOrdID alone. */
function answerRequests(state: OrderState, report: ExecutionReport): OrderState {
  const { clOrdId, kind } = report;
  switch (kind) {
    case 'pendingCancel':
    case 'pendingReplace':
      return {
        ...state,
        pending: state.pending.map((request) =>
          request.clOrdId === clOrdId ? { ...request, stage: 'pending' as const } : request,
        ),
      };
    case 'cancelRejected':
    case 'replaceRejected':
    case 'replaced':
      return { ...state, pending: state.pending.filter((request) => request.clOrdId !== clOrdId) };
    case 'cancelled':
      return { ...state, pending: state.pending.filter((request) => request.kind !== 'cancel') };
    default:
      return state;
  }
}

/**
 * The new terms come into force with their ClOrdID. Executions span all versions of the order, so its quantity never
 * falls below what was filled. A replace that was overtaken by a later one of the chain changes nothing any more.
 */
function applyReplaced(
  state: OrderState,
  report: ExecutionReport,
  answered: PendingRequest | undefined,
): OrderState {
  const acknowledged = { ...state, acknowledged: true, suspended: false };
  if (isSuperseded(state, report.clOrdId)) return acknowledged;
  const withTerms = setTerms(acknowledged, { ...requestedTerms(answered), ...termsOf(report) });
  return answered === undefined ? withTerms : { ...withTerms, clOrdId: answered.clOrdId };
}

interface NamedTerms {
  orderQty?: OrderState['quantity'];
  limitPrice?: NonNullable<OrderState['limitPrice']>;
  stopPrice?: NonNullable<OrderState['stopPrice']>;
}

function requestedTerms(request: PendingRequest | undefined): NamedTerms {
  if (request?.kind !== 'replace') return {};
  return termsOf({ ...request, ...(request.quantity !== undefined && { orderQty: request.quantity }) });
}

/** The terms that a report names; what it leaves out stays as it was, or as requested. */
export function termsOf({ orderQty, limitPrice, stopPrice }: NamedTerms): NamedTerms {
  return {
    ...(orderQty !== undefined && { orderQty }),
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
  };
}

function setTerms(state: OrderState, { orderQty, ...prices }: NamedTerms): OrderState {
  const quantity = orderQty === undefined ? state.quantity : maximum(orderQty, cumQtyOf(state));
  return { ...state, ...prices, quantity };
}

/** Unsolicited new terms; renewals and corporate actions of good-till orders also start their next trading day. */
function applyRestated(state: OrderState, report: ExecutionReport): OrderState {
  const isSplit = report.reason === REASON_CORPORATE_ACTION && report.orderQty !== undefined;
  let next: OrderState = { ...state, acknowledged: true, suspended: false };
  if (isSplit && report.orderQty !== undefined && report.orderQty !== state.quantity) {
    next = withLedger(next, restateLedger(state.fills, state.quantity, report.orderQty));
  }
  next = setTerms(next, termsOf(report));
  const startsDay =
    report.reason === REASON_RENEWAL ||
    report.reason === REASON_CORPORATE_ACTION ||
    (state.doneForDay && report.reason === undefined);
  return startsDay && isGoodTill(state) ? startDay(next, report.tradeDate) : next;
}

function startDay(state: OrderState, tradeDate: string | undefined): OrderState {
  const { tradeDate: _yesterday, ...day } = state.day;
  const number = (state.day.number ?? 1) + 1;
  const today = { ...day, number, ...(tradeDate !== undefined && { tradeDate }) };
  return { ...state, day: { ...today, baseCumQty: cumQtyOf(state) }, doneForDay: false, calculated: false };
}
