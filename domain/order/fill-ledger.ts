import {
  add,
  divide,
  isZero,
  multiply,
  subtract,
  sum,
  ZERO,
  type Decimal,
  type Money,
  type Quantity,
} from '../money/decimal';
import type { Fill } from './order-types';

const AVERAGE_PRICE_PLACES = 8;

/** Sums over the live fills of an order. */
export interface LedgerTotals {
  /** In the order's present units (see Fill.adjustedQuantity). */
  cumQty: Quantity;
  /** Σ quantity as executed, before any split: the shares that moved. */
  tradedQty: Quantity;
  /** Σ quantity × price as executed; a split does not change it. */
  notional: Decimal;
  fees: Money;
  settledQty: Quantity;
}

const NO_FILLS: LedgerTotals = {
  cumQty: ZERO,
  tradedQty: ZERO,
  notional: ZERO,
  fees: ZERO,
  settledQty: ZERO,
};

// Totals belong to one immutable array of fills. Remembering them keeps an order with thousands of fills from
// adding them all up again at every report; the figures are the same, because decimals add exactly.
const totalsByLedger = new WeakMap<readonly Fill[], LedgerTotals>();
/** The same for the fills of one trading day of the order, the last that was asked for. */
const dayTotalsByLedger = new WeakMap<readonly Fill[], { dayNumber: number; totals: LedgerTotals }>();

/** A corrected fill still counts, with its new terms; only a busted one does not. */
export function isLive(fill: Fill): boolean {
  return fill.status !== 'busted';
}

/** Quantity in the order's present units. */
export function orderQuantityOf(fill: Fill): Quantity {
  return fill.adjustedQuantity ?? fill.quantity;
}

/** True while something of the fill is still to be settled: the fill itself, or what a later correction changed. */
export function awaitsSettlement(fill: Fill): boolean {
  return !fill.settled && (isLive(fill) || fill.settledAs !== undefined);
}

/** What of the fill has settled, in the order's present units. */
function settledQuantityOf(fill: Fill): Quantity {
  if (fill.settledAs !== undefined)
    return adjustLike(fill, fill.settledAs.quantity) ?? fill.settledAs.quantity;
  return fill.settled && isLive(fill) ? orderQuantityOf(fill) : ZERO;
}

function plus(totals: LedgerTotals, fill: Fill): LedgerTotals {
  const settledQty = add(totals.settledQty, settledQuantityOf(fill));
  if (!isLive(fill)) return { ...totals, settledQty };
  return {
    cumQty: add(totals.cumQty, orderQuantityOf(fill)),
    tradedQty: add(totals.tradedQty, fill.quantity),
    notional: add(totals.notional, multiply(fill.quantity, fill.price)),
    fees: add(totals.fees, fill.fee),
    settledQty,
  };
}

/** The totals of a ledger, from its fills alone. */
export function ledgerTotals(fills: readonly Fill[]): LedgerTotals {
  const known = totalsByLedger.get(fills);
  if (known !== undefined) return known;
  const totals = fills.reduce(plus, NO_FILLS);
  totalsByLedger.set(fills, totals);
  return totals;
}

/** A new ledger with `fill` at its end; the fills before it are kept by reference. */
export function appendFill(fills: readonly Fill[], fill: Fill): Fill[] {
  const next = [...fills, fill];
  totalsByLedger.set(next, plus(ledgerTotals(fills), fill));
  const day = dayTotalsByLedger.get(fills);
  if (day !== undefined) {
    const totals = dayOf(fill) === day.dayNumber ? plus(day.totals, fill) : day.totals;
    dayTotalsByLedger.set(next, { ...day, totals });
  }
  return next;
}

/** Which trading day of the order the fill belongs to, from 1. */
function dayOf({ dayNumber = 1 }: Fill): number {
  return dayNumber;
}

/** The totals of the fills of trading day `dayNumber`. */
export function dayTotals(fills: readonly Fill[], dayNumber: number): LedgerTotals {
  const known = dayTotalsByLedger.get(fills);
  if (known?.dayNumber === dayNumber) return known.totals;
  const totals = fills.filter((fill) => dayOf(fill) === dayNumber).reduce(plus, NO_FILLS);
  dayTotalsByLedger.set(fills, { dayNumber, totals });
  return totals;
}

/** A new ledger with `fill` in the place of the one with its id; all others are kept by reference. */
export function replaceFill(fills: readonly Fill[], fill: Fill): Fill[] {
  return fills.map((old) => (old.fillId === fill.fillId ? fill : old));
}

/** Σ quantity × price ÷ Σ quantity of the live fills, 8 decimals half-even; 0 without fills. */
export function averagePrice(totals: LedgerTotals): Decimal {
  return isZero(totals.cumQty) ? ZERO : divide(totals.notional, totals.cumQty, AVERAGE_PRICE_PLACES);
}

/** Live quantity of the trading days before day `dayNumber`. */
export function cumQtyBeforeDay(fills: readonly Fill[], dayNumber: number): Quantity {
  return sum(fills.filter((fill) => isLive(fill) && dayOf(fill) < dayNumber).map(orderQuantityOf));
}

/**
 * The ledger after a split restated the order from `before` to `after` units: earlier executions keep what was
 * traded, and count in the new units.
 */
export function restateLedger(fills: readonly Fill[], before: Quantity, after: Quantity): Fill[] {
  return fills.map((fill) => ({
    ...fill,
    adjustedQuantity: divide(multiply(orderQuantityOf(fill), after), before, AVERAGE_PRICE_PLACES),
  }));
}

/** The fill a bust or correction names: by the last id of its chain, else by its first. */
export function findFill(fills: readonly Fill[], execRefId: string | undefined): Fill | undefined {
  if (execRefId === undefined) return undefined;
  return (
    fills.find((fill) => fill.lastExecId === execRefId) ?? fills.find((fill) => fill.execId === execRefId)
  );
}

/** `traded` in the order's present units, by the ratio that corporate actions gave this fill; undefined without. */
export function adjustLike(fill: Fill, traded: Quantity): Quantity | undefined {
  if (fill.adjustedQuantity === undefined) return undefined;
  return divide(multiply(traded, fill.adjustedQuantity), fill.quantity, AVERAGE_PRICE_PLACES);
}

/** What is left of `quantity` after `cumQty`; never negative. */
export function leftOf(quantity: Quantity, cumQty: Quantity): Quantity {
  const left = subtract(quantity, cumQty);
  return left.startsWith('-') ? ZERO : left;
}
