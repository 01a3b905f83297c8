import type { AnyBulkWriteOperation, ClientSession, Db, Document } from 'mongodb';
import { ZERO, add } from '../../domain/money/decimal';
import { averagePriceOf, compareKeys } from '../../domain/reporting/position-fold';
import { effectOf, foldBalance } from '../../domain/reporting/fill-effect';
import { PositionHistory } from '../../domain/reporting/position-history';
import {
  collection,
  COLLECTIONS,
  ledgerRecord,
  VIEW_VERSION,
  type AccountRecord,
  type BalanceRecord,
  type CollectionName,
  type FillRecord,
  type PositionRecord,
} from '../../storage/collections';
import { orderEventId, orderLogOf } from '../../storage/keys';
import { fromStored, toStored } from '../../storage/decimal128';
import { inTransaction, isConflict } from '../../storage/transaction';
import { READ_AND_DECIDE } from '../../storage/write-concern';
import { toFillGroups } from './fill-groups';
import type { ExpectedOrder } from './expected-order';

type Doc = Document & { _id: string };

const ATTEMPTS_MAX = 10;

/**
 * Writes what the histories say over what the views have: log, view, fills and ledger of each order in one
 * transaction, unless the views have something newer, and then positions and balances from all fills. Safe while
 * the system trades: workers notice by the versions that what they remembered is no longer current.
 */
export async function writeViews(db: Db, orders: readonly ExpectedOrder[]): Promise<void> {
  for (const order of orders) await retryConflicts(() => writeOrder(db, order));
  const stored = await collection<FillRecord>(db, 'fills').find({}).toArray();
  const fills = stored.map((doc) => fromStored<FillRecord>(doc));
  const positions = toFillGroups(fills, ({ account, symbol }) => `${account}:${symbol}`);
  for (const own of positions.values()) await retryConflicts(() => writePosition(db, own));
  for (const account of toFillGroups(fills, (fill) => fill.account).keys()) {
    await retryConflicts(() => writeBalance(db, account));
  }
}

async function retryConflicts(step: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (fault) {
      if (!isConflict(fault) || attempt >= ATTEMPTS_MAX) throw fault;
    }
  }
}

async function writeOrder(db: Db, { view, events, fills, postings }: ExpectedOrder): Promise<void> {
  const { orderId } = view;
  await inTransaction(db, READ_AND_DECIDE, async (session) => {
    const known = await db.collection<Doc>(COLLECTIONS.orders).findOne({ _id: orderId }, { session });
    if (known !== null && Number(known['sequence']) > view.sequence) return;
    const log = events.map((event) => ({ _id: orderEventId(orderId, event.seq), ...toStored(event) }));
    const range = orderLogOf(orderId);
    await replaceAll(db, session, 'orderEvents', range, log);
    await replaceAll(db, session, 'orders', { _id: orderId }, [
      { _id: orderId, ...toStored(view), schemaVersion: VIEW_VERSION },
    ]);
    await replaceAll(
      db,
      session,
      'fills',
      { orderId },
      fills.map((fill) => ({ ...toStored(fill), schemaVersion: VIEW_VERSION })),
    );
    await replaceAll(
      db,
      session,
      'ledger',
      { orderId },
      postings.map((posting) => toStored(ledgerRecord(posting))),
    );
  });
}

/** Makes `documents` all that `filter` finds. */
async function replaceAll(
  db: Db,
  session: ClientSession,
  name: CollectionName,
  filter: Document,
  documents: Doc[],
): Promise<void> {
  const ids = documents.map(({ _id }) => _id);
  const target = db.collection<Doc>(COLLECTIONS[name]);
  await target.deleteMany({ $and: [filter, { _id: { $nin: ids } }] }, { session });
  if (documents.length === 0) return;
  const models = documents.map((document): AnyBulkWriteOperation<Doc> => {
    return { replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true } };
  });
  await target.bulkWrite(models, { session });
}

async function writePosition(db: Db, [sample]: readonly FillRecord[]): Promise<void> {
  if (sample === undefined) return;
  const { account, symbol, currency, multiplier } = sample;
  const _id = `${account}:${symbol}`;
  await inTransaction(db, READ_AND_DECIDE, async (session) => {
    const known = await collection<PositionRecord>(db, 'positions').findOne({ _id }, { session });
    const stored = await collection<FillRecord>(db, 'fills').find({ account, symbol }, { session }).toArray();
    const fills = stored.map((doc) => fromStored<FillRecord>(doc)).sort(compareKeys);
    const history = new PositionHistory(multiplier);
    for (const fill of fills) history.put(fill);
    const settledQuantity = fills.reduce(
      (sum, fill) => add(sum, effectOf(fill, multiplier).settledQuantity),
      ZERO,
    );
    const { state, checkpoint } = history;
    const version = (known?.version ?? 0) + 1;
    const head = { _id, account, symbol, currency, multiplier, settledQuantity, version };
    const averagePrice = averagePriceOf(state, multiplier);
    const record: PositionRecord = {
      ...head,
      ...state,
      averagePrice,
      ...(checkpoint !== undefined && { checkpoint }),
    };
    await replaceAll(db, session, 'positions', { _id }, [toStored(record)]);
  });
}

async function writeBalance(db: Db, account: string): Promise<void> {
  await inTransaction(db, READ_AND_DECIDE, async (session) => {
    const known = await collection<BalanceRecord>(db, 'accountBalances').findOne(
      { _id: account },
      { session },
    );
    const reference = await collection<AccountRecord>(db, 'accounts').findOne({ _id: account }, { session });
    const stored = await collection<FillRecord>(db, 'fills').find({ account }, { session }).toArray();
    const opened = reference === null ? undefined : fromStored<AccountRecord>(reference);
    const fills = stored.map((doc) => fromStored<FillRecord>(doc));
    const currency = opened?.currency ?? known?.currency ?? fills[0]?.currency ?? '';
    const balance = foldBalance(opened?.openingCash ?? ZERO, fills);
    const record: BalanceRecord = { _id: account, currency, ...balance, version: (known?.version ?? 0) + 1 };
    await replaceAll(db, session, 'accountBalances', { _id: account }, [toStored(record)]);
  });
}
