import type { Db } from 'mongodb';
import { dayEndOf } from '../../domain/calendar/day-end';
import { endsAtOf } from '../../domain/order-entry/order-ending';
import { tradedAt } from '../../domain/order-entry/venue-capabilities';
import { isHeldFor } from '../../domain/order-entry/trigger-holding';
import { validateOrder } from '../../domain/order-entry/validate-order';
import { IdentityDesk } from './identity-desk';
import { createReferenceData, type ReferenceData } from './reference-data';
import type { Config } from '../../config/config';
import type { Instrument } from '../../domain/instrument/instrument';
import type { OrderRequest, OrderTerms, SettlementPolicy } from '../../domain/order/order-types';
import type { IdentityDoc } from '../../storage/collections';
import { identityIdOf } from '../../storage/keys';
import type { ValidateOrderInput, ValidateOrderResult } from './order-entry.port';

export type OrderEntryConfig = Pick<
  Config,
  'STEADFILL_PROFILE' | 'STEADFILL_SETTLEMENT_DELAY_MS' | 'STEADFILL_VENUE_TASK_QUEUE_PREFIX'
> &
  Partial<Pick<Config, 'STEADFILL_BUST_WINDOW_MS'>>;

type Checked = Exclude<ValidateOrderResult, { outcome: 'duplicate' }>;
type Duplicate = Extract<ValidateOrderResult, { outcome: 'duplicate' }>;

/** The two halves of order entry: what may be known about an order, and whose it is. */
export interface OrderDesk {
  readonly reference: ReferenceData;
  /** Every breach of the form and of the instrument's rules; reads reference data only, mostly from memory. */
  check(input: ValidateOrderInput): Promise<Checked>;
  /** What the order is known by, for ever. */
  identityOf(input: ValidateOrderInput): IdentityDoc;
  /** The answer to an order whose pair belongs to `owner`. */
  duplicateOf(owner: IdentityDoc, input: ValidateOrderInput): Duplicate;
  /** Registers the identity, durably; answers what it found when the pair belongs to another run. */
  register(input: ValidateOrderInput): Promise<Duplicate | undefined>;
}

/** Order entry on MongoDB. Throws within two seconds, retryably, when MongoDB cannot be reached. */
export function createOrderDesk({ db, config }: { db: Db; config: OrderEntryConfig }): OrderDesk {
  const identities = new IdentityDesk(db);
  const reference = createReferenceData(db);
  return {
    reference,
    async check({ request, at }) {
      const [instrument, account] = await Promise.all([
        reference.instrument(request.symbol, at),
        reference.account(request.account),
      ]);
      const reasons = validateOrder(request, {
        account,
        instrument,
        traded: tradedAt(instrument?.venue),
        at,
      });
      if (reasons.length > 0 || instrument === undefined) return { outcome: 'denied', reasons };
      const hold = isHeldFor(instrument.venue, request.type) ? { hold: 'trigger' as const } : {};
      return { outcome: 'valid', terms: { ...termsOf(instrument, config, request, at), ...hold } };
    },
    identityOf,
    duplicateOf,
    async register(input) {
      const owner = await identities.register(identityOf(input));
      return owner.firstRunId === input.firstRunId ? undefined : duplicateOf(owner, input);
    },
  };
}

function duplicateOf(owner: IdentityDoc, input: ValidateOrderInput): Duplicate {
  return { outcome: 'duplicate', sameContent: owner.requestHash === input.requestHash };
}

function identityOf({
  orderId,
  workflowId,
  firstRunId,
  request,
  requestHash,
  at,
}: ValidateOrderInput): IdentityDoc {
  const _id = identityIdOf(request.account, request.clientOrderId);
  return { _id, orderId, requestHash, workflowId, firstRunId, createdAt: at };
}

function termsOf(
  instrument: Instrument,
  config: OrderEntryConfig,
  request: OrderRequest,
  at: string,
): OrderTerms {
  const { venue, currency, tickSize, ticks, lotSize, multiplier } = instrument;
  const endsAt = endsAtOf(request, venue, at);
  const bustWindowMs = config.STEADFILL_BUST_WINDOW_MS ?? 0;
  return {
    venue,
    venueTaskQueue: `${config.STEADFILL_VENUE_TASK_QUEUE_PREFIX}${venue}`,
    currency,
    tickSize,
    ...(ticks !== undefined && { ticks }),
    lotSize,
    multiplier,
    sessionCloseAt: dayEndOf(venue, at),
    ...(endsAt !== undefined && { endsAt }),
    settlement: settlementPolicyOf(config),
    ...(bustWindowMs > 0 && { bustWindowMs }),
  };
}

/** The demo profile settles in moments, so that the whole life of an order can be watched. */
function settlementPolicyOf(config: OrderEntryConfig): SettlementPolicy {
  return config.STEADFILL_PROFILE === 'demo'
    ? { mode: 'demo', delayMs: config.STEADFILL_SETTLEMENT_DELAY_MS }
    : { mode: 'calendar' };
}
