import type {
  AnyBulkWriteOperation,
  ClientBulkWriteModel,
  ClientSession,
  Db,
  Document,
  MongoClient,
} from 'mongodb';
import { MongoServerError } from 'mongodb';
import { COLLECTIONS, type CollectionName } from './collections';
import { isMongoUnavailable, noteUnavailable } from './availability';
import { isDuplicateKey, STALE } from './transaction';
import { DECIDES } from './write-concern';

type Id = { _id: string };

/** One write of a batch over several collections. */
export type Write =
  /** The document must not exist yet. */
  | { kind: 'insert'; into: CollectionName; document: Document & Id }
  /** Written unless a document with that id exists: appending again is appending once. */
  | { kind: 'append'; into: CollectionName; document: Document & Id }
  /** The filter must match exactly one document: the guard of a decision. */
  | ({ kind: 'update' } & GuardedUpdate)
  | { kind: 'replace'; into: CollectionName; filter: Document & Id; document: Document & Id };

export interface GuardedUpdate {
  into: CollectionName;
  filter: Document & Id;
  update: Document;
}

/** Servers from this wire version on take one message for writes to many collections (MongoDB 8.0). */
const MANY_COLLECTIONS_WIRE_VERSION = 25;

/** Unlike a transaction, a single write waits for one that is under way, as long as a minute when its process was killed. */
const GUARDED_MS_MAX = 1_000;
const MAX_TIME_EXPIRED = 50;

const supportsMany = new WeakMap<MongoClient, Promise<boolean>>();

/**
 * Writes everything in one message where the server can, else in one for each collection. Returns STALE when an
 * insert met an existing document or a guard did not match: the caller must roll back and look again.
 */
export async function writeAll(
  db: Db,
  session: ClientSession,
  writes: Write[],
): Promise<'written' | typeof STALE> {
  if (writes.length === 0) return 'written';
  const guards = writes.filter(({ kind }) => kind === 'update' || kind === 'replace').length;
  const appends = writes.filter(({ kind }) => kind === 'append').length;
  try {
    const send = (await canSendMany(db)) ? sendTogether : sendByCollection;
    const { matched, upserted } = await send(db, session, writes);
    // An append that finds its document counts as matched without changing anything.
    return matched - (appends - upserted) === guards ? 'written' : STALE;
  } catch (fault) {
    if (isDuplicateKey(fault)) return STALE;
    throw fault;
  }
}

/**
 * One guarded write, which is whole without a transaction. Returns STALE when the guard did not match. Throws on any
 * fault; after a lost connection nobody knows whether it was written, so callers must be able to repeat the whole step.
 */
export async function writeGuarded(
  db: Db,
  { into, filter, update }: GuardedUpdate,
): Promise<'written' | typeof STALE> {
  try {
    const collection = db.collection<Document & Id>(COLLECTIONS[into]);
    const options = { writeConcern: DECIDES, maxTimeMS: GUARDED_MS_MAX };
    const { matchedCount } = await collection.updateOne(filter, update, options);
    return matchedCount === 1 ? 'written' : STALE;
  } catch (fault) {
    // It waited for a transaction of somebody else; whether it was written will be seen by who looks again.
    if (fault instanceof MongoServerError && fault.code === MAX_TIME_EXPIRED) return STALE;
    if (isMongoUnavailable(fault)) noteUnavailable(db.client, fault);
    throw fault;
  }
}

interface Counts {
  matched: number;
  upserted: number;
}

async function canSendMany(db: Db): Promise<boolean> {
  const known = supportsMany.get(db.client);
  if (known !== undefined) return await known;
  const asked = db
    .admin()
    .command({ hello: 1 })
    .then((hello) => Number(hello['maxWireVersion']) >= MANY_COLLECTIONS_WIRE_VERSION);
  supportsMany.set(db.client, asked);
  asked.catch(() => supportsMany.delete(db.client));
  return await asked;
}

async function sendTogether(db: Db, session: ClientSession, writes: Write[]): Promise<Counts> {
  const models = writes.map((write): ClientBulkWriteModel<Record<string, Document & Id>> => {
    const namespace = `${db.databaseName}.${COLLECTIONS[write.into]}`;
    switch (write.kind) {
      case 'insert':
        return { namespace, name: 'insertOne', document: write.document };
      case 'append':
        return { namespace, name: 'updateOne', ...appendOf(write.document) };
      case 'update':
        return { namespace, name: 'updateOne', filter: write.filter, update: write.update };
      case 'replace':
        return { namespace, name: 'replaceOne', filter: write.filter, replacement: write.document };
    }
  });
  const result = await db.client.bulkWrite<Record<string, Document & Id>>(models, { session, ordered: true });
  return { matched: result.matchedCount, upserted: result.upsertedCount };
}

async function sendByCollection(db: Db, session: ClientSession, writes: Write[]): Promise<Counts> {
  const counts: Counts = { matched: 0, upserted: 0 };
  const byCollection = new Map<CollectionName, AnyBulkWriteOperation<Document & Id>[]>();
  for (const write of writes) {
    const models = byCollection.get(write.into) ?? [];
    models.push(bulkModelOf(write));
    byCollection.set(write.into, models);
  }
  // Operations of one transaction must not overlap.
  for (const [name, models] of byCollection) {
    const result = await db
      .collection<Document & Id>(COLLECTIONS[name])
      .bulkWrite(models, { session, ordered: true });
    counts.matched += result.matchedCount;
    counts.upserted += result.upsertedCount;
  }
  return counts;
}

function bulkModelOf(write: Write): AnyBulkWriteOperation<Document & Id> {
  switch (write.kind) {
    case 'insert':
      return { insertOne: { document: write.document } };
    case 'append':
      return { updateOne: appendOf(write.document) };
    case 'update':
      return { updateOne: { filter: write.filter, update: write.update } };
    case 'replace':
      return { replaceOne: { filter: write.filter, replacement: write.document } };
  }
}

/** The update that writes `document` unless one with its id exists. */
export function appendOf(document: Document & Id): { filter: Id; update: Document; upsert: true } {
  const { _id, ...fields } = document;
  return { filter: { _id }, update: { $setOnInsert: fields }, upsert: true };
}
