import type { AmendmentContext } from '../../domain/order-entry/validate-amendment';
import type { OrderRequest, OrderTerms, Reason } from '../../domain/order/order-types';

export interface ValidateOrderInput {
  orderId: string;
  workflowId: string;
  firstRunId: string;
  request: OrderRequest;
  requestHash: string;
  enteredBy: string;
  /** Workflow time, ISO 8601 UTC. */
  at: string;
}
export type ValidateOrderResult =
  | { outcome: 'valid'; terms: OrderTerms }
  | { outcome: 'denied'; reasons: Reason[] }
  /** The pair (account, clientOrderId) belongs to another run: the order exists already; do not trade. */
  | { outcome: 'duplicate'; sameContent: boolean };

export interface ValidateAmendmentInput {
  request: OrderRequest;
  terms: OrderTerms;
  quantity?: string;
  limitPrice?: string;
  stopPrice?: string;
  /** Workflow time, ISO 8601 UTC; absent from orders that began before it was said, which are amended now. */
  at?: string;
  /** What is in force at the venue; absent from those orders as well. */
  working?: NonNullable<AmendmentContext['working']>;
}

/** Order entry and validation. All checks run and every breach is named, not the first only. */
export interface OrderEntryActivities {
  /** Registers the identity (j:true) and validates. Throws retryably when MongoDB is unreachable. */
  validateOrder(input: ValidateOrderInput): Promise<ValidateOrderResult>;
  validateAmendment(input: ValidateAmendmentInput): Promise<{ reasons: Reason[] }>;
}
