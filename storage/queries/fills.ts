import type { Db, Filter } from 'mongodb';
import { collection, type FillRecord } from '../collections';
import { fromStored, type Stored } from '../decimal128';
import { afterCursor, pageLimit, toPage, type Page, type PageRequest } from './page';
import type { FillView } from '../../domain/order/order-view';

type FillRow = Stored<FillRecord> & { _id: string };

export interface FillFilter extends PageRequest {
  accounts?: readonly string[] | undefined;
  orderId?: string | undefined;
  /** Executed at or after, and before (ISO 8601 UTC). */
  from?: string | undefined;
  to?: string | undefined;
}

/** The stored view without what only storage knows. */
export function fillViewOf(row: FillRow): FillView {
  const { _id, version, currency, multiplier, lastExecId, schemaVersion, ...view } =
    fromStored<FillRecord>(row);
  void [_id, version, currency, multiplier, lastExecId, schemaVersion];
  return view;
}

/** In order of execution, oldest first. Throws InvalidCursorError. */
export async function listFills(db: Db, filter: FillFilter): Promise<Page<FillView>> {
  const { accounts, orderId, from, to, cursor } = filter;
  const limit = pageLimit(filter);
  const executedAt = { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { $lt: to }) };
  const condition = {
    ...(accounts !== undefined && { account: { $in: [...accounts] } }),
    ...(orderId !== undefined && { orderId }),
    ...((from !== undefined || to !== undefined) && { executedAt }),
  };
  const rows = await collection<FillRecord>(db, 'fills')
    .find({ $and: [condition, afterCursor('executedAt', 1, cursor)] } as Filter<FillRow>)
    .sort({ executedAt: 1, _id: 1 })
    .limit(limit + 1)
    .toArray();
  return toPage(rows, limit, (row) => [row.executedAt, row._id], fillViewOf);
}
