import { maximum, subtract, ZERO, type Price, type Quantity } from '../money/decimal';
import { averagePrice, dayTotals, ledgerTotals, leftOf } from './fill-ledger';
import type { OrderState } from './order-types';

/** All quantities of an order, computed from its fills and terms; none of them is stored. */
export interface OrderQuantities {
  orderQty: Quantity;
  cumQty: Quantity;
  /** What may still trade: 0 once the order ended, however much was left. */
  leavesQty: Quantity;
  /** Average price of the live fills; 0 without any. */
  avgPx: Price;
  settledQty: Quantity;
  /** What of orderQty is for the present trading day, and what of that traded (good-till orders). */
  dayOrderQty: Quantity;
  dayCumQty: Quantity;
  /** What the venue filled beyond orderQty. */
  overfillQty: Quantity;
}

export function cumQtyOf(state: OrderState): Quantity {
  return ledgerTotals(state.fills).cumQty;
}

/** Average price of what traded on the present trading day; 0 while nothing did (FIX 426, for good-till orders). */
export function dayAvgPxOf({ day, fills }: OrderState): Price {
  return averagePrice(dayTotals(fills, day.number ?? 1));
}

/** True when the live fills reach the order quantity. */
export function isFilled(state: OrderState): boolean {
  const cumQty = cumQtyOf(state);
  return cumQty !== ZERO && leftOf(state.quantity, cumQty) === ZERO;
}

/**
 * LeavesQty. Ended, calculated and settled orders have none; a good-till order that is done for day keeps its
 * leaves, while a day order that is done for day has ended (FIX D27, A.1.b).
 */
export function leavesQtyOf(state: OrderState): Quantity {
  if (state.ended !== undefined || state.calculated || state.state === 'settled') return ZERO;
  return leftOf(state.quantity, cumQtyOf(state));
}

export function orderQuantities(state: OrderState): OrderQuantities {
  const totals = ledgerTotals(state.fills);
  const dayCumQty = subtract(totals.cumQty, state.day.baseCumQty);
  return {
    orderQty: state.quantity,
    cumQty: totals.cumQty,
    leavesQty: leavesQtyOf(state),
    avgPx: averagePrice(totals),
    settledQty: totals.settledQty,
    dayOrderQty: subtract(state.quantity, state.day.baseCumQty),
    dayCumQty,
    overfillQty: leftOf(totals.cumQty, state.quantity),
  };
}

/**
 * The most that may still trade, whichever of the requests in flight the venue accepts: what is left of the order
 * now, or under a pending replace. Risk holds this much, not less.
 */
export function openQtyOf(state: OrderState): Quantity {
  if (state.ended !== undefined || state.state === 'settled') return ZERO;
  const cumQty = cumQtyOf(state);
  const quantities = state.pending.map((request) => request.quantity ?? state.quantity);
  return leftOf(quantities.reduce(maximum, state.quantity), cumQty);
}
