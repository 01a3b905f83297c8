import type { Decimal, Money, Price, Quantity } from '../money/decimal';
import type { OrderType, Reason, Side } from '../order/order-types';
import type { ExposureContribution } from './exposure';
import type { RiskQuote } from './reference-price';

/** What the checks see of an order: its open terms, and what its fills have moved already. */
export interface RiskOrder {
  account: string;
  symbol: string;
  venue: string;
  side: Side;
  type: OrderType;
  quantity: Quantity;
  cumQty: Quantity;
  limitPrice?: Price;
  /** Where an order that waits here is triggered at worst; a trail that begins at the market has its first stop here. */
  stopPrice?: Price;
  multiplier: Decimal;
  cashDelta: Money;
  positionDelta: Quantity;
}

/** An account at the moment of a decision, with everything that its orders hold. */
export interface AccountExposure {
  cash: Money;
  reserved: Money;
  /** In the symbol of the order. */
  position: { quantity: Decimal; reservedSell: Quantity; openBuy: Quantity };
}

/** The record of one decision: enough to make it again. */
export interface RiskDecision {
  orderId: string;
  riskVersion: number;
  sequence: number;
  enteredBy: string;
  /** When it was decided, ISO 8601 UTC. */
  at: string;
  order: RiskOrder;
  account: AccountExposure;
  /** What the order held before. */
  held: ExposureContribution;
  quote: RiskQuote | null;
  limitVersion: number;
  feeVersion: number | null;
  outcome: 'reserved' | 'denied';
  reasons: Reason[];
  unitReserve: Money;
}
