import type { ClientSession, Db } from 'mongodb';
import {
  collection,
  type AccountRecord,
  type BalanceRecord,
  type FillRecord,
  type OrderEventRecord,
  type OrderRecord,
  type PositionRecord,
} from '../../storage/collections';
import { orderEventId } from '../../storage/keys';
import { fromStored } from '../../storage/decimal128';
import { LruMap } from '../../storage/lru-map';
import { PositionHistory } from '../../domain/reporting/position-history';
import { ZERO } from '../../domain/money/decimal';
import type { RecordOrderInput } from './reporting.port';

const FILLS_CACHED_MAX = 10_000;
const POSITIONS_CACHED_MAX = 1_000;
const BALANCES_CACHED_MAX = 1_000;

/** A position view and what is needed to take further fills; `record` is undefined until it is first written. */
export interface PositionImage {
  record: PositionRecord | undefined;
  history: PositionHistory;
}

export interface BalanceImage {
  record: BalanceRecord;
  isNew: boolean;
}

export function positionId(account: string, symbol: string): string {
  return `${account}:${symbol}`;
}

/** What reporting knows to be committed, so that most batches need not read before they write. */
export class ViewImage {
  readonly fills = new LruMap<FillRecord>(FILLS_CACHED_MAX);
  readonly positions = new LruMap<PositionImage>(POSITIONS_CACHED_MAX);
  readonly balances = new LruMap<BalanceImage>(BALANCES_CACHED_MAX);

  /** True when the batch can be written on what is known; guards prove it when it is. */
  covers(inputs: readonly RecordOrderInput[]): boolean {
    return inputs.every(({ fills, view }) =>
      fills.every((fill) => {
        const isFirst = fill.status === 'live' && !fill.settled;
        return (
          (isFirst || this.fills.get(fill.fillId) !== undefined) &&
          this.positions.get(positionId(view.account, view.symbol)) !== undefined &&
          this.balances.get(view.account) !== undefined
        );
      }),
    );
  }
}

/** What the log and the order views hold of a batch already. */
export interface StoredOrders {
  /** Sequence and time of the order views, by order id. */
  views: ReadonlyMap<string, { sequence: number; updatedAt: string }>;
  /** Times of the batch's events that are in the log, by event id. */
  eventTimes: ReadonlyMap<string, string>;
}

/** What a batch is decided on. */
export interface ViewBasis {
  image: ViewImage;
  /** Undefined when it was not read and writes are guarded instead. */
  stored: StoredOrders | undefined;
}

/** By sequence; of two attempts at the same sequence, the later one. */
export function isNewer(
  next: { sequence: number; updatedAt: string },
  before: { sequence: number; updatedAt: string },
): boolean {
  if (next.sequence !== before.sequence) return next.sequence > before.sequence;
  return next.updatedAt > before.updatedAt;
}

/** Reads everything that the batch touches, in the caller's transaction. */
export async function loadBasis(
  db: Db,
  session: ClientSession,
  inputs: readonly RecordOrderInput[],
): Promise<ViewBasis> {
  const image = new ViewImage();
  const stored = await readStoredOrders(db, session, inputs);
  const withFills = inputs.filter(({ fills }) => fills.length > 0);
  if (withFills.length === 0) return { image, stored };

  const fillIds = withFills.flatMap(({ fills }) => fills.map(({ fillId }) => fillId));
  const known = await collection<FillRecord>(db, 'fills')
    .find({ _id: { $in: fillIds } }, { session })
    .toArray();
  for (const fill of known) image.fills.set(fill._id, fromStored<FillRecord>(fill));
  await loadPositions(db, session, image, withFills);
  await loadBalances(db, session, image, withFills);
  return { image, stored };
}

async function readStoredOrders(
  db: Db,
  session: ClientSession,
  inputs: readonly RecordOrderInput[],
): Promise<StoredOrders> {
  const orderIds = inputs.map(({ view }) => view.orderId);
  const orders = await collection<OrderRecord>(db, 'orders')
    .find({ _id: { $in: orderIds } }, { session, projection: { sequence: 1, updatedAt: 1 } })
    .toArray();
  const eventIds = inputs.flatMap(({ events }) =>
    events.map(({ orderId, seq }) => orderEventId(orderId, seq)),
  );
  const events = await collection<OrderEventRecord>(db, 'orderEvents')
    .find({ _id: { $in: eventIds } }, { session, projection: { at: 1 } })
    .toArray();
  return {
    views: new Map(orders.map(({ _id, sequence, updatedAt }) => [_id, { sequence, updatedAt }])),
    eventTimes: new Map(events.map(({ _id, at }) => [_id, at])),
  };
}

async function loadPositions(
  db: Db,
  session: ClientSession,
  image: ViewImage,
  inputs: RecordOrderInput[],
): Promise<void> {
  const wanted = new Map(inputs.map((input) => [positionId(input.view.account, input.view.symbol), input]));
  const stored = await collection<PositionRecord>(db, 'positions')
    .find({ _id: { $in: [...wanted.keys()] } }, { session })
    .toArray();
  const records = new Map(stored.map((doc) => [doc._id, fromStored<PositionRecord>(doc)]));
  for (const [id, { view, multiplier }] of wanted) {
    const record = records.get(id);
    const history = new PositionHistory(
      record?.multiplier ?? (multiplier as PositionRecord['multiplier']),
      record?.checkpoint,
    );
    const since = record?.checkpoint?.key.executedAt;
    const fills = record === undefined ? [] : await readFills(db, session, view, since);
    for (const fill of fills) history.put(fill);
    image.positions.set(id, { record, history });
  }
}

/** The fills of a position in execution order: all, or those executed at or after `since`. */
export async function readFills(
  db: Db,
  session: ClientSession,
  { account, symbol }: { account: string; symbol: string },
  since?: string,
): Promise<FillRecord[]> {
  const recent = since === undefined ? {} : { executedAt: { $gte: since } };
  const stored = await collection<FillRecord>(db, 'fills')
    .find({ account, symbol, ...recent }, { session })
    .sort({ executedAt: 1, _id: 1 })
    .toArray();
  return stored.map((doc) => fromStored<FillRecord>(doc));
}

async function loadBalances(
  db: Db,
  session: ClientSession,
  image: ViewImage,
  inputs: RecordOrderInput[],
): Promise<void> {
  const wanted = new Map(inputs.map(({ view, currency }) => [view.account, currency]));
  const ids = [...wanted.keys()];
  const stored = await collection<BalanceRecord>(db, 'accountBalances')
    .find({ _id: { $in: ids } }, { session })
    .toArray();
  for (const doc of stored)
    image.balances.set(doc._id, { record: fromStored<BalanceRecord>(doc), isNew: false });
  const missing = ids.filter((id) => image.balances.get(id) === undefined);
  if (missing.length === 0) return;
  const accounts = await collection<AccountRecord>(db, 'accounts')
    .find({ _id: { $in: missing } }, { session })
    .toArray();
  const opening = new Map(accounts.map((doc) => [doc._id, fromStored<AccountRecord>(doc)]));
  for (const id of missing) {
    const cash = opening.get(id)?.openingCash ?? ZERO;
    const currency = opening.get(id)?.currency ?? wanted.get(id) ?? '';
    image.balances.set(id, {
      record: { _id: id, currency, cash, settledCash: cash, version: 0 },
      isNew: true,
    });
  }
}
