import type { ExecutionReport } from './execution-report';
import type { TriggerSighting } from './hold';
import type { ListMembership } from './list-membership';
import type { OrderRequest, OrderTerms, Reason, RejectedBy, UnknownOutcome } from './order-types';
import type { Price, Quantity } from '../money/decimal';

/** Version of the event schema that is written; older stored events are upcast on read (see upcast-event.ts). */
export const ORDER_EVENT_VERSION = 2;
/**
 * The oldest version of a reader that understands what is written now: a new version only adds what an older reader
 * may ignore, or raises this number, and then no build with an older reader can run beside it.
 */
export const ORDER_EVENT_READABLE_FROM = 1;

/** What happened, without its envelope. Views and workflow state fold these with the same `evolve`. */
export type OrderEventBody =
  /** `traceId` is that of the request that brought the order; orders that came otherwise have none. */
  | {
      type: 'orderReceived';
      request: OrderRequest;
      enteredBy: string;
      workflowId: string;
      traceId?: string;
      /** Present on orders that came in a list. */
      list?: ListMembership;
    }
  | { type: 'orderValidated'; terms: OrderTerms }
  | { type: 'orderDenied'; rejectedBy: Extract<RejectedBy, 'validation' | 'risk'>; reasons: Reason[] }
  | { type: 'riskReserved'; riskVersion: number; limitVersion: number }
  | { type: 'orderRouted'; clOrdId: string }
  /** The order waits here: until it is released, or until the market reaches its stop (`version` counts arming). */
  | { type: 'orderHeld'; until: 'release' }
  | { type: 'orderHeld'; until: 'trigger'; version: number }
  | { type: 'orderReleased'; by: string; reason?: string }
  /** The market reached the stop; what was seen is kept. Stands once in the life of an order. */
  | { type: 'orderTriggered'; version: number; sighting: TriggerSighting }
  /** An amendment of an order that waits here: in force at once, since no venue has to agree. */
  | {
      type: 'heldTermsChanged';
      requestId: string;
      by: string;
      quantity?: Quantity;
      limitPrice?: Price;
      stopPrice?: Price;
    }
  | { type: 'cancelRequested'; requestId: string; by: string; clOrdId: string; reason?: string }
  | {
      type: 'replaceRequested';
      requestId: string;
      by: string;
      clOrdId: string;
      quantity?: Quantity;
      limitPrice?: Price;
      stopPrice?: Price;
    }
  /** A request refused by us (rules or risk): kept on record, nothing was sent. */
  | { type: 'requestDenied'; requestId: string; by: string; kind: 'cancel' | 'replace'; reasons: Reason[] }
  /** Anything the venue said; the report is kept whole. */
  | { type: 'reportApplied'; report: ExecutionReport }
  /** A repeat of a report with equal content is not an event; with other content it is this alarm. */
  | { type: 'anomalyRaised'; code: string; message: string; report?: ExecutionReport }
  /** The order ended before anything reached the venue. */
  | { type: 'endedLocally'; how: 'cancelled' | 'expired'; by: string; reason?: string }
  | { type: 'outcomeUnknown'; reason: string }
  | {
      type: 'outcomeResolved';
      by: string;
      evidence: string;
      outcome: UnknownOutcome;
    }
  | { type: 'fillsSettled'; fillIds: string[]; settlementDate: string };

export type OrderEventType = OrderEventBody['type'];

interface EventEnvelope {
  v: number;
  orderId: string;
  /** 1, 2, 3 … without gaps within an order. */
  seq: number;
  /** Workflow time, ISO 8601 UTC. */
  at: string;
}

export type OrderEvent = OrderEventBody &
  EventEnvelope & {
    /** Build of the worker that decided it; null when that was not kept. Since version 2. */
    build: string | null;
  };

/** An event of any version, as it may be stored, or come from an order on another build. */
export type StoredOrderEvent = OrderEventBody & EventEnvelope & Partial<Pick<OrderEvent, 'build'>>;
