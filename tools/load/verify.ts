import type { Db } from 'mongodb';
import type { OrderEventRecord } from '../../storage/collections';
import { orderLogOf } from '../../storage/keys';
import { ledgerFaults, reservationFaults, venueEntries, viewFaults } from '../support/invariants';
import type { SentOrder } from './operation';

const IN_WORDS_MAX = 5;

/** One thing that must be so after a run, with what was found. */
export interface Finding {
  what: string;
  count: number;
  /** The first of what was found wrong. */
  examples: readonly string[];
}

interface StoredOrder {
  _id: string;
  clientOrderId: string;
  account: string;
  state: string;
  ordStatus: string;
  rejectedBy: string | null;
}

export interface Sent {
  prefix: string;
  orders: readonly SentOrder[];
}

/** Every order of one prefix, by the index on client order ids. */
async function storedOrders(db: Db, prefix: string): Promise<StoredOrder[]> {
  return await db
    .collection<StoredOrder>('orders')
    .find({ clientOrderId: { $gte: `${prefix}-`, $lt: `${prefix}.` } })
    .project<StoredOrder>({ clientOrderId: 1, account: 1, state: 1, ordStatus: 1, rejectedBy: 1 })
    .toArray();
}

/** Whatever rested was cancelled in the end, by its sender or by the sweep after the load. */
function isRight({ kind, outcome }: SentOrder, { state, ordStatus }: StoredOrder): boolean {
  if (outcome === 'denied') return state === 'rejected';
  return kind === 'market' ? state === 'settled' && ordStatus === 'filled' : state === 'cancelled';
}

function finding(what: string, examples: readonly string[]): Finding {
  return { what, count: examples.length, examples: examples.slice(0, IN_WORDS_MAX) };
}

/** Orders against the view: each acknowledged one is there once and in its right final state, and no other is. */
async function viewFindings(db: Db, sent: readonly Sent[]): Promise<Finding[]> {
  const lost: string[] = [];
  const doubled: string[] = [];
  const invented: string[] = [];
  const wrong: string[] = [];
  for (const { prefix, orders } of sent) {
    const stored = new Map<string, StoredOrder[]>();
    for (const order of await storedOrders(db, prefix)) {
      stored.set(order.clientOrderId, [...(stored.get(order.clientOrderId) ?? []), order]);
    }
    for (const order of orders) {
      const [found, ...more] = stored.get(order.clientOrderId) ?? [];
      stored.delete(order.clientOrderId);
      if (more.length > 0) doubled.push(order.clientOrderId);
      if (order.outcome === 'refused' && found !== undefined) invented.push(order.clientOrderId);
      if (order.outcome !== 'acknowledged' && order.outcome !== 'denied') continue;
      if (found === undefined || (order.orderId !== undefined && found._id !== order.orderId))
        lost.push(order.clientOrderId);
      else if (!isRight(order, found))
        wrong.push(`${order.kind} ${order.clientOrderId} (cancel ${order.cancel}) is ${found.state}`);
    }
    invented.push(...stored.keys());
  }
  return [
    finding('acknowledged orders that are lost', lost),
    finding('orders that are there twice', doubled),
    finding('orders that nobody sent or that were refused', invented),
    finding('orders in a wrong final state', wrong),
  ];
}

/** True of an order that its sender cancelled while it could not be sent: it ended here, and the venue never spoke of it. */
async function endedUnsent(db: Db, orderId: string): Promise<boolean> {
  const range = orderLogOf(orderId);
  const events = await db.collection<OrderEventRecord>('orderEvents').find(range).toArray();
  const types = new Set(events.map(({ type }) => type));
  return types.has('endedLocally') && !types.has('reportApplied');
}

/** Orders against the venue's own list: each acknowledged one once unless it ended unsent, no other of ours at all. */
async function venueFindings(db: Db, venueUrl: string, sent: readonly Sent[]): Promise<Finding[]> {
  const entries = await venueEntries(venueUrl);
  const missing: string[] = [];
  const doubled: string[] = [];
  for (const { outcome, orderId = '', clientOrderId } of sent.flatMap(({ orders }) => orders)) {
    const count = entries.get(orderId) ?? 0;
    if (outcome === 'acknowledged' && count === 0 && !(await endedUnsent(db, orderId)))
      missing.push(clientOrderId);
    if (count > 1) doubled.push(clientOrderId);
    if (outcome === 'denied' && count > 0) doubled.push(`${clientOrderId}, which was denied`);
  }
  return [
    finding('acknowledged orders that the venue does not have', missing),
    finding('orders that the venue has too often', doubled),
  ];
}

/**
 * Everything that must be so once the load is over and no order is open: compares senders, views, venue, histories,
 * ledger and reservations. Views are compared with the histories of the whole home. Findings with a count of 0 are good.
 */
export async function verify(
  system: { db: Db; home: string; venueUrl: string },
  sent: readonly Sent[],
  withHistories: boolean,
): Promise<Finding[]> {
  const { db, home, venueUrl } = system;
  const ledger = await ledgerFaults(db);
  return [
    ...(await viewFindings(db, sent)),
    ...(await venueFindings(db, venueUrl, sent)),
    finding('assets whose postings do not sum to zero', ledger.faults),
    finding('reservations that finished orders still hold', await reservationFaults(db)),
    ...(withHistories ? [finding('differences between views and histories', await viewFaults(home))] : []),
  ];
}
