import type { Quantity } from '../money/decimal';
import type { Contingency } from '../order/list-membership';
import type { OrderRequest, Reason } from '../order/order-types';
import type { OrderView } from '../order/order-view';
import type { ListAlert } from './list-alerts';

/** Orders of one list; more make one history too long, and one answer too late. */
export const LIST_ORDERS_MAX = 100;
/** Orders of a contingent list: each is watched, and more than these nobody can follow. */
export const CONTINGENT_ORDERS_MAX = 10;

/** A list as it was asked for, canonical; the hash of the list is over this. */
export interface ListRequest {
  listId: string;
  account: string;
  contingency: Contingency;
  orders: OrderRequest[];
}

/**
 * Where an order of the list is, as far as the list goes: `waiting`: not begun; `entering`: begun, and not answered
 * yet; `held`: taken, and kept here until the list releases it; `working`: on its own way; `ended`: will not trade any
 * more; `notBegun`: and will not be.
 */
export type LegPhase = 'waiting' | 'entering' | 'held' | 'working' | 'ended' | 'notBegun';

/** How the order was answered when it came in. */
export type LegEntry = 'accepted' | 'denied' | 'conflict' | 'notBegun' | 'lost';

/** What the list tells one of its orders. Quantities are totals, as in an amendment. */
export type LegAct =
  { kind: 'release'; quantity: Quantity } | { kind: 'resize'; quantity: Quantity } | { kind: 'cancel' };

export interface LegState {
  orderId: string;
  phase: LegPhase;
  entry?: LegEntry;
  /** The order as it last told of itself. */
  order?: OrderView;
  /** The quantity that it had when it was held: of a person, when somebody amended it there. */
  keptQty?: Quantity;
  /** What of its fills risk has booked: only that can be sold again. */
  bookedQty: Quantity;
  /** A request about it is at the venue, whoever made it. */
  isPending: boolean;
  /** Acts that the list asked for, and the number of the last that the order has answered. */
  acts: number;
  actsAnswered: number;
  /** The act that is not settled yet. */
  asked?: LegAct;
  /** The quantity that the list gave it; another one is the work of a person, and is never raised again. */
  givenQty?: Quantity;
  /** The quantity that it would not take. */
  refusedQty?: Quantity;
  cancelsRefused: number;
  /** The last act was refused for a reason that passes: it is asked again after a while. */
  isToRetry?: boolean;
  /** It would not be released; it is cancelled instead. */
  isUnfit?: boolean;
}

/** The whole truth about a list: plain JSON, changed by `evolveList` only. */
export interface ListState {
  request: ListRequest;
  legs: LegState[];
  /** The order that filled first, where that decides. */
  winner?: number;
  cancel?: { by: string; reason?: string };
  alerts: ListAlert[];
}

/** What an order tells its list. */
export interface LegNote {
  leg: number;
  order: OrderView;
  isHeld: boolean;
  bookedQty: Quantity;
  isPending: boolean;
  actsAnswered: number;
  /** Why the last act was refused, when it was. */
  refusal?: string;
}

export type ListEvent =
  | { type: 'noted'; note: LegNote; at: string }
  | { type: 'begun'; leg: number }
  | { type: 'skipped'; leg: number }
  | { type: 'asked'; leg: number; act: LegAct }
  /** The id of the order is taken. */
  | { type: 'conflicted'; leg: number; at: string }
  /** Its workflow is gone without a word about the end of the order. */
  | { type: 'lost'; leg: number; at: string }
  | { type: 'cancelAsked'; by: string; reason?: string }
  /** Acts that were refused for a reason that passes may be asked again. */
  | { type: 'retryDue' };

/** What the list has to do next. */
export type ListAction =
  | { kind: 'begin'; leg: number; held: boolean }
  | { kind: 'skip'; leg: number }
  | { kind: 'ask'; leg: number; act: LegAct };

/** One breach of the form of a list; `field` is a path such as `orders/1/side`. */
export type ListReason = Reason & { field: string };
