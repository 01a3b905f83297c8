import { Decimal128, type Db } from 'mongodb';
import { add, isZero, ZERO, type Money } from '../../domain/money/decimal';
import { LIFECYCLE_STATES, type LifecycleState } from '../../domain/order/order-types';
import { COLLECTIONS, collection, type ExposureRecord, type RiskAccountRecord } from '../collections';
import { fromDecimal128, fromStored } from '../decimal128';
import { listAdmitted } from './admissions';

/** States from which an order still moves; `filled` ends by settlement. */
export const OPEN_STATES = [
  'new',
  'validated',
  'routed',
  'partiallyFilled',
  'filled',
  'unknown',
] as const satisfies readonly LifecycleState[];
export type OpenState = (typeof OPEN_STATES)[number];
const ENDED_STATES = LIFECYCLE_STATES.filter((state) => !(OPEN_STATES as readonly string[]).includes(state));

/** Our documents are keyed by text. */
type Keyed = { _id: string };

const COUNTED_MAX = 100_000;
const ACCOUNTS_MAX = 50_000;
const EXPOSURES_MAX = 20_000;
const LOOK_UP_MAX = 1_000;

/** How many orders are in each state that is not final; counting stops at 100,000. */
export async function countOpenOrders(db: Db, msMax: number): Promise<Record<OpenState, number>> {
  const counts = await Promise.all(
    OPEN_STATES.map(async (state) => {
      const options = { limit: COUNTED_MAX, maxTimeMS: msMax };
      return [state, await db.collection(COLLECTIONS.orders).countDocuments({ state }, options)] as const;
    }),
  );
  return Object.fromEntries(counts) as Record<OpenState, number>;
}

/** Cash that risk holds reserved, by currency, over at most 50,000 accounts. */
export async function sumReservedCash(db: Db, msMax: number): Promise<Record<string, Money>> {
  const totals: Record<string, Money> = {};
  const accounts = collection<RiskAccountRecord>(db, 'riskAccounts').find(
    {},
    { projection: { currency: 1, reserved: 1 }, limit: ACCOUNTS_MAX, maxTimeMS: msMax },
  );
  for await (const row of accounts) {
    const { currency, reserved } = fromStored<Pick<RiskAccountRecord, '_id' | 'currency' | 'reserved'>>(row);
    totals[currency] = add(totals[currency] ?? ZERO, reserved);
  }
  return totals;
}

/** Assets whose postings do not sum to zero. Reads the whole ledger, on the server. */
export async function findUnbalancedAssets(db: Db, msMax: number): Promise<string[]> {
  const totals = db
    .collection(COLLECTIONS.ledger)
    .aggregate<{ _id: string; total: Decimal128 }>(
      [{ $group: { _id: '$asset', total: { $sum: '$amount' } } }],
      { maxTimeMS: msMax },
    );
  const unbalanced: string[] = [];
  for await (const { _id, total } of totals) if (!isZero(fromDecimal128(total))) unbalanced.push(_id);
  return unbalanced;
}

/**
 * How many orders ended before `endedBefore` (ISO 8601 UTC) and still reserve cash or position. Looks at no more than
 * 20,000 reservations.
 */
export async function countReservationsOfEnded(db: Db, endedBefore: string, msMax: number): Promise<number> {
  const more = { $gt: Decimal128.fromString('0') };
  const condition = {
    $or: [{ 'contribution.reservedCash': more }, { 'contribution.reservedPosition': more }],
  };
  const options = { projection: { _id: 1 }, limit: EXPOSURES_MAX, maxTimeMS: msMax };
  // Those that are not filed yet first: an order that is filed between two looks is then in both.
  const unfiled = (await listAdmitted(db, msMax)).filter(({ exposure }) => holdsSomething(exposure));
  const filed = await db.collection<Keyed>(COLLECTIONS.orderExposures).find(condition, options).toArray();
  const held = [...new Set([...filed.map(({ _id }) => _id), ...unfiled.map(({ exposure }) => exposure._id)])];
  let count = 0;
  for (let from = 0; from < held.length; from += LOOK_UP_MAX) {
    const ids = held.slice(from, from + LOOK_UP_MAX);
    const ended = {
      _id: { $in: ids },
      state: { $in: ENDED_STATES },
      updatedAt: { $lt: endedBefore },
    };
    count += await db.collection<Keyed>(COLLECTIONS.orders).countDocuments(ended, { maxTimeMS: msMax });
  }
  return count;
}

function holdsSomething({ contribution }: ExposureRecord): boolean {
  return !isZero(contribution.reservedCash) || !isZero(contribution.reservedPosition);
}

/** Execution reports since `since` (ISO 8601 UTC) that no open order took; counting stops at 100,000. */
export async function countUnmatchedReports(db: Db, since: string, msMax: number): Promise<number> {
  const condition = { at: { $gte: since } };
  return await db
    .collection(COLLECTIONS.unmatchedReports)
    .countDocuments(condition, { limit: COUNTED_MAX, maxTimeMS: msMax });
}
