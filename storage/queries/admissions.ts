import type { Db, Filter } from 'mongodb';
import {
  collection,
  type IdentityDoc,
  type AdmissionRecord,
  type ExposureRecord,
  type RiskAccountRecord,
} from '../collections';
import { identityIdOf } from '../keys';
import { fromStored, type Stored } from '../decimal128';

type StoredAccount = Stored<RiskAccountRecord> & { _id: string };

const UNFILED = { 'admitted.identity.orderId': { $exists: true } };

/** Accounts that keep orders which are not filed yet. */
export async function accountsWithAdmitted(db: Db): Promise<string[]> {
  const rows = await collection<RiskAccountRecord>(db, 'riskAccounts')
    .find(UNFILED as Filter<StoredAccount>)
    .project<{ _id: string }>({ _id: 1 })
    .toArray();
  return rows.map(({ _id }) => _id);
}

/** Who owns the pair (account, clientOrderId), or undefined when nobody does. */
export async function findIdentity(
  db: Db,
  account: string,
  clientOrderId: string,
): Promise<IdentityDoc | undefined> {
  const _id = identityIdOf(account, clientOrderId);
  return await findFiledOrNot(
    () => collection<IdentityDoc>(db, 'orderIdentities').findOne({ _id }),
    async () => {
      const admitted = await findAdmitted(db, { _id: account });
      return admitted.find(({ identity }) => identity._id === _id)?.identity;
    },
  );
}

export async function findIdentityByOrderId(db: Db, orderId: string): Promise<IdentityDoc | undefined> {
  return await findFiledOrNot(
    () => collection<IdentityDoc>(db, 'orderIdentities').findOne({ orderId }),
    async () => (await findAdmission(db, orderId))?.identity,
  );
}

/** What the order contributes to its account; undefined when risk knows no such order. */
export async function findExposure(db: Db, orderId: string): Promise<ExposureRecord | undefined> {
  return await findFiledOrNot(
    async () => {
      const stored = await collection<ExposureRecord>(db, 'orderExposures').findOne({ _id: orderId });
      return stored && fromStored<ExposureRecord>(stored);
    },
    async () => (await findAdmission(db, orderId))?.exposure,
  );
}

/** Orders that are not filed yet, of all accounts. Takes no more than `msMax` milliseconds. */
export async function listAdmitted(db: Db, msMax?: number): Promise<AdmissionRecord[]> {
  return await findAdmitted(db, UNFILED, msMax);
}

async function findAdmission(db: Db, orderId: string): Promise<AdmissionRecord | undefined> {
  const admitted = await findAdmitted(db, { 'admitted.identity.orderId': orderId });
  return admitted.find(({ identity }) => identity.orderId === orderId);
}

async function findAdmitted(db: Db, condition: object, msMax?: number): Promise<AdmissionRecord[]> {
  const rows = await collection<RiskAccountRecord>(db, 'riskAccounts')
    .find(condition as Filter<StoredAccount>, msMax === undefined ? {} : { maxTimeMS: msMax })
    .project<Pick<StoredAccount, '_id' | 'admitted'>>({ admitted: 1 })
    .toArray();
  return rows.flatMap((row) => fromStored<Pick<RiskAccountRecord, '_id' | 'admitted'>>(row).admitted ?? []);
}

/** An order may be filed between two looks, so who finds it in neither place looks at the first once more. */
async function findFiledOrNot<T>(
  findFiled: () => Promise<T | null>,
  findUnfiled: () => Promise<T | undefined>,
): Promise<T | undefined> {
  return (await findFiled()) ?? (await findUnfiled()) ?? (await findFiled()) ?? undefined;
}
