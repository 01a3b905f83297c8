import type { Db } from 'mongodb';
import { generateKey, hashKey, type Credentials } from '../auth/api-key';
import { readCredentials, writeCredentials } from '../auth/credentials-file';
import { findKey, insertKey } from '../auth/key-store';
import { ALL_ACCOUNTS, type Role } from '../auth/permissions';

interface DemoKey {
  name: string;
  role: Role;
  accounts: string[];
}

/** The people of the demo world. Their keys are random for each installation; there is no default key. */
const DEMO_KEYS: readonly DemoKey[] = [
  { name: 'demo-trader', role: 'trader', accounts: ['ACC-1', 'ACC-2'] },
  { name: 'demo-trader-1', role: 'trader', accounts: ['ACC-1'] },
  { name: 'demo-trader-2', role: 'trader', accounts: ['ACC-2'] },
  { name: 'demo-risk', role: 'risk', accounts: [ALL_ACCOUNTS] },
  { name: 'demo-ops', role: 'ops', accounts: [ALL_ACCOUNTS] },
  { name: 'demo-auditor', role: 'auditor', accounts: [ALL_ACCOUNTS] },
  { name: 'demo-admin', role: 'admin', accounts: [ALL_ACCOUNTS] },
];

/**
 * Sees to it that each person of the demo world has a live key in `db` and in `credentialsFile` (mode 0600). Keys that
 * are in order stay as they are; a revoked key stays revoked and its owner gets a new one. Keys of others in the file
 * are kept.
 */
export async function ensureDemoKeys(db: Db, credentialsFile: string): Promise<Credentials> {
  const before = await readCredentials(credentialsFile);
  const keys = before.keys.filter(({ name }) => !DEMO_KEYS.some((demo) => demo.name === name));
  for (const demo of DEMO_KEYS) {
    const held = before.keys.find(({ name }) => name === demo.name);
    keys.push({ ...demo, key: await liveKey(db, demo, held?.key) });
  }
  const credentials = { keys };
  // The file comes second: a key in it must work, while a record without its key harms nobody.
  await writeCredentials(credentialsFile, credentials);
  return credentials;
}

async function liveKey(db: Db, demo: DemoKey, held: string | undefined): Promise<string> {
  if (held !== undefined) {
    const record = await findKey(db, hashKey(held));
    if (record === undefined) await insertKey(db, { ...demo, key: held });
    if (record?.revokedAt === undefined) return held;
  }
  const key = generateKey();
  await insertKey(db, { ...demo, key });
  return key;
}
