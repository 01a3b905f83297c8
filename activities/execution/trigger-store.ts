import type { Db } from 'mongodb';
import { toStored } from '../../storage/decimal128';
import { keepNewest } from '../../storage/keep-newest';
import type { TriggerActivities } from './trigger.port';

/** What orders that wait for a price ask the watch of the market to do, one document an order. */
export function createTriggerActivities({ db }: { db: Db }): TriggerActivities {
  return {
    async keepTrigger({ orderId, workflowId, sequence, terms }) {
      const wanted = { workflowId, sequence, isArmed: terms !== null, ...(terms !== null && { terms }) };
      await keepNewest(
        db,
        'triggers',
        { _id: orderId, sequence: { $lt: sequence } },
        {
          $set: toStored(wanted),
          $currentDate: { changedAt: true, ...(terms === null && { overAt: true }) },
        },
      );
    },
  };
}
