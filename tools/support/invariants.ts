import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Db } from 'mongodb';
import { decimal, isZero, sum } from '../../domain/money/decimal';
import { listAdmitted } from '../../storage/queries/admissions';

const run = promisify(execFile);
const ROOT = resolve(__dirname, '../..');
const ENDED = ['settled', 'cancelled', 'expired', 'rejected'];
const VENUE_ORDERS_MAX = 100_000;
/** A soak leaves ten thousand orders, and each of them is asked what its history says. */
const CHECK_MS_MAX = 15 * 60_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const IDS_AT_ONCE = 1_000;

/** Assets whose postings do not sum to zero, in words; and how many postings there are. */
export async function ledgerFaults(db: Db): Promise<{ postings: number; faults: string[] }> {
  const byAsset: Record<string, string[]> = {};
  let postings = 0;
  for await (const posting of db.collection('ledger').find({}, { projection: { asset: 1, amount: 1 } })) {
    (byAsset[String(posting['asset'])] ??= []).push(String(posting['amount']));
    postings += 1;
  }
  const totals = Object.entries(byAsset).map(([asset, amounts]) => ({
    asset,
    total: sum(amounts.map((amount) => decimal(amount))),
  }));
  const faults = totals.filter(({ total }) => !isZero(total));
  return { postings, faults: faults.map(({ asset, total }) => `postings of ${asset} sum to ${total}`) };
}

/** Finished orders that still hold cash or shares, in words. */
export async function reservationFaults(db: Db): Promise<string[]> {
  const finished = await db
    .collection<{ _id: string }>('orders')
    .find({ state: { $in: ENDED } })
    .project<{ _id: string }>({ _id: 1 })
    .toArray();
  const faults: string[] = [];
  // Before those that are filed, so that none that is filed meanwhile is missed.
  const unfiled = await listAdmitted(db);
  for (let start = 0; start < finished.length; start += IDS_AT_ONCE) {
    const ids = finished.slice(start, start + IDS_AT_ONCE).map(({ _id }) => _id);
    const exposures = await db
      .collection<{
        _id: string;
        contribution: { reservedCash: unknown; reservedPosition: unknown };
      }>('orderExposures')
      .find({ _id: { $in: ids } })
      .toArray();
    const isFiled = new Set(exposures.map(({ _id }) => _id));
    const others = unfiled
      .map(({ exposure }) => exposure)
      .filter(({ _id }) => ids.includes(_id) && !isFiled.has(_id));
    for (const { _id, contribution } of [...exposures, ...others]) {
      const isHeld = (amount: unknown): boolean => Number(String(amount)) !== 0;
      if (isHeld(contribution.reservedCash)) faults.push(`order ${_id} still reserves cash`);
      if (isHeld(contribution.reservedPosition)) faults.push(`order ${_id} still reserves shares`);
    }
  }
  return faults;
}

/** What `npm run rebuild -- --check` finds in the system of `home`; empty when views are what the histories say. */
export async function viewFaults(home: string): Promise<string[]> {
  const args = ['tools/bootstrap.mjs', 'tools/rebuild/main.ts', '--check'];
  const options = {
    cwd: ROOT,
    env: { ...process.env, STEADFILL_HOME: home },
    maxBuffer: OUTPUT_BYTES_MAX,
    timeout: CHECK_MS_MAX,
  };
  try {
    await run(process.execPath, args, options);
    return [];
  } catch (fault) {
    const { stdout = '', stderr = '', message } = fault as { stdout?: string; stderr?: string } & Error;
    const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => /^(DIFFERENT|FAULT)/.test(line));
    return lines.length > 0 ? lines : [`the check itself failed: ${stderr || message}`];
  }
}

/** The venue's own list of orders as (our order id → how many entries it has there). Throws when it does not answer. */
export async function venueEntries(venueUrl: string): Promise<Map<string, number>> {
  const response = await fetch(`${venueUrl}/orders?limit=${VENUE_ORDERS_MAX}`);
  if (response.status !== 200) throw new Error(`the venue answered ${response.status}`);
  const { items } = (await response.json()) as { items: { clOrdId: string }[] };
  const entries = new Map<string, number>();
  for (const { clOrdId } of items) {
    const orderId = clOrdId.replace(/-\d+$/, '');
    entries.set(orderId, (entries.get(orderId) ?? 0) + 1);
  }
  return entries;
}
