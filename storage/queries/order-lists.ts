import type { Db, Filter } from 'mongodb';
import { collection, type OrderRecord } from '../collections';
import type { Stored } from '../decimal128';
import { listRecordId, type ListRecord } from '../list-record';
import { orderViewOf } from './orders';
import { afterCursor, pageLimit, toPage, type Page, type PageRequest } from './page';
import type { ListView } from '../../domain/order-list/list-view';

type ListRow = Stored<ListRecord> & { _id: string };

export interface ListFilter extends PageRequest {
  /** Only lists of these accounts; undefined for all. */
  accounts?: readonly string[] | undefined;
}

/** A list as it was recorded, with its orders where they were asked for. */
export type KeptList = ListView & { createdAt: string; updatedAt: string };

/** The list with its orders as their own views have them now. */
export async function findList(db: Db, account: string, listId: string): Promise<KeptList | undefined> {
  const row = await collection<ListRecord>(db, 'orderLists').findOne({ _id: listRecordId(account, listId) });
  if (row === null) return undefined;
  const list = keptListOf(row);
  const ids = list.orders.map(({ orderId }) => orderId);
  // An order whose id was taken is none of this list.
  const own = { _id: { $in: ids }, listId } as Filter<Stored<OrderRecord> & { _id: string }>;
  const orders = new Map(
    (await collection<OrderRecord>(db, 'orders').find(own).toArray()).map((order) => [
      order._id,
      orderViewOf(order),
    ]),
  );
  return {
    ...list,
    orders: list.orders.map((leg) => {
      const order = orders.get(leg.orderId);
      return order === undefined ? leg : { ...leg, order };
    }),
  };
}

/** Newest first, without the views of their orders. Throws InvalidCursorError. */
export async function listLists(db: Db, filter: ListFilter): Promise<Page<KeptList>> {
  const { accounts, cursor } = filter;
  const limit = pageLimit(filter);
  const condition = {
    ...(accounts !== undefined && { account: { $in: [...accounts] } }),
    ...afterCursor('createdAt', -1, cursor),
  } as Filter<ListRow>;
  const rows = await collection<ListRecord>(db, 'orderLists')
    .find(condition)
    .sort({ createdAt: -1, _id: -1 })
    .limit(limit + 1)
    .toArray();
  return toPage(rows, limit, (row) => [row.createdAt, row._id], keptListOf);
}

/** The record without what only storage knows. */
function keptListOf(row: ListRow): KeptList {
  const { _id, revision, enteredBy, requestHash, ...list } = row as ListRecord;
  return list;
}
