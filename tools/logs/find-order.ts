import type { Filter } from 'mongodb';
import { readFile } from 'node:fs/promises';
import { orderIdOf, workflowIdOf } from '../../domain/order/order-id';
import { linesWith } from '../../observability/line-search';
import { collection, type OrderRecord } from '../../storage/collections';
import type { Stored } from '../../storage/decimal128';
import type { Mongo } from '../../storage/mongo';
import { listLogFiles } from './log-files';
import { parseLogLine, type WantedOrder } from './order-lines';

export interface FoundOrder extends WantedOrder {
  /** Trace of the request that brought the order, where the view knows it. */
  traceId?: string;
}

/** Thrown when the id names no order, or several. */
export class OrderNotFoundError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OrderNotFoundError';
  }
}

export interface OrderQuestion {
  /** Order id or client order id. */
  id: string;
  account: string | undefined;
  logs: string;
  /** Undefined when MongoDB cannot be reached: the logs alone must do then. */
  mongo: Mongo | undefined;
}

/** Which order is meant: by MongoDB, and without it by the logs. Throws OrderNotFoundError. */
export async function findOrder(question: OrderQuestion): Promise<FoundOrder> {
  const { id } = question;
  const candidates = (await inViews(question)) ?? (await inLogs(question));
  if (candidates.length === 0) throw new OrderNotFoundError(notFoundText(question));
  const [found, ...others] = candidates;
  if (found === undefined || others.length > 0) {
    const places = candidates.map(({ workflowId }) => workflowId.split(':')[1]).join(', ');
    throw new OrderNotFoundError(
      `Several orders are called ${id}: name the account with --account (${places}).`,
    );
  }
  return found;
}

function notFoundText({ id, account }: OrderQuestion): string {
  return `There is no order ${id}${account === undefined ? '' : ` of account ${account}`} in views or logs.`;
}

async function inViews({ id, account, mongo }: OrderQuestion): Promise<FoundOrder[] | undefined> {
  if (mongo === undefined) return undefined;
  const named = { $or: [{ _id: id }, { clientOrderId: id }], ...(account !== undefined && { account }) };
  const orders = collection<OrderRecord>(mongo.db, 'orders');
  const rows = await orders
    .find(named as unknown as Filter<Stored<OrderRecord> & { _id: string }>)
    .limit(10)
    .toArray();
  const found = rows.map(({ _id: orderId, workflowId, traceId }) => ({
    orderId,
    workflowId,
    ...(traceId !== undefined && { traceId }),
  }));
  // An order that is not in the view yet may be in the logs.
  return found.length === 0 ? undefined : found;
}

async function inLogs({ id, account, logs }: OrderQuestion): Promise<FoundOrder[]> {
  const found = new Map<string, FoundOrder>();
  for (const path of await listLogFiles(logs)) {
    for (const text of linesWith(await readFile(path), [id])) {
      const { workflowId } = parseLogLine(text) ?? {};
      const [kind, owner, clientOrderId] = workflowId?.split(':') ?? [];
      if (kind !== 'order' || owner === undefined || clientOrderId === undefined) continue;
      const orderId = orderIdOf(owner, clientOrderId);
      const isMeant = (orderId === id || clientOrderId === id) && (account ?? owner) === owner;
      if (isMeant) found.set(orderId, { orderId, workflowId: workflowIdOf(owner, clientOrderId) });
    }
  }
  return [...found.values()];
}
