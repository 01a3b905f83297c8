import type { ReportKind } from './execution-report';
import type { OrderState } from './order-types';

/** FIX 4.4 ExecType(150) by name in camelCase. */
export type ExecType =
  | 'pendingNew'
  | 'new'
  | 'rejected'
  | 'trade'
  | 'tradeCorrect'
  | 'tradeCancel'
  | 'pendingCancel'
  | 'canceled'
  | 'pendingReplace'
  | 'replaced'
  | 'restated'
  | 'doneForDay'
  | 'suspended'
  | 'stopped'
  | 'triggeredOrActivatedBySystem'
  | 'calculated'
  | 'expired';

/** Refused requests are another FIX message (OrderCancelReject) and leave the last ExecType as it was. */
const EXEC_TYPE_OF_REPORT: Record<Exclude<ReportKind, 'cancelRejected' | 'replaceRejected'>, ExecType> = {
  accepted: 'new',
  rejected: 'rejected',
  fill: 'trade',
  pendingCancel: 'pendingCancel',
  cancelled: 'canceled',
  pendingReplace: 'pendingReplace',
  replaced: 'replaced',
  restated: 'restated',
  doneForDay: 'doneForDay',
  suspended: 'suspended',
  stopped: 'stopped',
  triggered: 'triggeredOrActivatedBySystem',
  calculated: 'calculated',
  expired: 'expired',
  bust: 'tradeCancel',
  correct: 'tradeCorrect',
};

/** True for reports that carry an ExecType, as opposed to refused requests. */
export function hasExecType(kind: ReportKind): kind is keyof typeof EXEC_TYPE_OF_REPORT {
  return kind !== 'cancelRejected' && kind !== 'replaceRejected';
}

/** What happened last, as FIX says it: the last report's ExecType, or our own word before the venue spoke. */
export function execTypeOf(state: OrderState): ExecType {
  const kind = state.lastReportKind;
  if (kind !== undefined && hasExecType(kind)) return EXEC_TYPE_OF_REPORT[kind];
  if (state.ended === 'canceled') return 'canceled';
  if (state.ended !== undefined) return state.ended;
  if (state.taken !== undefined) return 'triggeredOrActivatedBySystem';
  return state.takenToHold === true ? 'new' : 'pendingNew';
}
