import type { Money, Quantity } from '../money/decimal';

/**
 * What one order contributes to its account's exposure: an absolute value, not a delta, so that writing it twice
 * is writing it once. The account's figures are its opening balances plus the sum over its orders.
 */
export interface ExposureContribution {
  /** Cash held back for the open part of a buy, worst-case fees included; 0 when nothing is open. */
  reservedCash: Money;
  /** Shares held back for the open part of a sell. */
  reservedPosition: Quantity;
  /** Shares that the open part of a buy may still add. */
  openBuyQuantity: Quantity;
  /** Cash moved by live fills so far: negative for buys, fees included. */
  cashDelta: Money;
  /** Shares moved by live fills so far: negative for sells. */
  positionDelta: Quantity;
}
