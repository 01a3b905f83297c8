import { maximum, ZERO, type Money, type Quantity } from '../money/decimal';
import type { ExposureContribution } from './exposure';

/** What an order holds of an account for as long as it may trade. */
export interface Holding {
  reservedCash: Money;
  reservedPosition: Quantity;
  openBuyQuantity: Quantity;
}

/** What the orders of one group hold, by order id. Orders of a group are alternatives: only one of them is meant to fill. */
export type Group = Readonly<Record<string, Holding>>;

export const EMPTY_GROUP: Group = {};

/** What a group holds of its account: of each kind the most that one of its orders holds. */
export function holdingOf(group: Group): Holding {
  return Object.values(group).reduce<Holding>(
    (most, holding) => ({
      reservedCash: maximum(most.reservedCash, holding.reservedCash),
      reservedPosition: maximum(most.reservedPosition, holding.reservedPosition),
      openBuyQuantity: maximum(most.openBuyQuantity, holding.openBuyQuantity),
    }),
    { reservedCash: ZERO, reservedPosition: ZERO, openBuyQuantity: ZERO },
  );
}

/** The group once the order holds what `contribution` says; an order that holds nothing leaves it. */
export function withHolding(group: Group, orderId: string, contribution: ExposureContribution): Group {
  const { reservedCash, reservedPosition, openBuyQuantity } = contribution;
  const { [orderId]: _before, ...others } = group;
  const holding = { reservedCash, reservedPosition, openBuyQuantity };
  const holdsNothing = Object.values(holding).every((amount) => amount === ZERO);
  return holdsNothing ? others : { ...others, [orderId]: holding };
}

export function isEmpty(group: Group): boolean {
  return Object.keys(group).length === 0;
}

/**
 * The contribution of an order as its account feels it: what it moved is its own, what it holds is what its whole
 * group holds. The account's totals move by the difference of two of these.
 */
export function feltOf(contribution: ExposureContribution, group: Group): ExposureContribution {
  return { ...contribution, ...holdingOf(group) };
}
