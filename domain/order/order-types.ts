import type { Decimal, Money, Price, Quantity } from '../money/decimal';
import type { TickBand } from '../instrument/valid-values';
import type { ExecutionReport, ReportKind } from './execution-report';
import type { Hold, TakenTrigger } from './hold';
import type { OrderRequest } from './order-request';

export {
  ORDER_TYPES,
  PEG_PRICE_TYPES,
  SIDES,
  TIMES_IN_FORCE,
  type OrderRequest,
  type OrderType,
  type PegPriceType,
  type Side,
  type TimeInForce,
} from './order-request';
import type { ListMembership } from './list-membership';

/** Where an order is in its life (design: lifecycle axis). FIX's OrdStatus is derived, never stored alone. */
export const LIFECYCLE_STATES = [
  'new',
  'validated',
  'routed',
  'partiallyFilled',
  'filled',
  'settled',
  'rejected',
  'cancelled',
  'expired',
  'unknown',
] as const;
export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

/** FIX 4.4 OrdStatus(39) by name in camelCase. FIX spells `canceled` with one l, and so does this axis. */
export const ORD_STATUSES = [
  'pendingNew',
  'new',
  'partiallyFilled',
  'filled',
  'doneForDay',
  'canceled',
  'replaced',
  'pendingCancel',
  'stopped',
  'rejected',
  'suspended',
  'calculated',
  'expired',
  'pendingReplace',
] as const;
export type OrdStatus = (typeof ORD_STATUSES)[number];

/** Who refused: our validation or risk (denied, nothing was sent), or the venue (rejected). */
export type RejectedBy = 'validation' | 'risk' | 'venue';

/**
 * How a doubtful send turned out: `working` = the venue has the order; `notSent` = it never came there and may be
 * sent; the others = it ended there.
 */
export type UnknownOutcome = 'working' | 'notSent' | 'rejected' | 'cancelled' | 'expired';

/** One breach; `code` is stable and machine-readable, `message` is for people. */
export interface Reason {
  code: string;
  message: string;
  field?: string;
  value?: string;
  limit?: string;
  /** The valid values next to one that would have to be rounded; a side is absent when nothing is valid there. */
  nearest?: { below?: string; above?: string };
  /** FIX OrdRejReason(103), or CxlRejReason(102) of a replace, where one says more than "other". */
  fixReason?: string;
}

/** How fills of this order settle; fixed at validation so that configuration never enters workflow code. */
export type SettlementPolicy =
  | { mode: 'calendar' }
  /** Demo profile: each fill settles this long after its execution. */
  | { mode: 'demo'; delayMs: number };

/** Static data that validation found, carried by the order for its whole life. */
export interface OrderTerms {
  venue: string;
  /** Temporal task queue of the process that owns the session with the venue. */
  venueTaskQueue: string;
  currency: string;
  tickSize: Price;
  /** The steps by price, where there was more than one; see Instrument. */
  ticks?: readonly TickBand[];
  lotSize: Quantity;
  multiplier: Decimal;
  /** When the venue's day ends for a day order (ISO 8601 UTC). */
  sessionCloseAt: string;
  /** When an order that is not for its day ends by itself: its auction or its date (ISO 8601 UTC). */
  endsAt?: string;
  settlement: SettlementPolicy;
  /**
   * How long the workflow stays open for busts and corrections after the last thing that happened to an order that is
   * over, in milliseconds; absent means not at all. Later ones come to a workflow of their own.
   */
  bustWindowMs?: number;
  /** Present when the venue does not trigger orders of this type, so that we hold it until the market is there. */
  hold?: 'trigger';
}

export type FillStatus = 'live' | 'busted' | 'corrected';

/** The part of a fill that has settled, as it was then. */
export interface SettledTerms {
  quantity: Quantity;
  price: Price;
  fee: Money;
}

/** One execution and its later corrections. `execId` is the first id of its chain, `lastExecId` the last. */
export interface Fill {
  /** `<venue>-<execId>`, unique for ever. */
  fillId: string;
  execId: string;
  lastExecId: string;
  quantity: Quantity;
  /** The same quantity in the order's present units, once a corporate action (split) restated the order. */
  adjustedQuantity?: Quantity;
  price: Price;
  fee: Money;
  status: FillStatus;
  executedAt: string;
  tradeDate: string;
  settlementDate: string;
  /** When this fill is to be settled (ISO 8601 UTC): start of the settlement date, or soon in the demo profile. */
  settleAt: string;
  settled: boolean;
  /**
   * What of it has settled, while a correction that came after settlement waits for a settlement date of its own;
   * `settled` is false meanwhile. Absent when whatever settled is the fill as it is.
   */
  settledAs?: SettledTerms;
  /** Which trading day of the order it belongs to: 1 (when absent), 2 … on good-till orders. */
  dayNumber?: number;
  /** Time of the recorded market at which it traded, when the venue replays one. */
  marketTime?: string;
}

/** A cancel or replace request that the venue has not answered yet. */
export interface PendingRequest {
  kind: 'cancel' | 'replace';
  clOrdId: string;
  /** OrigClOrdID sent with it: the last request not yet rejected (the optimistic sender's rule). */
  origClOrdId: string;
  requestId: string;
  by: string;
  /** 'requested' until the venue says pending, then 'pending'. Either shows pendingCancel / pendingReplace. */
  stage: 'requested' | 'pending';
  reason?: string;
  quantity?: Quantity;
  limitPrice?: Price;
  stopPrice?: Price;
}

/**
 * The whole truth about one order: plain JSON, built only by `evolve`, carried through continue-as-new.
 * Quantities derived from fills (cumQty, avgPx …) are not stored here; see order-quantities.ts.
 */
export interface OrderState {
  orderId: string;
  workflowId: string;
  request: OrderRequest;
  enteredBy: string;
  /** Trace of the request that brought the order; everything that happens to it belongs there. */
  traceId?: string;
  /** The list that brought the order. */
  list?: ListMembership;
  /** Build of the worker that took the order; absent when that was not kept. */
  build?: string;
  terms?: OrderTerms;
  state: LifecycleState;
  /** Sequence of the last event applied; the first event has 1. */
  sequence: number;
  createdAt: string;
  updatedAt: string;
  rejectedBy?: RejectedBy;
  reasons: Reason[];
  /** Current working terms: what the venue last accepted. */
  quantity: Quantity;
  limitPrice?: Price;
  stopPrice?: Price;
  /** The ClOrdID the order now answers to (last accepted), and how many ids were used (ids are orderId-n). */
  clOrdId: string;
  clOrdIdCount: number;
  venueOrderId?: string;
  /** The venue acknowledged the order (or something that implies it, such as a fill). */
  acknowledged: boolean;
  pending: PendingRequest[];
  fills: Fill[];
  /** Busts and corrections that came before the execution they name; applied when it comes. */
  heldCorrections?: ExecutionReport[];
  /** FIX conditions that hold beside the lifecycle. */
  doneForDay: boolean;
  stopped: boolean;
  /** The guarantee (`stopped`) is used up when cumQty reaches this; absent means the whole order is guaranteed. */
  stoppedUntilCumQty?: Quantity;
  suspended: boolean;
  calculated: boolean;
  triggered: boolean;
  /** Why the order waits here; while it does, nothing of it is at the venue. */
  held?: Hold;
  /** Present once we held it: we report as a broker does that took the order, whatever the venue knows of it. */
  takenToHold?: true;
  /** Present once we triggered it; from then on it is a market or limit order. */
  taken?: TakenTrigger;
  /** Terminal fact about the order itself, independent of fills. */
  ended?: 'canceled' | 'expired' | 'rejected';
  /** Set while the outcome of a send is not known; `resume` is the state to return to on proof. */
  unknown?: { since: string; reason: string; resume: LifecycleState };
  /** Day quantities for good-till orders: base restarts at each trading day (FIX DayOrderQty, DayCumQty). */
  day: { baseCumQty: Quantity; tradeDate?: string; number?: number };
  riskVersion: number;
  /**
   * Dedupe entries of execution reports: key (`execId`, or `clOrdId/kind` without one), then `#` when it was applied
   * or `!` when it was only raised as an anomaly, then 8 hex digits of its content (see report-identity.ts).
   */
  seenReports: string[];
  /** Kind of the last report that was applied; execType is derived from it. */
  lastReportKind?: ReportKind;
  /** Ids of client requests already taken (cancel, amend), so that a repeat is a no-op. */
  seenRequests: string[];
  anomalies: number;
}
