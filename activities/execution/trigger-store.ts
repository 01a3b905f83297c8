import { MongoServerError, type Collection, type Db } from 'mongodb';
import { assertMongoUp, isMongoUnavailable, noteUnavailable } from '../../storage/availability';
import { collection } from '../../storage/collections';
import { withDeadline } from '../../storage/deadline';
import { toStored, type Stored } from '../../storage/decimal128';
import type { TriggerRecord } from '../../storage/trigger-record';
import { DECIDES } from '../../storage/write-concern';
import type { KeepTriggerInput, TriggerActivities } from './trigger.port';

const DUPLICATE_KEY = 11_000;

type StoredTriggers = Collection<Stored<TriggerRecord> & { _id: string }>;

/** What orders that wait for a price ask the watch of the market to do, one document an order. */
export function createTriggerActivities({ db }: { db: Db }): TriggerActivities {
  return {
    async keepTrigger(input) {
      assertMongoUp(db);
      try {
        await withDeadline(keep(collection<TriggerRecord>(db, 'triggers'), input));
      } catch (fault) {
        if (isMongoUnavailable(fault)) noteUnavailable(db.client, fault);
        throw fault;
      }
    },
  };
}

/** Writes what is newer than what is there; an upsert that meets something as new fails on the id, and that is all. */
async function keep(triggers: StoredTriggers, input: KeepTriggerInput): Promise<void> {
  const { orderId, workflowId, sequence, terms } = input;
  const wanted = { workflowId, sequence, isArmed: terms !== null, ...(terms !== null && { terms }) };
  try {
    await triggers.updateOne(
      { _id: orderId, sequence: { $lt: sequence } } as Record<string, unknown>,
      {
        $set: toStored(wanted) as Record<string, unknown>,
        $currentDate: { changedAt: true, ...(terms === null && { overAt: true }) },
      } as Record<string, unknown>,
      { upsert: true, writeConcern: DECIDES },
    );
  } catch (fault) {
    if (!(fault instanceof MongoServerError && fault.code === DUPLICATE_KEY)) throw fault;
  }
}
