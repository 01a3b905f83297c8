import { isTriggerType, typeOnceTriggered } from '../../domain/order/hold';
import { isOpen } from '../../domain/order/order-status';
import type { VenueCancel, VenueOrder, VenueReplace } from '../../activities/execution/execution.port';
import type { OrderState, OrderType, PendingRequest } from '../../domain/order/order-types';

/** Something that is to leave the house for the venue. */
export type VenueSend =
  | { kind: 'route'; clOrdId: string }
  | { kind: 'cancel'; clOrdId: string }
  | { kind: 'replace'; clOrdId: string };

/**
 * What is to be sent next, as a function of the order alone: the order itself while it was never sent, else the
 * oldest request that the venue has not answered and that was not sent by this run. A run that continues another
 * may send a request again; the gateway and the venue know it by its ClOrdID.
 */
export function nextSend(state: OrderState, alreadySent: readonly string[]): VenueSend | undefined {
  if (state.held !== undefined) return undefined;
  if (state.state === 'validated') return { kind: 'route', clOrdId: state.clOrdId };
  // A request that crossed the last fill still goes out: the venue's "too late" ends it.
  if (state.state === 'unknown' || !(isOpen(state) || state.state === 'filled')) return undefined;
  const pending = state.pending.find(
    (request) => request.stage === 'requested' && !alreadySent.includes(request.clOrdId),
  );
  return pending === undefined ? undefined : { kind: pending.kind, clOrdId: pending.clOrdId };
}

function termsOf(state: OrderState) {
  if (state.terms === undefined) throw new Error('an order that was not validated cannot be sent');
  return state.terms;
}

export function venueOrderOf(state: OrderState): VenueOrder {
  const { request } = state;
  return {
    orderId: state.orderId,
    workflowId: state.workflowId,
    clOrdId: state.clOrdId,
    account: request.account,
    symbol: request.symbol,
    side: request.side,
    type: venueTypeOf(state),
    quantity: state.quantity,
    timeInForce: request.timeInForce,
    settlement: termsOf(state).settlement,
    ...(state.limitPrice !== undefined && { limitPrice: state.limitPrice }),
    ...(state.stopPrice !== undefined && state.taken === undefined && { stopPrice: state.stopPrice }),
    ...(request.expireAt !== undefined && { expireAt: request.expireAt }),
  };
}

/** An order that was triggered here is a market or limit order at the venue, which never hears of the stop. */
function venueTypeOf({ request, taken, limitPrice }: OrderState): OrderType {
  if (taken === undefined || !isTriggerType(request.type)) return request.type;
  return typeOnceTriggered(request.type, limitPrice !== undefined);
}

function pendingOf(state: OrderState, clOrdId: string): PendingRequest {
  const pending = state.pending.find((request) => request.clOrdId === clOrdId);
  if (pending === undefined) throw new Error(`no pending request ${clOrdId}`);
  return pending;
}

export function venueCancelOf(state: OrderState, clOrdId: string): VenueCancel {
  return {
    orderId: state.orderId,
    workflowId: state.workflowId,
    clOrdId,
    origClOrdId: pendingOf(state, clOrdId).origClOrdId,
    symbol: state.request.symbol,
    side: state.request.side,
  };
}

/** A replace repeats the whole order as wanted, because an earlier link of the chain may fail. */
export function venueReplaceOf(state: OrderState, clOrdId: string): VenueReplace {
  const pending = pendingOf(state, clOrdId);
  return {
    ...venueOrderOf(state),
    clOrdId,
    origClOrdId: pending.origClOrdId,
    quantity: pending.quantity ?? state.quantity,
    ...(pending.limitPrice !== undefined && { limitPrice: pending.limitPrice }),
    ...(pending.stopPrice !== undefined && { stopPrice: pending.stopPrice }),
  };
}
