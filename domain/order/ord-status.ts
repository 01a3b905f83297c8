import { ZERO } from '../money/decimal';
import { cumQtyOf, isFilled } from './order-quantities';
import type { OrderState, OrdStatus } from './order-types';

/**
 * FIX 4.4's precedence of OrdStatus, highest first: when several conditions hold at once, the first one is shown.
 * `replaced` is a FIX 4.2 status that 4.4 shows as the status below it, so it never appears here.
 */
const PRECEDENCE: readonly { status: OrdStatus; holds: (state: OrderState) => boolean }[] = [
  { status: 'pendingCancel', holds: (state) => state.pending.some(({ kind }) => kind === 'cancel') },
  { status: 'pendingReplace', holds: (state) => state.pending.some(({ kind }) => kind === 'replace') },
  { status: 'doneForDay', holds: (state) => state.doneForDay },
  { status: 'calculated', holds: (state) => state.calculated },
  { status: 'filled', holds: isFilled },
  { status: 'stopped', holds: (state) => state.stopped },
  { status: 'suspended', holds: (state) => state.suspended },
  { status: 'canceled', holds: (state) => state.ended === 'canceled' },
  { status: 'expired', holds: (state) => state.ended === 'expired' },
  { status: 'partiallyFilled', holds: (state) => cumQtyOf(state) !== ZERO },
  { status: 'rejected', holds: (state) => state.ended === 'rejected' },
  { status: 'new', holds: (state) => state.acknowledged || state.takenToHold === true },
];

/** FIX OrdStatus(39) of an order, derived and never stored. */
export function ordStatusOf(state: OrderState): OrdStatus {
  return PRECEDENCE.find(({ holds }) => holds(state))?.status ?? 'pendingNew';
}
