import type { Db, Document } from 'mongodb';
import {
  COLLECTIONS,
  type CollectionName,
  type RiskAccountRecord,
  type RiskLimitsRecord,
} from './collections';
import { toStored } from './decimal128';
import { DECIDES } from './write-concern';
import { appendOf } from './write-all';
import { DEMO_LIMITS } from '../domain/risk/risk-limits';
import { decimal, ZERO } from '../domain/money/decimal';

export const DEMO_ACCOUNTS = ['ACC-1', 'ACC-2'] as const;
export const DEMO_OPENING_CASH = decimal('10000000');
const DEMO_CURRENCY = 'USD';

/** Limits and risk accounts of the demo world. What exists already is left as it is. */
export async function seedDemoRisk(db: Db): Promise<void> {
  const limits: RiskLimitsRecord = { _id: '*', ...DEMO_LIMITS };
  const accounts = DEMO_ACCOUNTS.map((account): RiskAccountRecord => {
    const balances = { cash: DEMO_OPENING_CASH, reserved: ZERO, positions: {} };
    return { _id: account, currency: DEMO_CURRENCY, ...balances, version: 0 };
  });
  await append(db, 'riskLimits', toStored(limits));
  for (const account of accounts) await append(db, 'riskAccounts', toStored(account));
}

async function append(db: Db, name: CollectionName, document: Document & { _id: string }): Promise<void> {
  const { filter, update, upsert } = appendOf(document);
  await db
    .collection<{ _id: string }>(COLLECTIONS[name])
    .updateOne(filter, update, { upsert, writeConcern: DECIDES });
}
