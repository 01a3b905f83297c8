import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { MongoClient, type Db } from 'mongodb';
import { decimal, isZero, sum } from '../../domain/money/decimal';
import type { RunDescription } from '../../tools/support/running-system';

const run = promisify(execFile);
const ROOT = resolve(__dirname, '../..');
const ENDED = ['settled', 'cancelled', 'expired', 'rejected'];

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
  const byAsset: Record<string, string[]> = {};
  let count = 0;
  for await (const posting of db.collection('ledger').find({}, { projection: { asset: 1, amount: 1 } })) {
    (byAsset[String(posting['asset'])] ??= []).push(String(posting['amount']));
    count += 1;
  }
  for (const [asset, amounts] of Object.entries(byAsset)) {
    const total = sum(amounts.map((amount) => decimal(amount)));
    assert.ok(isZero(total), `postings of ${asset} sum to ${total}`);
  }
  return count;
}

/** No finished order holds a reservation, and each account's total is the sum over its orders. */
export async function assertReservationsReleased(db: Db): Promise<void> {
  const finished = await db
    .collection<{ _id: string }>('orders')
    .find({ state: { $in: ENDED } })
    .project({ _id: 1 })
    .toArray();
  const ids = finished.map((order) => String(order['_id']));
  const exposures = await db
    .collection<{ _id: string }>('orderExposures')
    .find({ _id: { $in: ids } })
    .toArray();
  for (const exposure of exposures) {
    const held = exposure as unknown as {
      contribution: { reservedCash: unknown; reservedPosition: unknown };
    };
    assert.equal(
      Number(String(held.contribution.reservedCash)),
      0,
      `order ${exposure._id} still reserves cash`,
    );
    assert.equal(
      Number(String(held.contribution.reservedPosition)),
      0,
      `order ${exposure._id} still reserves shares`,
    );
  }
}

/** `npm run rebuild -- --check`: the views are what the histories say. Throws with the differences. */
export async function assertViewsEqualHistories(home: string): Promise<void> {
  const args = ['tools/bootstrap.mjs', 'tools/rebuild/main.ts', '--check'];
  const options = {
    cwd: ROOT,
    env: { ...process.env, STEADFILL_HOME: home },
    maxBuffer: 16 * 1024 * 1024,
    timeout: 180_000,
  };
  try {
    await run(process.execPath, args, options);
  } catch (fault) {
    const { stdout = '', stderr = '' } = fault as { stdout?: string; stderr?: string };
    throw new Error(`views differ from histories:\n${stdout.slice(0, 4_000)}\n${stderr.slice(0, 2_000)}`, {
      cause: fault,
    });
  }
}

/** The venue's own list of orders as (our order id → how many entries it has there). */
export async function venueEntries(venueUrl: string): Promise<Map<string, number>> {
  const response = await fetch(`${venueUrl}/orders?limit=100000`);
  assert.equal(response.status, 200);
  const { items } = (await response.json()) as { items: { clOrdId: string }[] };
  const entries = new Map<string, number>();
  for (const { clOrdId } of items) {
    const orderId = clOrdId.replace(/-\d+$/, '');
    entries.set(orderId, (entries.get(orderId) ?? 0) + 1);
  }
  return entries;
}
