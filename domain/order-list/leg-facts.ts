import { isPositive, sum, ZERO, type Quantity } from '../money/decimal';
import type { LegState, ListState } from './list-types';

/** What an order of the list has filled, so far as it has told. */
export function filledQtyOf(leg: LegState | undefined): Quantity {
  return leg?.order?.cumQty ?? ZERO;
}

export function hasFills(leg: LegState | undefined): boolean {
  return isPositive(filledQtyOf(leg));
}

/** True once the order will not trade, whether or not it ever could. */
export function isOver(leg: Pick<LegState, 'phase'> | undefined): boolean {
  return leg?.phase === 'ended' || leg?.phase === 'notBegun';
}

/** What the other orders of `legs` have filled. */
export function filledByOthers(legs: readonly LegState[], own: LegState): Quantity {
  return sum(legs.filter((leg) => leg !== own).map(filledQtyOf));
}

/** The orders of the list that depend on the first one: all but it. */
export function childrenOf({ legs }: ListState): LegState[] {
  return legs.slice(1);
}

/** True when one order was refused as it came in, so that a contingent list as a whole is. */
export function isRefusedAtEntry({ request, legs }: ListState): boolean {
  if (request.contingency === 'none') return false;
  return legs.some(({ entry }) => entry === 'denied' || entry === 'conflict' || entry === 'lost');
}

/** True once each order of the list has its answer, and the others are out again where one was refused. */
export function isAnswered(list: ListState): boolean {
  if (!list.legs.every(({ entry }) => entry !== undefined)) return false;
  return !isRefusedAtEntry(list) || list.legs.every(isOver);
}

/** True once no order of the list will trade and none owes an answer. */
export function isListDone({ legs }: ListState): boolean {
  return legs.every((leg) => isOver(leg));
}
