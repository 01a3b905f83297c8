import type { ExecutionReport } from '../../domain/order/execution-report';
import type {
  OrderType,
  PegPriceType,
  Side,
  TimeInForce,
  SettlementPolicy,
} from '../../domain/order/order-types';
import type { Decimal, Price, Quantity } from '../../domain/money/decimal';

export interface VenueOrder {
  orderId: string;
  workflowId: string;
  /** Unique per request: `<orderId>-<n>`. */
  clOrdId: string;
  account: string;
  symbol: string;
  side: Side;
  type: OrderType;
  quantity: Quantity;
  limitPrice?: Price;
  stopPrice?: Price;
  timeInForce: TimeInForce;
  expireAt?: string;
  displayQuantity?: Quantity;
  pegPriceType?: PegPriceType;
  pegOffset?: Decimal;
  settlement: SettlementPolicy;
}
export interface VenueCancel {
  orderId: string;
  workflowId: string;
  clOrdId: string;
  origClOrdId: string;
  symbol: string;
  side: Side;
}
export interface VenueReplace extends VenueOrder {
  origClOrdId: string;
}

/**
 * What became of a send. Reports that the venue produced at once come with it and need no signal of their own;
 * a retried attempt returns every report known for that ClOrdID, so none is lost with a lost answer.
 */
export type SendResult =
  | { outcome: 'sent'; reports: ExecutionReport[] }
  /** Proven not to have left the house (connection refused …): safe to try again. */
  | { outcome: 'notSent'; reason: string }
  /** May have been sent; the venue could not be asked. Only proof ends this. */
  | { outcome: 'unknown'; reason: string };

export interface OrderStatusResult {
  /** `unknownOrder` is the venue's own word that it never had this ClOrdID. */
  outcome: 'known' | 'unknownOrder' | 'unreachable';
  /** Every report the venue has for the order, oldest first. */
  reports: ExecutionReport[];
  open: boolean;
}

/** Registered on the venue's own task queue (`venue-<MIC>`), by the process that owns the session. */
export interface ExecutionActivities {
  routeOrder(order: VenueOrder): Promise<SendResult>;
  cancelAtVenue(cancel: VenueCancel): Promise<SendResult>;
  replaceAtVenue(replace: VenueReplace): Promise<SendResult>;
  askOrderStatus(order: VenueOrder): Promise<OrderStatusResult>;
}
