import type { OrderView } from '../order/order-view';
import { isAnswered, isListDone, isRefusedAtEntry } from './leg-facts';
import type { ListAlert } from './list-alerts';
import type { Contingency } from '../order/list-membership';
import type { LegEntry, LegPhase, ListState } from './list-types';

/** FIX 4.4 ListOrderStatus(431) by name in camelCase. */
export type ListOrderStatus =
  'receivedForExecution' | 'executing' | 'cancelling' | 'alert' | 'allDone' | 'reject';

/** FIX ContingencyType(1385) by name in camelCase; `none` where the order depends on nothing. */
export type ContingencyType =
  'none' | 'oneCancelsTheOther' | 'oneTriggersTheOther' | 'oneUpdatesTheOtherAbsolute';

export interface LegView {
  clientOrderId: string;
  orderId: string;
  contingencyType: ContingencyType;
  phase: LegPhase;
  /** How it was answered as it came in; null while it waits. */
  entry: LegEntry | null;
  /** The order as it last told its list; absent for one that never was. */
  order?: OrderView;
}

/** The list as clients see it: the public contract of GET /v1/lists/{listId}. */
export interface ListView {
  listId: string;
  account: string;
  contingency: Contingency;
  listOrderStatus: ListOrderStatus;
  cancelledBy: string | null;
  alerts: ListAlert[];
  orders: LegView[];
  workflowId: string;
}

/** The list without the views of its orders, which are kept by themselves. */
export type ListOutline = Omit<ListView, 'orders'> & { orders: Omit<LegView, 'order'>[] };

export function outlineOf({ orders, ...list }: ListView): ListOutline {
  return { ...list, orders: orders.map(({ order: _own, ...leg }) => leg) };
}

/** The list as clients see it; a function of the state alone. */
export function toListView(list: ListState, workflowId: string): ListView {
  const { request, legs, cancel, alerts } = list;
  return {
    listId: request.listId,
    account: request.account,
    contingency: request.contingency,
    listOrderStatus: listOrderStatusOf(list),
    cancelledBy: cancel?.by ?? null,
    alerts,
    orders: legs.map(({ orderId, phase, entry, order }, index) => ({
      clientOrderId: request.orders[index]?.clientOrderId ?? '',
      orderId,
      contingencyType: contingencyTypeOf(request.contingency, index),
      phase,
      entry: entry ?? null,
      ...(order !== undefined && { order }),
    })),
    workflowId,
  };
}

function listOrderStatusOf(list: ListState): ListOrderStatus {
  if (isRefusedAtEntry(list)) return 'reject';
  if (isListDone(list)) return list.alerts.length > 0 ? 'alert' : 'allDone';
  if (list.cancel !== undefined) return 'cancelling';
  if (list.alerts.length > 0) return 'alert';
  return isAnswered(list) ? 'executing' : 'receivedForExecution';
}

function contingencyTypeOf(contingency: Contingency, leg: number): ContingencyType {
  switch (contingency) {
    case 'none':
      return 'none';
    case 'oco':
      return 'oneCancelsTheOther';
    case 'ouo':
      return 'oneUpdatesTheOtherAbsolute';
    case 'oto':
      return 'oneTriggersTheOther';
    case 'bracket':
      return leg === 0 ? 'oneTriggersTheOther' : 'oneUpdatesTheOtherAbsolute';
  }
}
