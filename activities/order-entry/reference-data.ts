import type { Db } from 'mongodb';
import { assertMongoUp, isMongoUnavailable, noteUnavailable } from '../../storage/availability';
import {
  collection,
  type AccountRecord,
  type CollectionName,
  type InstrumentRecord,
} from '../../storage/collections';
import { withDeadline } from '../../storage/deadline';
import { fromStoredExactly } from '../../storage/decimal128';
import { versionedOf } from '../../storage/queries/instruments';
import { instrumentAt } from '../../domain/instrument/instrument-versions';
import { ReferenceCache } from './reference-cache';
import type { Instrument } from '../../domain/instrument/instrument';

/** How long a change of reference data may take to be seen by order entry. */
const REFERENCE_AGE_MS_MAX = 5_000;

export interface AccountReference {
  account: string;
  currency: string;
}

/** The static data that orders are validated against. */
export interface ReferenceData {
  /** As orders meet it at `at` (ISO 8601 UTC), which is the business time of what asks. */
  instrument(symbol: string, at: string): Promise<Instrument | undefined>;
  account(account: string): Promise<AccountReference | undefined>;
}

/** Reference data in MongoDB, cached for some seconds. A look-up throws promptly when MongoDB cannot be reached. */
export function createReferenceData(db: Db): ReferenceData {
  const instruments = new ReferenceCache(async (symbols) => {
    const records = await readMany<InstrumentRecord>(db, 'instruments', symbols);
    return new Map(records.map((record) => [record._id, versionedOf(record)]));
  }, REFERENCE_AGE_MS_MAX);
  const accounts = new ReferenceCache(async (ids) => {
    const records = await readMany<AccountRecord>(db, 'accounts', ids);
    return new Map(records.map(({ _id: account, currency }) => [account, { account, currency }]));
  }, REFERENCE_AGE_MS_MAX);
  return {
    instrument: async (symbol, at) => {
      const instrument = await instruments.get(symbol);
      return instrument === undefined ? undefined : instrumentAt(instrument, at);
    },
    account: (account) => accounts.get(account),
  };
}

async function readMany<T extends { _id: string }>(
  db: Db,
  name: CollectionName,
  ids: readonly string[],
): Promise<T[]> {
  assertMongoUp(db);
  try {
    const stored = collection<{ _id: string }>(db, name).find({ _id: { $in: [...ids] } });
    return (await withDeadline(stored.toArray())).map((record) => fromStoredExactly(record) as unknown as T);
  } catch (fault) {
    if (isMongoUnavailable(fault)) noteUnavailable(db.client, fault);
    throw fault;
  }
}
