import type { Decimal, Money, Price, Quantity } from '../money/decimal';
import type { TrailingOffsetType, TriggerPriceType } from './hold';
import type { Contingency } from './list-membership';
import type {
  FillStatus,
  LifecycleState,
  OrderType,
  OrdStatus,
  PegPriceType,
  Reason,
  RejectedBy,
  SettledTerms,
  Side,
  TimeInForce,
} from './order-types';

/** The order as clients see it: the public contract of GET /v1/orders/{orderId}. */
export interface OrderView {
  orderId: string;
  clientOrderId: string;
  account: string;
  symbol: string;
  side: Side;
  type: OrderType;
  timeInForce: TimeInForce;
  quantity: Quantity;
  limitPrice: Price | null;
  stopPrice: Price | null;
  expireAt: string | null;
  state: LifecycleState;
  ordStatus: OrdStatus;
  rejectedBy: RejectedBy | null;
  reasons: Reason[];
  cumQty: Quantity;
  leavesQty: Quantity;
  avgPx: Price;
  settledQty: Quantity;
  dayOrderQty: Quantity;
  dayCumQty: Quantity;
  overfillQty: Quantity;
  venue: string | null;
  enteredBy: string;
  createdAt: string;
  updatedAt: string;
  sequence: number;
  workflowId: string;
  /** ClOrdID the order answers to at the venue. */
  clOrdId: string;
  venueOrderId: string | null;
  /** Absent on orders that did not come through the API, and on those from before it was kept. */
  traceId?: string;
  /** The list that brought the order, and how its orders depend on each other. Absent on other orders. */
  listId?: string;
  contingency?: Contingency;
  /** Build of the worker that took the order. Absent on orders of older builds, which did not keep it. */
  build?: string;
  /** Of a good-till order: average price of the fills of its present trading day; 0 while there is none. */
  dayAvgPx?: Price;
  /** Of an iceberg. */
  displayQuantity?: Quantity;
  /** Of a pegged order. */
  pegPriceType?: PegPriceType;
  pegOffset?: Decimal;
  /** When an order for an auction or a date ends by itself. */
  endsAt?: string;
  /** Present while the order waits here and nothing of it is at the venue. */
  held?: { until: 'release' | 'trigger'; since: string };
  /** Of orders that wait for a price: which price of the market reaches the stop. */
  triggerPriceType?: TriggerPriceType;
  trailingOffset?: Decimal;
  trailingOffsetType?: TrailingOffsetType;
  /** Present once we triggered the order: when, at which price of the market, and whether nobody watched just then. */
  triggeredAt?: string;
  triggerPrice?: Price;
  triggerMissed?: boolean;
}

/** The fill as clients see it: the public contract of GET /v1/fills. */
export interface FillView {
  fillId: string;
  orderId: string;
  account: string;
  symbol: string;
  side: Side;
  quantity: Quantity;
  price: Price;
  fee: Money;
  venue: string;
  execId: string;
  status: FillStatus;
  executedAt: string;
  tradeDate: string;
  settlementDate: string;
  settled: boolean;
  /** Present while a correction waits for its own settlement: what of the fill has settled by now. */
  settledAs?: SettledTerms;
  marketTime: string | null;
}

export interface PositionView {
  account: string;
  symbol: string;
  quantity: Quantity;
  settledQuantity: Quantity;
  averagePrice: Price;
  realisedPnl: Money;
  unrealisedPnl: Money;
  currency: string;
}

export interface AccountView {
  account: string;
  currency: string;
  cash: Decimal;
  settledCash: Decimal;
  reserved: Decimal;
  buyingPower: Decimal;
}
