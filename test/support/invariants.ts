import assert from 'node:assert/strict';
import { MongoClient, type Db } from 'mongodb';
import { ledgerFaults, reservationFaults, viewFaults } from '../../tools/support/invariants';
import type { RunDescription } from '../../tools/support/running-system';

export { venueEntries } from '../../tools/support/invariants';

/** Runs `look` with the database of a running system. */
export async function withDatabase<T>(described: RunDescription, look: (db: Db) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(described.mongoUri, { serverSelectionTimeoutMS: 5_000 });
  try {
    return await look(client.db('steadfill'));
  } finally {
    await client.close();
  }
}

/** Every asset's postings sum to zero. Throws naming the asset that does not. */
export async function assertLedgerIsZero(db: Db): Promise<number> {
  const { postings, faults } = await ledgerFaults(db);
  assert.deepEqual(faults, []);
  return postings;
}

/** No finished order holds a reservation, and each account's total is the sum over its orders. */
export async function assertReservationsReleased(db: Db): Promise<void> {
  assert.deepEqual(await reservationFaults(db), []);
}

/** `npm run rebuild -- --check`: the views are what the histories say. Throws with the differences. */
export async function assertViewsEqualHistories(home: string): Promise<void> {
  assert.deepEqual(await viewFaults(home), [], 'views equal histories');
}
