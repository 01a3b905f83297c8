import type { ExposureContribution } from '../../domain/risk/exposure';
import type { Money, Price, Quantity } from '../../domain/money/decimal';
import type { Trail } from '../../domain/order/trigger';
import type { OrderType, Reason, Side } from '../../domain/order/order-types';
import type { IdentityDoc } from '../../storage/collections';

/** The open terms that a reservation must cover: the whole order, or the order as it would be after an amendment. */
export interface ReserveInput {
  orderId: string;
  /** 1 for the order itself, then one more for each amendment: a retried activity reserves once. */
  riskVersion: number;
  /** Sequence of the order's last event; a contribution with a lower one never overwrites. */
  sequence: number;
  account: string;
  symbol: string;
  venue: string;
  currency: string;
  side: Side;
  type: OrderType;
  /** Total quantity, and what of it is filled already. */
  quantity: Quantity;
  cumQty: Quantity;
  limitPrice?: Price;
  stopPrice?: Price;
  /** Of a trailing order: risk takes the stop that it would have now when it states none. */
  trail?: Trail;
  multiplier: string;
  /** Money and shares already moved by fills (see ExposureContribution). */
  cashDelta: Money;
  positionDelta: Quantity;
  enteredBy: string;
  at: string;
  /** Names the alternatives that the order belongs to: of these the account holds what the dearest needs. */
  group?: string;
}
export type ReserveResult =
  /** `unitReserve`: cash held per unit of open quantity (price plus worst-case fee), kept by the order for releases. */
  | { outcome: 'reserved'; limitVersion: number; unitReserve: Money }
  | { outcome: 'denied'; limitVersion: number; reasons: Reason[] };

export interface ApplyExposureInput {
  orderId: string;
  sequence: number;
  account: string;
  symbol: string;
  contribution: ExposureContribution;
  /** As for the reservation. */
  group?: string;
}

export interface RiskActivities {
  /** Pure checks, then one atomic reservation, then the decision record. Throws retryably when it cannot decide. */
  reserveExposure(input: ReserveInput): Promise<ReserveResult>;
  /** Sets the order's contribution to what its fills and state say. No check: facts are facts. Idempotent by sequence. */
  applyExposure(input: ApplyExposureInput): Promise<void>;
}

/** An order that is on its way here. */
export interface ComingOrder {
  account: string;
  orderId: string;
  /** `_id` of the identity that it will claim. */
  identityId: string;
}

/** What order entry asks of risk for an order that is new. */
export interface RiskEntry {
  /** Begins to read what the admission of such an order needs. Never throws: the admission will. */
  expect(order: ComingOrder): void;
  /** Begins to read what the decision about an order of this account needs. Never throws: the decision will. */
  prepare(account: string): void;
  /**
   * The first reservation of an order, with its identity registered by the same write. When the identity belongs
   * to another run, that owner is the answer and nothing is decided. Throws as reserveExposure does.
   */
  admit(input: ReserveInput, identity: IdentityDoc): Promise<AdmissionResult>;
  /**
   * Gives back what an attempt to admit this order reserved of which nobody heard, once the order is known not to trade.
   * The order must own its identity. An exposure to which something has happened since stays. Throws as applyExposure does.
   */
  giveBack(orderId: string): Promise<void>;
}
export type AdmissionResult = ReserveResult | { outcome: 'taken'; owner: IdentityDoc };

/** Pre-trade risk: what workflows call, and what order entry calls in the same process. */
export interface Risk {
  activities: RiskActivities;
  entry: RiskEntry;
  /** Files what processes that are gone admitted and had not filed yet. Throws when MongoDB cannot be reached. */
  fileLeftovers(): Promise<void>;
}
