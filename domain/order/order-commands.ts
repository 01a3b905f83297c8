import type { ExecutionReport } from './execution-report';
import type { TriggerSighting } from './hold';
import type { ListMembership } from './list-membership';
import type { OrderEventBody } from './order-events';
import type { OrderRequest, OrderTerms, Reason, UnknownOutcome } from './order-types';
import type { Price, Quantity } from '../money/decimal';

/** What may be asked of an order. `decide` answers each with events or a refusal, and changes nothing itself. */
export type OrderCommand =
  | { type: 'recordValidated'; terms: OrderTerms }
  | { type: 'recordDenied'; rejectedBy: 'validation' | 'risk'; reasons: Reason[] }
  | { type: 'recordReserved'; riskVersion: number; limitVersion: number }
  | { type: 'recordRouted' }
  /** Keeps a validated order here; one that waits for a price waits for it after its release too. */
  | { type: 'hold'; until: 'release' | 'trigger' }
  | { type: 'release'; by: string; reason?: string }
  /** `version` is that of the hold for which the market was watched. */
  | { type: 'trigger'; version: number; sighting: TriggerSighting }
  | { type: 'requestCancel'; requestId: string; by: string; reason?: string }
  | {
      type: 'requestReplace';
      requestId: string;
      by: string;
      quantity?: Quantity;
      limitPrice?: Price;
      stopPrice?: Price;
    }
  /** Our own rules or risk refused a request that `decide` had no objection to. */
  | { type: 'denyRequest'; requestId: string; by: string; kind: 'cancel' | 'replace'; reasons: Reason[] }
  | { type: 'applyReport'; report: ExecutionReport }
  | { type: 'endLocally'; how: 'cancelled' | 'expired'; by: string; reason?: string }
  | { type: 'markUnknown'; reason: string }
  | {
      type: 'resolveUnknown';
      by: string;
      evidence: string;
      outcome: UnknownOutcome;
    }
  | { type: 'settleFills'; fillIds: string[]; settlementDate: string };

/** A refusal changes nothing. `duplicate` marks a true repeat, which callers answer as the first time. */
export interface Refusal {
  code: string;
  message: string;
  duplicate: boolean;
}

export type Decision = { ok: true; events: OrderEventBody[] } | { ok: false; refusal: Refusal };

/** Arguments of the first event of an order. */
export interface OpenOrderInput {
  orderId: string;
  workflowId: string;
  request: OrderRequest;
  enteredBy: string;
  traceId?: string;
  list?: ListMembership;
}
