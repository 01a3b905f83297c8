import {
  compare,
  isMultipleOf,
  isPositive,
  isZero,
  maximum,
  minimum,
  nearestMultiples,
  type Decimal,
  type Price,
  type Quantity,
  ZERO,
} from '../money/decimal';

/** From this price up to the next band, prices are multiples of the tick size; zero asks for no step of its own. */
export interface TickBand {
  from: Price;
  tickSize: Price;
}

/**
 * Bands in ascending order; the first one also holds for whatever is below it. Each band but the first begins at a
 * multiple of its own tick size, so that its first price is valid ({@link tickTableFaults} refuses any other table).
 */
export type TickTable = readonly TickBand[];

/** Both ends belong to the range. */
export interface Range {
  min: Decimal;
  max: Decimal;
}

/** The valid values at or next to one that may not be valid; a side is absent when nothing is valid there. */
export interface NearestValues {
  below?: Decimal;
  above?: Decimal;
}

/** Where an instrument asks for no step: prices of any more places could not be multiplied and stored exactly. */
export const FINEST_TICK = '0.00000001' as Price;
const FINEST_BAND: TickBand = { from: '0' as Price, tickSize: FINEST_TICK };

function bandIndexAt(table: TickTable, price: Price): number {
  let index = 0;
  while (isAtOrAbove(price, table[index + 1])) index += 1;
  return index;
}

function isAtOrAbove(price: Price, band: TickBand | undefined): boolean {
  return band !== undefined && compare(price, band.from) >= 0;
}

/** The band that `price` is in, with a step above zero. */
export function bandAt(table: TickTable, price: Price): TickBand {
  const band = table[bandIndexAt(table, price)];
  return band === undefined || isZero(band.tickSize) ? FINEST_BAND : band;
}

/** The step of prices at `price`, above zero. */
export function tickAt(table: TickTable, price: Price): Price {
  return bandAt(table, price).tickSize;
}

export function isOnTick(table: TickTable, price: Price): boolean {
  return isMultipleOf(price, tickAt(table, price));
}

/** The largest step of the table: what is said where only one step can be said. */
export function coarsestTick(table: TickTable): Price {
  return table.reduce((coarsest, { tickSize }) => maximum(coarsest, tickSize), ZERO);
}

/** The smallest step of the table, above zero: what an amount that is added to a price is a multiple of. */
export function finestTick(table: TickTable): Price {
  const steps = table.map(({ tickSize }) => tickSize).filter(isPositive);
  return steps.length === 0 ? FINEST_TICK : steps.reduce(minimum);
}

/** A band begins with a valid price, so the next price above never lies beyond the edge of the next band. */
function priceAtOrAbove(table: TickTable, price: Price): Price {
  const index = bandIndexAt(table, price);
  const { above } = nearestMultiples(price, tickAt(table, price));
  const next = table[index + 1];
  return next === undefined ? above : minimum(above, next.from);
}

function within(
  value: Decimal,
  range: Range | undefined,
  atOrBelow: (value: Decimal) => Decimal,
  atOrAbove: (value: Decimal) => Decimal,
): NearestValues {
  if (range === undefined) return { below: atOrBelow(value), above: atOrAbove(value) };
  const below = atOrBelow(minimum(value, range.max));
  const above = atOrAbove(maximum(value, range.min));
  return {
    ...(compare(below, range.min) >= 0 && { below }),
    ...(compare(above, range.max) <= 0 && { above }),
  };
}

/** The nearest valid prices at or below and at or above `price`, across bands; both are `price` when it is valid. */
export function nearestValidPrices(price: Price, table: TickTable, range?: Range): NearestValues {
  return within(
    price,
    range,
    (value) => nearestMultiples(value, tickAt(table, value)).below,
    (value) => priceAtOrAbove(table, value),
  );
}

/** The nearest valid quantities at or below and at or above `quantity`. Nothing is no quantity. */
export function nearestValidQuantities(quantity: Quantity, lotSize: Quantity, range?: Range): NearestValues {
  const step = isZero(lotSize) ? FINEST_TICK : lotSize;
  const { below, above } = within(
    quantity,
    range,
    (value) => nearestMultiples(value, step).below,
    (value) => nearestMultiples(value, step).above,
  );
  return {
    ...(below !== undefined && isPositive(below) && { below }),
    ...(above !== undefined && isPositive(above) && { above }),
  };
}

/** `Nearest valid: 1 and 1.01.`, or nothing where nothing is valid. */
export function nearestText({ below, above }: NearestValues): string {
  const values = [...new Set([below, above].filter((value) => value !== undefined))];
  return values.length === 0 ? '' : `Nearest valid: ${values.join(' and ')}.`;
}
