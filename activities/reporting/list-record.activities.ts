import { MongoServerError, type Db } from 'mongodb';
import { assertMongoUp, isMongoUnavailable, noteUnavailable } from '../../storage/availability';
import { collection } from '../../storage/collections';
import { withDeadline } from '../../storage/deadline';
import { listRecordId, type ListRecord } from '../../storage/list-record';
import { DECIDES } from '../../storage/write-concern';
import type { ListRecordActivities, RecordListInput } from './list-record.port';

const DUPLICATE_KEY = 11_000;

/** The view of lists of orders on MongoDB. Throws at once while MongoDB is down; the caller retries. */
export function createListRecordActivities({ db }: { db: Db }): ListRecordActivities {
  return {
    async recordList(input) {
      assertMongoUp(db);
      try {
        await withDeadline(keep(db, input));
      } catch (fault) {
        if (isMongoUnavailable(fault)) noteUnavailable(db.client, fault);
        throw fault;
      }
    },
  };
}

/** Writes what is newer than what is there; an upsert that meets something as new fails on the id, and that is all. */
async function keep(db: Db, { outline, ...facts }: RecordListInput): Promise<void> {
  const _id = listRecordId(outline.account, outline.listId);
  try {
    await collection<ListRecord>(db, 'orderLists').updateOne(
      { _id, revision: { $lt: facts.revision } },
      { $set: { ...outline, ...facts } },
      { upsert: true, writeConcern: DECIDES },
    );
  } catch (fault) {
    if (!(fault instanceof MongoServerError && fault.code === DUPLICATE_KEY)) throw fault;
  }
}
