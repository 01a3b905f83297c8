import type { Db, Document } from 'mongodb';
import { assertMongoUp, isMongoUnavailable, noteUnavailable } from './availability';
import { COLLECTIONS, type CollectionName } from './collections';
import { withDeadline } from './deadline';
import { isDuplicateKey } from './transaction';
import { DECIDES } from './write-concern';

/**
 * Writes a document of which the newest version stands: `older` names it by its id and says what an older one looks like.
 * An upsert that meets something as new fails on the id, and that is all. Throws at once, retryably, while MongoDB is
 * down.
 */
export async function keepNewest(
  db: Db,
  into: CollectionName,
  older: Document & { _id: string },
  update: Document,
): Promise<void> {
  assertMongoUp(db);
  const documents = db.collection<{ _id: string }>(COLLECTIONS[into]);
  try {
    await withDeadline(documents.updateOne(older, update, { upsert: true, writeConcern: DECIDES }));
  } catch (fault) {
    if (isDuplicateKey(fault)) return;
    if (isMongoUnavailable(fault)) noteUnavailable(db.client, fault);
    throw fault;
  }
}
