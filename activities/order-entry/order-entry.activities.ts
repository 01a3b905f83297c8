import type { Db } from 'mongodb';
import { dayEndOf } from '../../domain/calendar/day-end';
import { TRADED } from '../../domain/order-entry/order-form';
import { validateAmendment } from '../../domain/order-entry/validate-amendment';
import { validateOrder } from '../../domain/order-entry/validate-order';
import { IdentityDesk } from './identity-desk';
import { createReferenceData } from './reference-data';
import type { Config } from '../../config/config';
import type { Instrument } from '../../domain/instrument/instrument';
import type { OrderTerms, SettlementPolicy } from '../../domain/order/order-types';
import type { IdentityDoc } from '../../storage/collections';
import type { OrderEntryActivities, ValidateOrderInput } from './order-entry.port';

export type OrderEntryConfig = Pick<
  Config,
  'STEADFILL_PROFILE' | 'STEADFILL_SETTLEMENT_DELAY_MS' | 'STEADFILL_VENUE_TASK_QUEUE_PREFIX'
>;

/**
 * Order entry on MongoDB. In the usual case one order costs one round trip: its identity is registered while the
 * reference data comes from the cache. Throws within two seconds, retryably, when MongoDB cannot be reached.
 */
export function createOrderEntryActivities({
  db,
  config,
}: {
  db: Db;
  config: OrderEntryConfig;
}): OrderEntryActivities {
  const identities = new IdentityDesk(db);
  const reference = createReferenceData(db);
  return {
    async validateOrder(input) {
      const { request, requestHash, firstRunId, at } = input;
      const [owner, instrument, account] = await Promise.all([
        identities.register(identityOf(input)),
        reference.instrument(request.symbol),
        reference.account(request.account),
      ]);
      if (owner.firstRunId !== firstRunId) {
        return { outcome: 'duplicate', sameContent: owner.requestHash === requestHash };
      }
      const reasons = validateOrder(request, { account, instrument, traded: TRADED, at });
      if (reasons.length > 0 || instrument === undefined) return { outcome: 'denied', reasons };
      return { outcome: 'valid', terms: termsOf(instrument, config, at) };
    },

    async validateAmendment({ request, terms, ...amendment }) {
      const instrument = await reference.instrument(request.symbol);
      return { reasons: validateAmendment(amendment, { request, terms, instrument }) };
    },
  };
}

function identityOf({
  orderId,
  workflowId,
  firstRunId,
  request,
  requestHash,
  at,
}: ValidateOrderInput): IdentityDoc {
  const _id = `${request.account}:${request.clientOrderId}`;
  return { _id, orderId, requestHash, workflowId, firstRunId, createdAt: at };
}

function termsOf(instrument: Instrument, config: OrderEntryConfig, at: string): OrderTerms {
  const { venue, currency, tickSize, lotSize, multiplier } = instrument;
  return {
    venue,
    venueTaskQueue: `${config.STEADFILL_VENUE_TASK_QUEUE_PREFIX}${venue}`,
    currency,
    tickSize,
    lotSize,
    multiplier,
    sessionCloseAt: dayEndOf(venue, at),
    settlement: settlementPolicyOf(config),
  };
}

/** The demo profile settles in moments, so that the whole life of an order can be watched. */
function settlementPolicyOf(config: OrderEntryConfig): SettlementPolicy {
  return config.STEADFILL_PROFILE === 'demo'
    ? { mode: 'demo', delayMs: config.STEADFILL_SETTLEMENT_DELAY_MS }
    : { mode: 'calendar' };
}
