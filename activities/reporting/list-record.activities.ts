import type { Db } from 'mongodb';
import { keepNewest } from '../../storage/keep-newest';
import { listRecordId } from '../../storage/list-record';
import type { ListRecordActivities } from './list-record.port';

/** The view of lists of orders on MongoDB. Throws at once while MongoDB is down; the caller retries. */
export function createListRecordActivities({ db }: { db: Db }): ListRecordActivities {
  return {
    async recordList({ outline, ...facts }) {
      const _id = listRecordId(outline.account, outline.listId);
      const older = { _id, revision: { $lt: facts.revision } };
      await keepNewest(db, 'orderLists', older, { $set: { ...outline, ...facts } });
    },
  };
}
