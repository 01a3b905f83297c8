import { ordStatusOf } from './ord-status';
import { isGoodTill } from './evolve-execution';
import { dayAvgPxOf, orderQuantities } from './order-quantities';
import type { Fill, OrderState } from './order-types';
import type { FillView, OrderView } from './order-view';

/** The order as clients see it; a function of the state alone, so that view = fold of the events. */
export function toOrderView(state: OrderState): OrderView {
  const { request } = state;
  const quantities = orderQuantities(state);
  return {
    orderId: state.orderId,
    clientOrderId: request.clientOrderId,
    account: request.account,
    symbol: request.symbol,
    side: request.side,
    type: request.type,
    timeInForce: request.timeInForce,
    quantity: state.quantity,
    limitPrice: state.limitPrice ?? null,
    stopPrice: state.stopPrice ?? null,
    expireAt: request.expireAt ?? null,
    state: state.state,
    ordStatus: ordStatusOf(state),
    rejectedBy: state.rejectedBy ?? null,
    reasons: state.reasons,
    cumQty: quantities.cumQty,
    leavesQty: quantities.leavesQty,
    avgPx: quantities.avgPx,
    settledQty: quantities.settledQty,
    dayOrderQty: quantities.dayOrderQty,
    dayCumQty: quantities.dayCumQty,
    overfillQty: quantities.overfillQty,
    venue: state.terms?.venue ?? request.venue ?? null,
    enteredBy: state.enteredBy,
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
    sequence: state.sequence,
    workflowId: state.workflowId,
    clOrdId: state.clOrdId,
    venueOrderId: state.venueOrderId ?? null,
    ...(state.traceId !== undefined && { traceId: state.traceId }),
    ...(state.list !== undefined && { listId: state.list.listId, contingency: state.list.contingency }),
    ...(state.build !== undefined && { build: state.build }),
    ...(isGoodTill(state) && { dayAvgPx: dayAvgPxOf(state) }),
    ...venueTermsOf(state),
    ...waitOf(state),
  };
}

/** Terms that only orders have which the venue works in a way of its own. */
function venueTermsOf({ request, terms }: OrderState): Partial<OrderView> {
  const { displayQuantity, pegPriceType, pegOffset } = request;
  return {
    ...(displayQuantity !== undefined && { displayQuantity }),
    ...(pegPriceType !== undefined && { pegPriceType }),
    ...(pegOffset !== undefined && { pegOffset }),
    ...(terms?.endsAt !== undefined && { endsAt: terms.endsAt }),
  };
}

/** What concerns only orders that waited here, or wait for a price; nothing for all others. */
function waitOf({ request, held, taken }: OrderState): Partial<OrderView> {
  const { triggerPriceType, trailingOffset, trailingOffsetType } = request;
  return {
    ...(triggerPriceType !== undefined && { triggerPriceType }),
    ...(trailingOffset !== undefined && { trailingOffset }),
    ...(trailingOffsetType !== undefined && { trailingOffsetType }),
    ...(held !== undefined && { held: { until: held.until, since: held.since } }),
    ...(taken !== undefined && {
      triggeredAt: taken.at,
      triggerPrice: taken.price,
      triggerMissed: taken.missed,
    }),
  };
}

function toFillView(state: OrderState, fill: Fill): FillView {
  const { request } = state;
  return {
    fillId: fill.fillId,
    orderId: state.orderId,
    account: request.account,
    symbol: request.symbol,
    side: request.side,
    quantity: fill.quantity,
    price: fill.price,
    fee: fill.fee,
    venue: state.terms?.venue ?? request.venue ?? '',
    execId: fill.execId,
    status: fill.status,
    executedAt: fill.executedAt,
    tradeDate: fill.tradeDate,
    settlementDate: fill.settlementDate,
    settled: fill.settled,
    ...(fill.settledAs !== undefined && { settledAs: fill.settledAs }),
    marketTime: fill.marketTime ?? null,
  };
}

/** Every fill of the order, busted ones too, in the order in which they were booked. */
export function toFillViews(state: OrderState): FillView[] {
  return state.fills.map((fill) => toFillView(state, fill));
}

/**
 * Fills that `after` has and `before` has not, or has otherwise. Ledgers keep untouched fills by reference and
 * never reorder them, so identity decides.
 */
export function changedFills(before: OrderState | undefined, after: OrderState): Fill[] {
  if (before?.fills === after.fills) return [];
  return after.fills.filter((fill, index) => before?.fills[index] !== fill);
}
