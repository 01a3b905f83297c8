import { add } from '../../../domain/money/decimal';
import { leavesOf, visibleOf, workingPrice, type BookedOrder } from './book-types';
import type { WireLevel, WireOrderView } from '../protocol';

/** An order as the venue shows it to its users. */
export function viewOf(order: BookedOrder): WireOrderView {
  const { account, clientRef, symbol, side, type, timeInForce } = order.terms;
  const { displayQuantity, pegPriceType, pegOffset } = order.terms;
  return {
    venueOrderId: order.venueOrderId,
    clOrdId: order.clOrdId,
    entryClOrdId: order.entryClOrdId,
    ...(account !== undefined && { account }),
    ...(clientRef !== undefined && { clientRef }),
    symbol,
    side,
    type,
    timeInForce,
    quantity: order.quantity,
    ...(order.limitPrice !== undefined && { limitPrice: order.limitPrice }),
    status: order.status,
    open: order.open,
    cumQty: order.cumQty,
    leavesQty: leavesOf(order),
    enteredAt: order.enteredAt,
    ...(order.expiresAt !== undefined && { expiresAt: order.expiresAt }),
    ...(order.auction !== undefined && { auction: order.auction }),
    ...(displayQuantity !== undefined && { displayQuantity }),
    ...(order.open && order.shown !== undefined && { shownQty: visibleOf(order) }),
    ...(pegPriceType !== undefined && { pegPriceType }),
    ...(pegOffset !== undefined && { pegOffset }),
    ...(order.open && order.pegPrice !== undefined && { pegPrice: order.pegPrice }),
  };
}

/** The users' orders of one side by price, best first; market orders show no price and are left out. */
export function levelsOf(ranked: readonly BookedOrder[]): WireLevel[] {
  const levels: WireLevel[] = [];
  for (const order of ranked) {
    const price = workingPrice(order);
    if (price === undefined) continue;
    const last = levels.at(-1);
    if (last?.price === price) last.size = add(last.size, visibleOf(order));
    else levels.push({ price, size: visibleOf(order) });
  }
  return levels;
}
