import { ZERO } from '../money/decimal';
import type { ExecutionReport } from './execution-report';
import { awaitsSettlement } from './fill-ledger';
import { cumQtyOf, isFilled, openQtyOf } from './order-quantities';
import type { LifecycleState, OrderState } from './order-types';
import { TRANSITIONS, type Target } from './transition-table';

const DUPLICATE_ORDER_REASON = '6';
const UNKNOWN_ORDER_REASON = '1';

const STATE_OF_END = { canceled: 'cancelled', expired: 'expired', rejected: 'rejected' } as const;

/**
 * The state that the facts of an order at the venue amount to. `settled` needs a full fill with every live fill
 * settled, and no replace on its way that would re-open it.
 */
export function lifecycleByFacts(state: OrderState): LifecycleState {
  if (state.ended !== undefined) return STATE_OF_END[state.ended];
  if (!isFilled(state)) return cumQtyOf(state) === ZERO ? 'routed' : 'partiallyFilled';
  const isSettled = !state.fills.some(awaitsSettlement);
  return isSettled && openQtyOf(state) === ZERO ? 'settled' : 'filled';
}

/** The state that `target` means for an order whose facts are already those after the event. */
export function resolveTarget(target: Exclude<Target, 'byOutcome'>, state: OrderState): LifecycleState {
  if (target === 'stay') return state.state;
  // Days have passed: what a bust takes from a settled order does not come to life again.
  if (target === 'byFacts' && state.state === 'settled' && !isFilled(state)) return 'settled';
  return target === 'byFacts' ? lifecycleByFacts(state) : target;
}

/** A transition as reports have them: always possible, and never in need of another's word. */
export interface ReportTransition {
  to: Exclude<Target, 'byOutcome'>;
  effect: 'apply' | 'note';
  alarm?: string;
}

/** The transition of a venue report, with the two reasons that turn a refusal into a statement about the order. */
export function transitionOfReport(state: OrderState, report: ExecutionReport): ReportTransition {
  // "Duplicate order" about an order that is, or may be, at the venue refuses our repeat and not the order (F.1.a).
  const isKnownThere = state.acknowledged || state.state === 'unknown';
  if (report.kind === 'rejected' && report.reason === DUPLICATE_ORDER_REASON && isKnownThere) {
    return { to: state.state === 'unknown' ? 'byFacts' : 'stay', effect: 'note' };
  }
  // "Unknown order" as the answer to a request proves nothing that would end the doubt.
  const isRefusal = report.kind === 'cancelRejected' || report.kind === 'replaceRejected';
  if (state.state === 'unknown' && isRefusal && report.reason === UNKNOWN_ORDER_REASON) {
    return { to: 'stay', effect: 'apply' };
  }
  // What a bust took from a settled order is over, and a venue that says so breaks no rule.
  const isEnd = report.kind === 'cancelled' || report.kind === 'expired';
  if (isEnd && state.state === 'settled' && !isFilled(state)) return { to: 'stay', effect: 'note' };
  const transition = TRANSITIONS[report.kind][state.state];
  if ('refuse' in transition || transition.to === 'byOutcome') {
    throw new Error(`the table has no report transition for ${report.kind} in ${state.state}`);
  }
  return { ...transition, to: transition.to };
}
