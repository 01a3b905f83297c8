import type { KeepTriggerInput } from './execution/trigger.port';
import type { ValidateOrderInput } from './order-entry/order-entry.port';
import type { RecordOrderInput } from './reporting/reporting.port';
import type { ApplyExposureInput, ReserveInput, ReserveResult } from './risk/risk.port';
import type { SettleFillsInput } from './settlement/settlement.port';
import type { OrderTerms, Reason } from '../domain/order/order-types';

export interface AdmitOrderInput {
  validate: ValidateOrderInput;
  /** What risk is asked once the order is valid; validation adds the terms of the instrument. */
  reserve: Omit<ReserveInput, 'venue' | 'currency' | 'multiplier' | 'trail'>;
}
export type AdmitOrderResult =
  | { outcome: 'valid'; terms: OrderTerms; risk: ReserveResult }
  | { outcome: 'denied'; reasons: Reason[] }
  | { outcome: 'duplicate'; sameContent: boolean };

/** What an order has to tell the other capabilities at one moment; each part is idempotent by its own key. */
export interface DeliverEffectsInput {
  settle?: SettleFillsInput;
  exposure?: ApplyExposureInput;
  record?: RecordOrderInput;
  trigger?: KeepTriggerInput;
}

/**
 * Steps that several capabilities take together in one local activity. Each local activity costs an activation of the
 * workflow and a way through the worker, which is more than most of these steps themselves cost.
 */
export interface OrderStepActivities {
  /** Validation and identity, then risk. Throws retryably when one of them cannot decide. */
  admitOrder(input: AdmitOrderInput): Promise<AdmitOrderResult>;
  /** Books settlements first, or with the record, so that no view says settled before the ledger does; then the others. */
  deliverEffects(input: DeliverEffectsInput): Promise<void>;
}
