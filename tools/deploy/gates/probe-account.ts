import type { Db } from 'mongodb';
import { openingPostings } from '../../../domain/money/ledger';
import { decimal, ZERO } from '../../../domain/money/decimal';
import {
  collection,
  ledgerRecord,
  type AccountRecord,
  type LedgerRecord,
  type RiskAccountRecord,
} from '../../../storage/collections';
import { toStored } from '../../../storage/decimal128';
import { insertNew } from '../../../storage/insert-new';

/** The account of probe orders. No key of a client may use it, and its money is nobody's. */
export const PROBE_ACCOUNT = 'DEPLOY-PROBE';
export const PROBE_TRADER = 'deploy-probe';
/** Enough for one lot of anything. */
const OPENING_CASH = decimal('1000000');

/**
 * Reference data, opening cash and risk account of the probe account, in the currency of what it trades. What exists
 * is left as it is, so that it may be called before each probe. `at` is ISO 8601 UTC.
 */
export async function seedProbeAccount(db: Db, currency: string, at: string): Promise<void> {
  const account: AccountRecord = { _id: PROBE_ACCOUNT, currency, openingCash: OPENING_CASH };
  const balances = { cash: OPENING_CASH, reserved: ZERO, positions: {} };
  const risk: RiskAccountRecord = { _id: PROBE_ACCOUNT, currency, ...balances, version: 0 };
  const postings = openingPostings(PROBE_ACCOUNT, currency, OPENING_CASH, at).map(ledgerRecord);
  await insertNew(collection<LedgerRecord>(db, 'ledger'), postings.map(toStored<LedgerRecord>));
  await insertNew(collection<RiskAccountRecord>(db, 'riskAccounts'), [toStored(risk)]);
  await insertNew(collection<AccountRecord>(db, 'accounts'), [toStored(account)]);
}
