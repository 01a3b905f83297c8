import type { Db } from 'mongodb';
import { validateAmendment } from '../../domain/order-entry/validate-amendment';
import { createOrderDesk, type OrderDesk, type OrderEntryConfig } from './order-desk';
import type { OrderEntryActivities } from './order-entry.port';

export type { OrderEntryConfig } from './order-desk';

/**
 * Order entry on MongoDB. In the usual case one order costs one round trip: its identity is registered while the
 * reference data comes from the cache. Throws within two seconds, retryably, when MongoDB cannot be reached.
 */
export function createOrderEntryActivities({
  db,
  config,
  desk = createOrderDesk({ db, config }),
}: {
  db: Db;
  config: OrderEntryConfig;
  desk?: OrderDesk;
}): OrderEntryActivities {
  return {
    async validateOrder(input) {
      const [duplicate, checked] = await Promise.all([desk.register(input), desk.check(input)]);
      return duplicate ?? checked;
    },

    async validateAmendment({ request, terms, at = new Date().toISOString(), working, ...amendment }) {
      const instrument = await desk.reference.instrument(request.symbol, at);
      const context = { request, terms, instrument, at, ...(working !== undefined && { working }) };
      return { reasons: validateAmendment(amendment, context) };
    },
  };
}
