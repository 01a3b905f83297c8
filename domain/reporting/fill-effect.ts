import { add, multiply, negate, subtract, ZERO, type Decimal, type Money } from '../money/decimal';
import { signedQuantity, type PositionFill } from './position-fold';

/** What one fill, as it is now, adds to the balances of its account and to its position. Sums of these commute. */
export interface FillEffect {
  /** Trade-date cash: paid for a buy, received for a sell, fee paid in both cases. */
  cash: Money;
  /** The part of it that has settled. */
  settledCash: Money;
  settledQuantity: Decimal;
}

export type EffectiveFill = Pick<PositionFill, 'side' | 'quantity' | 'price' | 'fee' | 'status'> & {
  settled: boolean;
};

export const NO_EFFECT: FillEffect = { cash: ZERO, settledCash: ZERO, settledQuantity: ZERO };

/** A busted fill has no effect, its fee included. */
export function effectOf(fill: EffectiveFill, multiplier: Decimal): FillEffect {
  if (fill.status === 'busted') return NO_EFFECT;
  const moved = signedQuantity(fill);
  const cash = subtract(negate(multiply(multiply(moved, fill.price), multiplier)), fill.fee);
  return fill.settled ? { cash, settledCash: cash, settledQuantity: moved } : { ...NO_EFFECT, cash };
}

/** What changes when a fill that had the effect `before` has the effect `after`. */
export function effectChange(before: FillEffect, after: FillEffect): FillEffect {
  return {
    cash: subtract(after.cash, before.cash),
    settledCash: subtract(after.settledCash, before.settledCash),
    settledQuantity: subtract(after.settledQuantity, before.settledQuantity),
  };
}

/** Balances of an account: its opening cash and the effects of all its fills. */
export function foldBalance(
  openingCash: Money,
  fills: readonly (EffectiveFill & { multiplier: Decimal })[],
): Pick<FillEffect, 'cash' | 'settledCash'> {
  return fills.reduce(
    (balance, fill) => {
      const effect = effectOf(fill, fill.multiplier);
      return {
        cash: add(balance.cash, effect.cash),
        settledCash: add(balance.settledCash, effect.settledCash),
      };
    },
    { cash: openingCash, settledCash: openingCash },
  );
}
