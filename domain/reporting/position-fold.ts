import {
  absolute,
  add,
  compare,
  divide,
  isNegative,
  isZero,
  multiply,
  negate,
  subtract,
  ZERO,
} from '../money/decimal';
import type { Decimal, Money, Price, Quantity } from '../money/decimal';
import type { FillStatus, Side } from '../order/order-types';

/** Places kept when an average is taken; whatever is rounded away is given back when the position is closed. */
const COST_PLACES = 12;
const AVERAGE_PRICE_PLACES = 8;

/** What a position needs of a fill. */
export interface PositionFill {
  fillId: string;
  side: Side;
  quantity: Quantity;
  price: Price;
  fee: Money;
  status: FillStatus;
  executedAt: string;
}

/** The place of a fill in execution order; the id decides between fills of the same moment. */
export interface FillKey {
  executedAt: string;
  fillId: string;
}

/** A position by average cost. */
export interface PositionState {
  /** Signed: negative when short. */
  quantity: Decimal;
  /** What the open quantity cost, with the sign of the quantity. */
  cost: Money;
  /** Exit value less cost of all that was closed; fees are not in it but in `fees`. */
  realisedPnl: Money;
  fees: Money;
}

export const EMPTY_POSITION: PositionState = { quantity: ZERO, cost: ZERO, realisedPnl: ZERO, fees: ZERO };

/** Order of execution, with a total order for fills of the same moment: -1, 0 or 1. */
export function compareKeys(a: FillKey, b: FillKey): -1 | 0 | 1 {
  if (a.executedAt !== b.executedAt) return a.executedAt < b.executedAt ? -1 : 1;
  if (a.fillId === b.fillId) return 0;
  return a.fillId < b.fillId ? -1 : 1;
}

export function keyOf({ executedAt, fillId }: FillKey): FillKey {
  return { executedAt, fillId };
}

/** Units that the fill moves: negative for sells, nothing when it was busted. */
export function signedQuantity(fill: Pick<PositionFill, 'side' | 'quantity' | 'status'>): Decimal {
  if (fill.status === 'busted') return ZERO;
  return fill.side === 'buy' ? fill.quantity : negate(fill.quantity);
}

/**
 * The position after one more fill, average-cost method: opening adds at the fill's price; closing realises exit less
 * average cost; a fill that crosses zero closes everything and opens the rest at its own price.
 */
export function foldFill(state: PositionState, fill: PositionFill, multiplier: Decimal): PositionState {
  const moved = signedQuantity(fill);
  if (isZero(moved)) return state;
  const unitValue = multiply(fill.price, multiplier);
  const closing = closingPart(state.quantity, moved);
  const closed = isZero(closing) ? state : close(state, closing, unitValue);
  const opening = subtract(moved, closing);
  return {
    quantity: add(closed.quantity, opening),
    cost: add(closed.cost, multiply(opening, unitValue)),
    realisedPnl: closed.realisedPnl,
    fees: add(closed.fees, fill.fee),
  };
}

/** The part of `moved` that reduces the position, with the sign of `moved`. */
function closingPart(quantity: Decimal, moved: Decimal): Decimal {
  if (isZero(quantity) || isNegative(quantity) === isNegative(moved)) return ZERO;
  return compare(absolute(moved), absolute(quantity)) <= 0 ? moved : negate(quantity);
}

function close(state: PositionState, closing: Decimal, unitValue: Money): PositionState {
  const isAll = isZero(add(state.quantity, closing));
  const share = multiply(state.cost, absolute(closing));
  const relieved = isAll ? state.cost : divide(share, absolute(state.quantity), COST_PLACES);
  const gain = subtract(negate(multiply(closing, unitValue)), relieved);
  return {
    ...state,
    quantity: add(state.quantity, closing),
    cost: subtract(state.cost, relieved),
    realisedPnl: add(state.realisedPnl, gain),
  };
}

/** Cost of one unit of the open quantity, rounded half-even to 8 places; 0 when flat. */
export function averagePriceOf(state: PositionState, multiplier: Decimal): Price {
  if (isZero(state.quantity)) return ZERO;
  return divide(state.cost, multiply(state.quantity, multiplier), AVERAGE_PRICE_PLACES);
}

/** What closing the position at `mark` would realise. */
export function unrealisedPnlOf(
  state: Pick<PositionState, 'quantity' | 'cost'>,
  mark: Price,
  multiplier: Decimal,
): Money {
  return subtract(multiply(multiply(state.quantity, mark), multiplier), state.cost);
}

/** The position that these fills make, whatever order they are given in. */
export function foldPosition(fills: readonly PositionFill[], multiplier: Decimal): PositionState {
  const inOrder = [...fills].sort(compareKeys);
  return inOrder.reduce((state, fill) => foldFill(state, fill, multiplier), EMPTY_POSITION);
}
