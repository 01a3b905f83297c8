import type { Db, Filter } from 'mongodb';
import { collection, type OrderEventRecord, type OrderRecord } from '../collections';
import { orderLogOf } from '../keys';
import { fromStored, type Stored } from '../decimal128';
import { afterCursor, pageLimit, toPage, type Page, type PageRequest } from './page';
import { upcastEvent } from '../../domain/order/upcast-event';
import type { OrderEvent } from '../../domain/order/order-events';
import type { OrderView } from '../../domain/order/order-view';

type OrderRow = Stored<OrderRecord> & { _id: string };

export interface OrderFilter extends PageRequest {
  /** Only orders of these accounts; undefined for all. */
  accounts?: readonly string[] | undefined;
  clientOrderId?: string | undefined;
  state?: string | undefined;
  symbol?: string | undefined;
}

export interface EventFilter extends PageRequest {
  orderId: string;
}

/** The stored view without what only storage knows. */
export function orderViewOf(row: OrderRow): OrderView {
  const { _id, schemaVersion, ...view } = fromStored<OrderRecord>(row);
  void [_id, schemaVersion];
  return view;
}

export async function findOrder(db: Db, orderId: string): Promise<OrderView | undefined> {
  const row = await collection<OrderRecord>(db, 'orders').findOne({ _id: orderId });
  return row === null ? undefined : orderViewOf(row);
}

export async function findOrderByClientId(
  db: Db,
  account: string,
  clientOrderId: string,
): Promise<OrderView | undefined> {
  const row = await collection<OrderRecord>(db, 'orders').findOne({
    account,
    clientOrderId,
  } as Filter<OrderRow>);
  return row === null ? undefined : orderViewOf(row);
}

/** Newest first. Throws InvalidCursorError. */
export async function listOrders(db: Db, filter: OrderFilter): Promise<Page<OrderView>> {
  const { accounts, clientOrderId, state, symbol, cursor } = filter;
  const limit = pageLimit(filter);
  const condition = {
    ...(accounts !== undefined && { account: { $in: [...accounts] } }),
    ...(clientOrderId !== undefined && { clientOrderId }),
    ...(state !== undefined && { state }),
    ...(symbol !== undefined && { symbol }),
    ...afterCursor('createdAt', -1, cursor),
  } as Filter<OrderRow>;
  const rows = await collection<OrderRecord>(db, 'orders')
    .find(condition)
    .sort({ createdAt: -1, _id: -1 })
    .limit(limit + 1)
    .toArray();
  return toPage(rows, limit, (row) => [row.createdAt, row._id], orderViewOf);
}

/** The event log of one order, oldest first. Throws InvalidCursorError. */
export async function listEvents(db: Db, filter: EventFilter): Promise<Page<OrderEvent>> {
  const { orderId, cursor } = filter;
  const limit = pageLimit(filter);
  // Ids of one order sort as the events happened, so its log is one range of the primary key.
  const range = orderLogOf(orderId);
  const condition = { $and: [range, afterCursor('orderId', 1, cursor)] } as Filter<
    Stored<OrderEventRecord> & { _id: string }
  >;
  const rows = await collection<OrderEventRecord>(db, 'orderEvents')
    .find(condition)
    .sort({ _id: 1 })
    .limit(limit + 1)
    .toArray();
  return toPage(rows, limit, (row) => [row.orderId, row._id], eventOf);
}

/** The stored event in the newest version. */
export function eventOf(row: Stored<OrderEventRecord> & { _id: string }): OrderEvent {
  const { _id: _, ...event } = fromStored<OrderEventRecord>(row);
  return upcastEvent(event);
}
