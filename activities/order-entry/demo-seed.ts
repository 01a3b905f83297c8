import type { Db } from 'mongodb';
import { DEMO_INSTRUMENTS } from '../../domain/instrument/demo-instruments';
import { openingPostings } from '../../domain/money/ledger';
import {
  collection,
  ledgerRecord,
  type AccountRecord,
  type InstrumentRecord,
  type LedgerRecord,
} from '../../storage/collections';
import { toStored } from '../../storage/decimal128';
import { insertNew } from '../../storage/insert-new';
import { DEMO_ACCOUNTS, DEMO_OPENING_CASH } from '../../storage/seed-demo-risk';

const DEMO_CURRENCY = 'USD';

/**
 * Instruments, accounts and the postings of their opening cash for the demo profile. What exists already is left as it
 * is, so that it may be called at every start. `at` is the business time of the opening balances, ISO 8601 UTC.
 */
export async function seedDemoWorld(db: Db, at: string = new Date().toISOString()): Promise<void> {
  const instruments = DEMO_INSTRUMENTS.map(({ symbol, ...rules }): InstrumentRecord => ({
    _id: symbol,
    ...rules,
  }));
  const accounts = DEMO_ACCOUNTS.map((account): AccountRecord => ({
    _id: account,
    currency: DEMO_CURRENCY,
    openingCash: DEMO_OPENING_CASH,
  }));
  const postings = DEMO_ACCOUNTS.flatMap((account) =>
    openingPostings(account, DEMO_CURRENCY, DEMO_OPENING_CASH, at).map(ledgerRecord),
  );
  await insertNew(
    collection<InstrumentRecord>(db, 'instruments'),
    instruments.map(toStored<InstrumentRecord>),
  );
  await insertNew(collection<LedgerRecord>(db, 'ledger'), postings.map(toStored<LedgerRecord>));
  await insertNew(collection<AccountRecord>(db, 'accounts'), accounts.map(toStored<AccountRecord>));
}
