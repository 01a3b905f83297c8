import { add, subtract, ZERO, type Decimal, type Money, type Quantity } from '../money/decimal';
import type { ExposureContribution } from './exposure';

/** Totals of one account; positions by symbol. */
export interface AccountTotals {
  cash: Money;
  reserved: Money;
  positions: Readonly<Record<string, PositionTotals>>;
}
export interface PositionTotals {
  quantity: Decimal;
  reservedSell: Quantity;
  openBuy: Quantity;
}

export const FLAT: PositionTotals = { quantity: ZERO, reservedSell: ZERO, openBuy: ZERO };

/**
 * Totals after one order's contribution went from `before` to `after`. Because contributions are absolute, applying
 * the same change twice is impossible as long as `before` is what the totals contain.
 */
export function moveExposure(
  totals: AccountTotals,
  symbolKey: string,
  before: ExposureContribution,
  after: ExposureContribution,
): AccountTotals {
  const position = totals.positions[symbolKey] ?? FLAT;
  const moved: PositionTotals = {
    quantity: shift(position.quantity, before.positionDelta, after.positionDelta),
    reservedSell: shift(position.reservedSell, before.reservedPosition, after.reservedPosition),
    openBuy: shift(position.openBuy, before.openBuyQuantity, after.openBuyQuantity),
  };
  return {
    cash: shift(totals.cash, before.cashDelta, after.cashDelta),
    reserved: shift(totals.reserved, before.reservedCash, after.reservedCash),
    positions: { ...totals.positions, [symbolKey]: moved },
  };
}

function shift(total: Decimal, before: Decimal, after: Decimal): Decimal {
  return before === after ? total : add(total, subtract(after, before));
}
