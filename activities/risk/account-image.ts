import type { ClientSession, Db } from 'mongodb';
import {
  collection,
  type AccountRecord,
  type ExposureRecord,
  type RiskAccountRecord,
} from '../../storage/collections';
import { fromStored } from '../../storage/decimal128';
import { ZERO } from '../../domain/money/decimal';
import type { AccountImage } from './account-draft';

/** What MongoDB has of the account and of the exposures of these orders, in the caller's transaction. */
export async function loadImage(
  db: Db,
  session: ClientSession,
  accountId: string,
  orderIds: readonly string[],
): Promise<AccountImage> {
  const stored = await collection<RiskAccountRecord>(db, 'riskAccounts').findOne(
    { _id: accountId },
    { session },
  );
  const account = stored === null ? undefined : fromStored<RiskAccountRecord>(stored);
  const kept = (account?.admitted ?? []).map(({ exposure }) => exposure._id);
  const found = await collection<ExposureRecord>(db, 'orderExposures')
    .find({ _id: { $in: [...orderIds, ...kept] } }, { session })
    .toArray();
  const exposures = new Map(found.map((doc) => [doc._id, fromStored<ExposureRecord>(doc)]));
  const filedByOlderBuild = new Set(kept.filter((orderId) => exposures.has(orderId)));
  if (account !== undefined) return { account, isNew: false, exposures, filedByOlderBuild };
  const opened = await openAccount(db, session, accountId);
  return { account: opened, isNew: opened !== undefined, exposures };
}

/** An account that risk has not seen yet begins with the opening cash of its reference data. */
async function openAccount(
  db: Db,
  session: ClientSession,
  accountId: string,
): Promise<RiskAccountRecord | undefined> {
  const stored = await collection<AccountRecord>(db, 'accounts').findOne({ _id: accountId }, { session });
  if (stored === null) return undefined;
  const { currency, openingCash } = fromStored<AccountRecord>(stored);
  return { _id: accountId, currency, cash: openingCash, reserved: ZERO, positions: {}, version: 0 };
}
