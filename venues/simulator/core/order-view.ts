import { leavesOf, type BookedOrder } from './book-types';
import type { WireOrderView } from '../protocol';

/** An order as the venue shows it to its users. */
export function viewOf(order: BookedOrder): WireOrderView {
  const { account, clientRef, symbol, side, type, timeInForce } = order.terms;
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
  };
}
