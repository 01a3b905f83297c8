import { add, multiply, negate, subtract, ZERO, type Decimal, type Money } from '../money/decimal';
import { signedQuantity, type PositionFill } from './position-fold';
import type { SettledTerms } from '../order/order-types';

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
  /** What has settled, while a correction of it waits for its own settlement. */
  settledAs?: SettledTerms;
};

export const NO_EFFECT: FillEffect = { cash: ZERO, settledCash: ZERO, settledQuantity: ZERO };

/** A busted fill has no effect, its fee included, once the bust itself has settled. */
export function effectOf(fill: EffectiveFill, multiplier: Decimal): FillEffect {
  const now = movedBy(fill, multiplier);
  const { settledAs } = fill;
  if (settledAs !== undefined) {
    const then = movedBy({ ...fill, ...settledAs, status: 'live' }, multiplier);
    return { cash: now.cash, settledCash: then.cash, settledQuantity: then.quantity };
  }
  return fill.settled
    ? { cash: now.cash, settledCash: now.cash, settledQuantity: now.quantity }
    : { ...NO_EFFECT, cash: now.cash };
}

/** Units and cash, fee taken off, that the fill moves with these terms. */
function movedBy(
  fill: Pick<EffectiveFill, 'side' | 'quantity' | 'price' | 'fee' | 'status'>,
  multiplier: Decimal,
): { quantity: Decimal; cash: Money } {
  if (fill.status === 'busted') return { quantity: ZERO, cash: ZERO };
  const quantity = signedQuantity(fill);
  return { quantity, cash: subtract(negate(multiply(multiply(quantity, fill.price), multiplier)), fill.fee) };
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
