import type { Decimal, Money, Price, Quantity } from '../../domain/money/decimal';

/** The market identifier under which the simulator trades. */
export const SIMULATOR_VENUE = 'XSIM';

/** What the simulator says about an order, as it stands in its journal, its HTTP answers and its stream. */
export interface WireReport {
  /** Position in the venue's one gapless sequence of reports; starts at 1. */
  seq: number;
  kind: WireReportKind;
  /** Absent on cancelRejected and replaceRejected, as in FIX. */
  execId?: string;
  clOrdId: string;
  origClOrdId?: string;
  /** Absent when the report is about an order that the venue does not know. */
  venueOrderId?: string;
  /** What the sender of the order asked to see again on each of its reports. */
  clientRef?: string;
  symbol?: string;
  side?: WireSide;
  lastQty?: Quantity;
  lastPx?: Price;
  fee?: Money;
  /** On bust and correct: the last ExecID of the execution's chain. */
  execRefId?: string;
  /** Terms now in force, on `replaced`. */
  orderQty?: Quantity;
  limitPrice?: Price;
  cumQty?: Quantity;
  leavesQty?: Quantity;
  /** FIX OrdRejReason or CxlRejReason by number. */
  reason?: string;
  text?: string;
  transactTime: string;
  marketTime?: string;
}
export type WireReportKind =
  | 'accepted'
  | 'rejected'
  | 'fill'
  | 'cancelled'
  | 'cancelRejected'
  | 'replaced'
  | 'replaceRejected'
  | 'expired'
  | 'bust'
  | 'correct';

export const WIRE_SIDES = ['buy', 'sell', 'sellShort'] as const;
export type WireSide = (typeof WIRE_SIDES)[number];

/** The market's price on the order's own side, on the other side, or the middle of both. */
export const WIRE_PEG_PRICE_TYPES = ['primary', 'market', 'mid'] as const;
export type WirePegPriceType = (typeof WIRE_PEG_PRICE_TYPES)[number];

/** Body of `POST /orders`. */
export interface WireOrder {
  clOrdId: string;
  clientRef?: string;
  account?: string;
  symbol: string;
  side: WireSide;
  type: string;
  quantity: Quantity;
  limitPrice?: Price;
  timeInForce: string;
  /** When a `gtd` order ends, ISO 8601 UTC. */
  expireAt?: string;
  /** Of an `iceberg`: at most this much of it shows at a time. */
  displayQuantity?: Quantity;
  /** Of a `pegged` order: the market price that it follows, `primary` without it. */
  pegPriceType?: WirePegPriceType;
  /** Of a `pegged` order: added to that price; may be negative. */
  pegOffset?: Decimal;
}
/** Body of `DELETE /orders/{origClOrdId}`. */
export interface WireCancel {
  clOrdId: string;
  clientRef?: string;
}
/** Body of `POST /orders/{origClOrdId}/replace`: the order as it is to be, with its total quantity. */
export interface WireReplace {
  clOrdId: string;
  clientRef?: string;
  quantity: Quantity;
  limitPrice?: Price;
}

/**
 * Body of `POST /trades/{execId}/bust`, an act of the venue's operator. An order that was filled ends with what is left
 * of it, unless it is reinstated.
 */
export interface WireTradeBust {
  text?: string;
  reinstate?: boolean;
}
/** Body of `POST /trades/{execId}/correct`: the execution as it should have been; the fee by the schedule if not given. */
export interface WireTradeCorrection extends WireTradeBust {
  lastQty: Quantity;
  lastPx: Price;
  fee?: Money;
}

export type WireOrderStatus = 'new' | 'partiallyFilled' | 'filled' | 'cancelled' | 'expired' | 'rejected';

export interface WireOrderView {
  venueOrderId: string;
  /** The id that the order answers to now; `entryClOrdId` is the one that it came with. */
  clOrdId: string;
  entryClOrdId: string;
  account?: string;
  clientRef?: string;
  symbol: string;
  side: WireSide;
  type: string;
  timeInForce: string;
  quantity: Quantity;
  limitPrice?: Price;
  status: WireOrderStatus;
  open: boolean;
  cumQty: Quantity;
  leavesQty: Quantity;
  enteredAt: string;
  /** When a day or good-till-date order ends. */
  expiresAt?: string;
  /** The auction that the order waits for. */
  auction?: WireAuction;
  displayQuantity?: Quantity;
  /** How much of an open iceberg shows now. */
  shownQty?: Quantity;
  pegPriceType?: WirePegPriceType;
  pegOffset?: Decimal;
  /** Where an open pegged order stands now; absent while the market shows no price to follow. */
  pegPrice?: Price;
}

export type WireAuctionKind = 'open' | 'close';
/** One auction: entries and replaces for it are taken until `entryEndsAt`. Times are ISO 8601 UTC. */
export interface WireAuction {
  kind: WireAuctionKind;
  at: string;
  entryEndsAt: string;
}

/** The users' orders in the book of a symbol, best first, as the venue shows them: of icebergs the shown part only. */
export interface WireDepth {
  symbol: string;
  bids: WireLevel[];
  asks: WireLevel[];
}
export interface WireLevel {
  price: Price;
  size: Quantity;
}

/** Answer to an entry, and of `GET /orders/{clOrdId}` with every report so far. */
export interface EntryAnswer {
  /** True when the ClOrdID was known before, so that nothing was entered. */
  duplicate: boolean;
  /** Absent when a cancel or replace named an order that the venue does not know. */
  order?: WireOrderView;
  reports: WireReport[];
}

export interface WireQuote {
  symbol: string;
  bid?: Price;
  bidSize?: Quantity;
  ask?: Price;
  askSize?: Quantity;
  last?: Price;
  /** Wall-clock time at which the venue published it. */
  asOf: string;
  marketTime?: string;
}

/** Messages of the WebSocket `/stream`. */
export type StreamMessage =
  /** First. Another `epoch` than before means another journal: sequence numbers begin anew. */
  | { type: 'hello'; venue: string; epoch: string; seq: number }
  | { type: 'reports'; reports: WireReport[] }
  | { type: 'quotes'; quotes: WireQuote[] }
  /** The connection lives and every quote still stands. */
  | { type: 'heartbeat'; at: string; seq: number };
