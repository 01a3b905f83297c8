import { isDeepStrictEqual } from 'node:util';
import type { Db, Document } from 'mongodb';
import { add, ZERO, type Decimal } from '../../domain/money/decimal';
import { upcastEvent } from '../../domain/order/upcast-event';
import { averagePriceOf, foldPosition } from '../../domain/reporting/position-fold';
import { effectOf, foldBalance } from '../../domain/reporting/fill-effect';
import {
  collection,
  COLLECTIONS,
  type AccountRecord,
  type BalanceRecord,
  type CollectionName,
  type FillRecord,
  type PositionRecord,
} from '../../storage/collections';
import { orderEventId, orderLogOf } from '../../storage/keys';
import { fromStored } from '../../storage/decimal128';
import { toFillGroups } from './fill-groups';
import type { StoredOrderEvent } from '../../domain/order/order-events';
import type { ExpectedOrder } from './expected-order';

/** One fact that the views have otherwise than the histories. */
export interface Difference {
  collection: CollectionName;
  id: string;
  field: string;
  expected: unknown;
  actual: unknown;
}

const ORDERS_AT_ONCE = 200;
const ABSENT = 'absent';
/** Who wrote a document and in which version: older builds did not say, and what happened is the same. */
const PROVENANCE = ['build', 'schemaVersion'];
/** Computed fields that older builds did not write: a view without one says nothing else than the histories. */
const ADDED_LATER: ReadonlySet<string> = new Set(['dayAvgPx']);

/**
 * Compares event log, orders, fills, ledger, positions and account balances with what the histories say. Orders of
 * the views that `orders` does not have are left alone when they began before `since` (ISO 8601 UTC): Temporal has
 * forgotten them; their fills still count in positions and balances.
 */
export async function compareViews(
  db: Db,
  orders: readonly ExpectedOrder[],
  since?: string,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (let start = 0; start < orders.length; start += ORDERS_AT_ONCE) {
    differences.push(...(await compareOrders(db, orders.slice(start, start + ORDERS_AT_ONCE))));
  }
  differences.push(...(await findStrangers(db, orders, since)));
  differences.push(...(await compareTotals(db, await allFills(db, orders))));
  return differences;
}

async function readByOrder(
  db: Db,
  name: CollectionName,
  orderIds: string[],
  key = 'orderId',
): Promise<Map<string, Document>> {
  const stored = await db
    .collection(COLLECTIONS[name])
    .find({ [key]: { $in: orderIds } } as Document)
    .toArray();
  return new Map(stored.map((doc) => [String(doc._id), fromStored<Document>(doc)]));
}

async function compareOrders(db: Db, orders: readonly ExpectedOrder[]): Promise<Difference[]> {
  const ids = orders.map(({ view }) => view.orderId);
  const [events, views, fills, ledger] = await Promise.all([
    readEvents(db, ids),
    readByOrder(db, 'orders', ids, '_id'),
    readByOrder(db, 'fills', ids),
    readByOrder(db, 'ledger', ids),
  ]);
  const wantedEvents = orders.flatMap((order) =>
    order.events.map((event): [string, unknown] => [orderEventId(event.orderId, event.seq), event]),
  );
  const wantedViews = orders.map(({ view }): [string, unknown] => [view.orderId, view]);
  const wantedFills = orders.flatMap((order) =>
    order.fills.map((fill): [string, unknown] => [fill._id, fill]),
  );
  return [
    ...compareDocuments('orderEvents', new Map(wantedEvents), events, PROVENANCE),
    ...compareDocuments('orders', new Map(wantedViews), views, PROVENANCE),
    ...compareDocuments('fills', new Map(wantedFills), fills, ['version', ...PROVENANCE]),
    ...compareLedger(orders, [...ledger.values()]),
  ];
}

async function readEvents(db: Db, orderIds: string[]): Promise<Map<string, Document>> {
  const found = new Map<string, Document>();
  for (const orderId of orderIds) {
    const range = orderLogOf(orderId);
    const stored = await db.collection<{ _id: string }>(COLLECTIONS.orderEvents).find(range).toArray();
    for (const doc of stored) {
      const { _id, ...event } = fromStored<StoredOrderEvent & { _id: string }>(doc as never);
      found.set(_id, upcastEvent(event));
    }
  }
  return found;
}

/** Field by field; fields named in `ignored` depend on how events were batched, not on what happened. */
export function compareDocuments(
  name: CollectionName,
  expected: ReadonlyMap<string, unknown>,
  actual: ReadonlyMap<string, Document>,
  ignored: readonly string[] = [],
): Difference[] {
  const differences: Difference[] = [];
  for (const id of new Set([...expected.keys(), ...actual.keys()])) {
    const wanted = expected.get(id) as Record<string, unknown> | undefined;
    const found = actual.get(id) as Record<string, unknown> | undefined;
    if (wanted === undefined || found === undefined) {
      const side = (there: unknown) => (there === undefined ? ABSENT : 'present');
      differences.push({ collection: name, id, field: '', expected: side(wanted), actual: side(found) });
      continue;
    }
    const fields = new Set([...Object.keys(wanted), ...Object.keys(found)]);
    for (const field of fields) {
      if (field === '_id' || ignored.includes(field)) continue;
      if (found[field] === undefined && ADDED_LATER.has(field)) continue;
      if (isDeepStrictEqual(plain(wanted[field]), plain(found[field]))) continue;
      differences.push({ collection: name, id, field, expected: wanted[field], actual: found[field] });
    }
  }
  return differences;
}

/** Absent fields and key order do not count: what was JSON compares as JSON. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

interface LedgerLine {
  fillId?: string;
  book: string;
  account: string;
  asset: string;
  amount: Decimal;
}

/** By fill, book, account and asset: ids differ when several corrections were booked at once, sums may not. */
function compareLedger(orders: readonly ExpectedOrder[], actual: readonly Document[]): Difference[] {
  const expected = sumLines(orders.flatMap(({ postings }) => postings));
  const found = sumLines(actual as LedgerLine[]);
  const differences: Difference[] = [];
  for (const id of new Set([...expected.keys(), ...found.keys()])) {
    const [wanted = ZERO, is = ZERO] = [expected.get(id), found.get(id)];
    if (wanted !== is)
      differences.push({ collection: 'ledger', id, field: 'amount', expected: wanted, actual: is });
  }
  return differences;
}

function sumLines(lines: readonly LedgerLine[]): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const { fillId = '', book, account, asset, amount } of lines) {
    const id = [fillId, book, account, asset].join(' ');
    sums.set(id, add(sums.get(id) ?? ZERO, amount));
  }
  return sums;
}

async function findStrangers(
  db: Db,
  orders: readonly ExpectedOrder[],
  since?: string,
): Promise<Difference[]> {
  const known = new Set(orders.map(({ view }) => view.orderId));
  const recent = since === undefined ? {} : { createdAt: { $gte: since } };
  const stored = await db
    .collection<{ _id: string }>(COLLECTIONS.orders)
    .find(recent, { projection: { _id: 1 } })
    .toArray();
  return stored
    .filter(({ _id }) => !known.has(_id))
    .map(({ _id: id }) => ({ collection: 'orders', id, field: '', expected: ABSENT, actual: 'present' }));
}

/** The fills of the histories, and those of orders that Temporal no longer has. */
async function allFills(db: Db, orders: readonly ExpectedOrder[]): Promise<FillRecord[]> {
  const known = new Set(orders.map(({ view }) => view.orderId));
  const stored = await collection<FillRecord>(db, 'fills').find({}).toArray();
  const forgotten = stored
    .map((doc) => fromStored<FillRecord>(doc))
    .filter(({ orderId }) => !known.has(orderId));
  return [...forgotten, ...orders.flatMap(({ fills }) => fills)];
}

async function compareTotals(db: Db, fills: readonly FillRecord[]): Promise<Difference[]> {
  const positions = new Map<string, unknown>();
  for (const [id, own] of toFillGroups(fills, ({ account, symbol }) => `${account}:${symbol}`)) {
    positions.set(id, expectedPosition(own));
  }
  const balances = new Map<string, unknown>();
  for (const [account, own] of toFillGroups(fills, (fill) => fill.account)) {
    const reference = await collection<AccountRecord>(db, 'accounts').findOne({ _id: account });
    const opening = reference === null ? ZERO : fromStored<AccountRecord>(reference).openingCash;
    balances.set(account, foldBalance(opening, own));
  }
  const storedPositions = await collection<PositionRecord>(db, 'positions').find({}).toArray();
  const storedBalances = await collection<BalanceRecord>(db, 'accountBalances').find({}).toArray();
  const byId = (docs: Document[]) =>
    new Map(docs.map((doc) => [String(doc['_id']), fromStored<Document>(doc)]));
  const kept = ['version', 'checkpoint', 'account', 'symbol', 'currency', 'multiplier'];
  return [
    ...compareDocuments('positions', positions, byId(storedPositions), kept),
    ...compareDocuments('accountBalances', balances, byId(storedBalances), kept),
  ];
}

function expectedPosition(
  fills: readonly FillRecord[],
): Omit<PositionRecord, '_id' | 'account' | 'symbol' | 'currency' | 'multiplier' | 'version'> {
  const multiplier = fills[0]?.multiplier ?? ('1' as Decimal);
  const state = foldPosition(fills, multiplier);
  const settledQuantity = fills.reduce(
    (sum, fill) => add(sum, effectOf(fill, fill.multiplier).settledQuantity),
    ZERO,
  );
  return { ...state, averagePrice: averagePriceOf(state, multiplier), settledQuantity };
}
