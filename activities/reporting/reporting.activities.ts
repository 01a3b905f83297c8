import type { Db } from 'mongodb';
import { RecordDesk } from './record-desk';
import type { ReportingActivities } from './reporting.port';
import type { Logger } from '../../observability/logger';

export interface ReportingDependencies {
  db: Db;
  logger: Logger;
}

/** Event log, views and trade-date ledger on MongoDB. Throws at once while MongoDB is down; the caller retries. */
export function createReportingActivities({ db, logger }: ReportingDependencies): ReportingActivities {
  const desk = new RecordDesk(db);
  return {
    async recordOrder(input, settled) {
      await desk.record(input, settled);
      const { orderId, state, sequence } = input.view;
      logger.debug('recorded an order', { orderId, state, sequence, events: input.events.length });
    },
  };
}
