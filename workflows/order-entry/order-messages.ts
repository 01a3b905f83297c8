import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { workflowIdOf } from '../../domain/order/order-id';
import { summaryOf } from '../../domain/order/order-summary';
import { orderSearchAttributes } from '../../temporal-config/search-attributes';
import type { DeliverEffectsInput } from '../../activities/order-steps.port';
import type { TriggerSighting } from '../../domain/order/hold';
import type { LegAct } from '../../domain/order-list/list-types';
import type { Quantity } from '../../domain/money/decimal';
import type { ListMembership } from '../../domain/order/list-membership';
import type { RecordOrderInput } from '../../activities/reporting/reporting.port';
import type { ExecutionReport } from '../../domain/order/execution-report';
import type { OrderRequest } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';
import type { OrderState } from '../../domain/order/order-types';
import type { OrderEvent, StoredOrderEvent } from '../../domain/order/order-events';

/** Workflow type and its message names: a public contract with the Temporal UI, the CLI and other programs. */
export const ORDER_WORKFLOW_TYPE = 'order';
export const ORDERS_TASK_QUEUE = 'orders';

/** Argument of the `order` workflow. `carried` is present only on continue-as-new. */
export interface OrderWorkflowInput {
  orderId: string;
  request: OrderRequest;
  /** Hash of clientOrderId and canonical request; another hash under the same id is a conflict. */
  requestHash: string;
  enteredBy: string;
  /** Joint steps (see order-steps.port.ts). Orders that began without them go on, and replay, with single ones. */
  steps?: 'joint';
  /** Decides by the events of its history (see anchor.ts). Orders that began without it go on, and replay, without. */
  anchored?: boolean;
  /** Shows operations the states that last (see presence.ts). Orders that began without it show each state. */
  shows?: 'lasting';
  /** Takes everything that happens in turn (see anchor.ts). Orders that began without it go on, and replay, without. */
  inTurn?: boolean;
  /** Trace of the request that brought the order, 32 hex digits. */
  traceId?: string;
  /** Present on orders of a list. */
  list?: ListLinkInput;
  carried?: CarriedOrder;
  /** Continue as new beyond this many history events; tests lower it. */
  historyEventsMax?: number;
}

/** What every order has that begins now. Who starts one says so, for what runs and replays goes by its own input. */
export const NEW_ORDER = {
  steps: 'joint',
  anchored: true,
  shows: 'lasting',
  inTurn: true,
} as const satisfies Partial<OrderWorkflowInput>;

/** Where orders go that name no venue; validation decides, this is only what the search attribute shows. */
const DEFAULT_VENUE = 'XSIM';

/** The workflow of a new order, whoever starts it: its id, its argument, and what operations see of it. */
export function orderStartOf(input: OrderWorkflowInput) {
  const { orderId, request, requestHash, enteredBy, traceId } = input;
  const { account, clientOrderId, symbol, side, type, venue = DEFAULT_VENUE } = request;
  return {
    workflowId: workflowIdOf(account, clientOrderId),
    args: [input] as [OrderWorkflowInput],
    workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
    typedSearchAttributes: orderSearchAttributes({
      account,
      symbol,
      side,
      state: 'new',
      venue,
      orderType: type,
      trader: enteredBy,
    }),
    staticSummary: summaryOf(request),
    memo: { orderId, requestHash, enteredBy, ...(traceId !== undefined && { traceId }) },
  };
}

/** How an order finds its list. */
export interface ListLinkInput {
  /** The workflow of the list, which hears of the order and tells it what to do. */
  workflowId: string;
  membership: ListMembership;
  /** The order is kept here once it is validated, and risk decides when it is released. */
  held?: boolean;
  /** The alternatives that risk counts as one (see ReserveInput.group). */
  group?: string;
}

/** What the list was told last, and what became of the acts that it asked for. */
export interface CarriedLink {
  told: string;
  actsAnswered: number;
  bookedQty: Quantity;
  refusal?: string;
}

/** Effects as an older build may have carried them: their events are of any version. */
export type CarriedEffects = Omit<DeliverEffectsInput, 'record'> & {
  record?: Omit<RecordOrderInput, 'events'> & { events: StoredOrderEvent[] };
};

/** What crosses continue-as-new: the state with its dedupe keys, and effects not yet delivered. */
export interface CarriedOrder {
  /** Packed when its ledger is long (see domain/order/packed-state.ts). */
  state: OrderState;
  createdBy: string;
  /** Cash held per open unit by the ClOrdID whose terms it covers (see ReserveResult.unitReserve). */
  unitReserves: Record<string, string>;
  /** Events that MongoDB does not have yet, ascending; of any version when an older build carried them. */
  unrecorded: StoredOrderEvent[];
  /** Fills that those events changed. */
  unrecordedFillIds: string[];
  /** What the run before was not able to deliver; it is delivered before anything else. */
  undelivered?: CarriedEffects;
  /** The last exposure contribution that risk confirmed, as JSON; empty when none. */
  deliveredExposure: string;
  /** What the watch of the market was told last, as JSON; absent on orders that never waited for a price. */
  deliveredTrigger?: string;
  /** Present on orders of a list. */
  link?: CarriedLink;
}

export interface SubmitInput {
  /** Nonce of this HTTP request; echoed by the answer of the one call that created the order. */
  requestId: string;
  requestHash: string;
}
export interface SubmitResult {
  createdBy: string;
  outcome: 'accepted' | 'denied';
  order: OrderView;
  /** Build of the worker that answered; absent where workers name none, and in answers from before it was told. */
  build?: string;
}
export interface CancelRequest {
  requestId: string;
  by: string;
  reason?: string;
}
export interface AmendRequest {
  requestId: string;
  by: string;
  quantity?: string;
  limitPrice?: string;
  stopPrice?: string;
}
/** Result of requestCancel and requestAmend: accepted for the venue, or denied by our rules or risk. */
export interface RequestResult {
  outcome: 'accepted' | 'denied';
  order: OrderView;
  reasons: { code: string; message: string; field?: string; value?: string; limit?: string }[];
}
export interface ResolveRequest {
  requestId: string;
  by: string;
  evidence: string;
  outcome: 'working' | 'rejected' | 'cancelled' | 'expired';
}

/** The market reached the stop for which this version of the trigger was watched. */
export interface TriggerMessage {
  version: number;
  sighting: TriggerSighting;
}
/** Lets go an order that waits for another one, or for a person. */
export interface ReleaseMessage {
  requestId?: string;
  by: string;
  reason?: string;
}

/** What the list of an order asks of it; acts are numbered, so that each is taken once. */
export interface LegActMessage {
  number: number;
  act: LegAct;
}

export const submitUpdate = defineUpdate<SubmitResult, [SubmitInput]>('submit');
export const requestCancelUpdate = defineUpdate<RequestResult, [CancelRequest]>('requestCancel');
export const requestAmendUpdate = defineUpdate<RequestResult, [AmendRequest]>('requestAmend');
export const resolveUpdate = defineUpdate<RequestResult, [ResolveRequest]>('resolve');
export const cancelSignal = defineSignal<[CancelRequest]>('cancel');
export const amendSignal = defineSignal<[AmendRequest]>('amend');
export const triggerSignal = defineSignal<[TriggerMessage]>('trigger');
export const releaseSignal = defineSignal<[ReleaseMessage]>('release');
export const legActSignal = defineSignal<[LegActMessage]>('legAct');
/** One signal may carry several reports of one order, in the venue's order. */
export const executionReportSignal = defineSignal<[ExecutionReport | ExecutionReport[]]>('executionReport');
export const orderQuery = defineQuery<OrderView>('order');
/** A page of events: those after `afterSeq`, at most `max`. Builds that know no pages answer with all. */
export interface EventPage {
  afterSeq: number;
  max: number;
}
/** The events that this run emitted, all or a page of them: what a rebuild of the views reads. */
export const orderEventsQuery = defineQuery<OrderEvent[], [EventPage?]>('orderEvents');

export function pageOf(events: readonly OrderEvent[], page?: EventPage): OrderEvent[] {
  if (page === undefined) return [...events];
  return events.filter(({ seq }) => seq > page.afterSeq).slice(0, page.max);
}

/**
 * Failure types thrown by updates (ApplicationFailure.type): the codes of domain/errors. A refused cancel or amend
 * carries the current OrderView as its first detail; a submit conflict has type CLIENT_ORDER_ID_CONFLICT.
 */
