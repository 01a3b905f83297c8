import { decimal, type Decimal, type Money, type Quantity } from '../money/decimal';

/** Hard limits of one account. A change is a new version, and every decision names the version it was made under. */
export interface RiskLimits {
  version: number;
  /** Units that one order may have in all. */
  orderQuantityMax: Quantity;
  /** Value that one order may have in all, in the currency of the account. */
  orderValueMax: Money;
  /** Units that an account may hold of one symbol if all its open buys were filled. */
  positionMax: Quantity;
  /** How far a limit price may be on the dear side of the market, as a fraction of it; absent means no collar. */
  collarFraction?: Decimal;
  /** How far through the far touch a market order is valued and reserved, as a fraction of it. */
  marketCollarFraction: Decimal;
  /** A quote that the feed confirmed longer ago than this is no price. */
  quoteAgeMsMax: number;
}

/** Limits of the demo world, for every account that has none of its own. */
export const DEMO_LIMITS: RiskLimits = {
  version: 1,
  orderQuantityMax: decimal('100000'),
  orderValueMax: decimal('5000000'),
  positionMax: decimal('1000000'),
  collarFraction: decimal('0.12'),
  marketCollarFraction: decimal('0.05'),
  quoteAgeMsMax: 30_000,
};
