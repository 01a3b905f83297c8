import type { Db, Filter } from 'mongodb';
import {
  collection,
  type AccountRecord,
  type BalanceRecord,
  type PositionRecord,
  type RiskAccountRecord,
} from '../collections';
import { fromStored, type Stored } from '../decimal128';
import { subtract, ZERO, type Price } from '../../domain/money/decimal';
import { unrealisedPnlOf } from '../../domain/reporting/position-fold';
import type { AccountView, PositionView } from '../../domain/order/order-view';

/** The price to value a position at, or undefined when there is none. */
export type Mark = (symbol: string) => Price | undefined;

/** Most positions that one answer lists. */
const POSITIONS_MAX = 10_000;

/** By account and symbol; flat positions too, for their realised P&L. Without a mark, unrealisedPnl is 0. */
export async function listPositions(
  db: Db,
  accounts: readonly string[] | undefined,
  mark: Mark,
): Promise<PositionView[]> {
  const condition = accounts === undefined ? {} : { account: { $in: [...accounts] } };
  const rows = await collection<PositionRecord>(db, 'positions')
    .find(condition as Filter<Stored<PositionRecord> & { _id: string }>)
    .sort({ account: 1, symbol: 1 })
    .limit(POSITIONS_MAX)
    .toArray();
  return rows.map((row) => positionViewOf(fromStored<PositionRecord>(row), mark));
}

function positionViewOf(position: PositionRecord, mark: Mark): PositionView {
  const { account, symbol, quantity, settledQuantity, averagePrice, realisedPnl, currency, multiplier } =
    position;
  const price = mark(symbol);
  const unrealisedPnl = price === undefined ? ZERO : unrealisedPnlOf(position, price, multiplier);
  return { account, symbol, quantity, settledQuantity, averagePrice, realisedPnl, unrealisedPnl, currency };
}

/**
 * An account as clients see it. Cash is that of the fills recorded so far; what is reserved, and the buying power, are
 * risk's own figures, which may be a moment ahead. Undefined when there is no such account.
 */
export async function readAccount(db: Db, account: string): Promise<AccountView | undefined> {
  const [reference, balance, risk] = await Promise.all([
    collection<AccountRecord>(db, 'accounts').findOne({ _id: account }),
    collection<BalanceRecord>(db, 'accountBalances').findOne({ _id: account }),
    collection<RiskAccountRecord>(db, 'riskAccounts').findOne(
      { _id: account },
      { projection: { admitted: 0 } },
    ),
  ]);
  const opened = reference === null ? undefined : fromStored<AccountRecord>(reference);
  const held = risk === null ? undefined : fromStored<RiskAccountRecord>(risk);
  if (opened === undefined && held === undefined) return undefined;
  const stored = balance === null ? undefined : fromStored<BalanceRecord>(balance);
  const opening = opened?.openingCash ?? held?.cash ?? ZERO;
  const cash = stored?.cash ?? opening;
  const reserved = held?.reserved ?? ZERO;
  return {
    account,
    currency: opened?.currency ?? held?.currency ?? '',
    cash,
    settledCash: stored?.settledCash ?? opening,
    reserved,
    buyingPower: subtract(held?.cash ?? cash, reserved),
  };
}

/** Ids of all accounts, sorted. */
export async function listAccounts(db: Db): Promise<string[]> {
  const rows = await collection<AccountRecord>(db, 'accounts')
    .find({}, { projection: { _id: 1 } })
    .sort({ _id: 1 })
    .toArray();
  return rows.map(({ _id }) => _id);
}
