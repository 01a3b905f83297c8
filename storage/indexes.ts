import { MongoServerError, type Db, type IndexDescription } from 'mongodb';
import { COLLECTIONS, type CollectionName } from './collections';

/** What one build did since a time: the canary decision and the pages for operations ask for that. */
export const ORDERS_BY_BUILD = {
  name: 'byBuild',
  key: { build: 1, createdAt: -1 },
  partialFilterExpression: { build: { $exists: true } },
} as const satisfies IndexDescription;

/** Orders that are not filed yet: most accounts have none. */
export const ADMITTED_ORDERS = {
  name: 'byAdmittedOrder',
  key: { 'admitted.identity.orderId': 1 },
  sparse: true,
} as const satisfies IndexDescription;

const OVER_KEPT_S = 30 * 86_400;

/** One index for each list that the API shows, and for what activities look up; `_id` serves the rest. */
const INDEXES: Partial<Record<CollectionName, IndexDescription[]>> = {
  orders: [
    { name: 'byAccount', key: { account: 1, createdAt: -1, _id: -1 } },
    { name: 'byState', key: { state: 1, createdAt: -1, _id: -1 } },
    { name: 'byClientOrderId', key: { clientOrderId: 1, account: 1 } },
    { ...ORDERS_BY_BUILD },
  ],
  fills: [
    { name: 'byOrder', key: { orderId: 1, executedAt: 1, _id: 1 } },
    { name: 'byAccount', key: { account: 1, executedAt: 1, _id: 1 } },
    { name: 'byPosition', key: { account: 1, symbol: 1, executedAt: 1, _id: 1 } },
  ],
  positions: [{ name: 'byAccount', key: { account: 1, symbol: 1 } }],
  ledger: [
    { name: 'byOrder', key: { orderId: 1 } },
    { name: 'byAccount', key: { account: 1, asset: 1 } },
  ],
  orderLists: [
    { name: 'byAccount', key: { account: 1, createdAt: -1, _id: -1 } },
    { name: 'byCreation', key: { createdAt: -1, _id: -1 } },
  ],
  riskAccounts: [{ ...ADMITTED_ORDERS }],
  orderExposures: [{ name: 'byAccount', key: { account: 1 } }],
  instrumentAudit: [{ name: 'bySymbol', key: { symbol: 1, at: -1, _id: -1 } }],
  triggers: [
    { name: 'byChange', key: { changedAt: 1 } },
    { name: 'armed', key: { isArmed: 1 }, partialFilterExpression: { isArmed: true } },
    // What is over is of use for as long as somebody may ask why an order did or did not trigger.
    { name: 'over', key: { overAt: 1 }, expireAfterSeconds: OVER_KEPT_S },
  ],
  orderIdentities: [{ name: 'byOrderId', key: { orderId: 1 } }],
};

const NAMESPACE_EXISTS = 48;

/**
 * Creates the collections and indexes that are missing; safe to call at every start and from several processes at
 * once. Collections are created here because creating one inside a transaction makes concurrent ones conflict.
 */
export async function ensureIndexes(db: Db): Promise<void> {
  const existing = new Set(
    (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name),
  );
  for (const name of Object.values(COLLECTIONS)) {
    if (!existing.has(name)) await createCollection(db, name);
  }
  for (const [name, indexes] of Object.entries(INDEXES) as [CollectionName, IndexDescription[]][]) {
    await db.collection(COLLECTIONS[name]).createIndexes(indexes);
  }
}

async function createCollection(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (fault) {
    // Another process was faster, which is as good.
    if (!(fault instanceof MongoServerError && fault.code === NAMESPACE_EXISTS)) throw fault;
  }
}
