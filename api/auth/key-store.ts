import type { Collection, Db } from 'mongodb';
import { COLLECTIONS, type ApiKeyDoc } from '../../storage/collections';
import { DECIDES } from '../../storage/write-concern';
import { hashKey } from './api-key';
import type { Role } from './permissions';

/** A key as MongoDB keeps it: everything but the key. */
export type ApiKeyRecord = ApiKeyDoc & { role: Role };

export interface NewKey {
  name: string;
  role: Role;
  accounts: string[];
  key: string;
}

function keysOf(db: Db): Collection<ApiKeyRecord> {
  return db.collection<ApiKeyRecord>(COLLECTIONS.apiKeys);
}

/** Stores the hash of a new key; storing the same key twice is storing it once. */
export async function insertKey(db: Db, { name, role, accounts, key }: NewKey): Promise<void> {
  const record = { name, role, accounts, createdAt: new Date().toISOString() };
  await keysOf(db).updateOne(
    { _id: hashKey(key) },
    { $setOnInsert: record },
    { upsert: true, writeConcern: DECIDES },
  );
}

export async function findKey(db: Db, keyHash: string): Promise<ApiKeyRecord | undefined> {
  const found = await keysOf(db).findOne({ _id: keyHash });
  return found ?? undefined;
}

/** Those of the keys that there are, revoked ones included. */
export async function findKeys(
  db: Db,
  keyHashes: readonly string[],
  maxTimeMS: number,
): Promise<ApiKeyRecord[]> {
  return await keysOf(db)
    .find({ _id: { $in: [...keyHashes] } }, { maxTimeMS })
    .toArray();
}

/** All keys, revoked ones included, by name and age. */
export async function listKeys(db: Db): Promise<ApiKeyRecord[]> {
  return await keysOf(db).find().sort({ name: 1, createdAt: 1 }).toArray();
}

/** Revokes every live key that bears `name`; returns how many there were. API processes obey within five seconds. */
export async function revokeKeys(db: Db, name: string): Promise<number> {
  const result = await keysOf(db).updateMany(
    { name, revokedAt: { $exists: false } },
    { $set: { revokedAt: new Date().toISOString() } },
    { writeConcern: DECIDES },
  );
  return result.modifiedCount;
}
