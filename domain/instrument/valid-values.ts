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
} from '../money/decimal';

/** From this price up to the next band, prices are multiples of the tick size; zero allows every price. */
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

const EVERY_PRICE: TickBand = { from: '0' as Price, tickSize: '0' as Price };

function bandIndexAt(table: TickTable, price: Price): number {
  let index = 0;
  while (isAtOrAbove(price, table[index + 1])) index += 1;
  return index;
}

function isAtOrAbove(price: Price, band: TickBand | undefined): boolean {
  return band !== undefined && compare(price, band.from) >= 0;
}

/** The band that `price` is in. An empty table allows every price. */
export function bandAt(table: TickTable, price: Price): TickBand {
  return table[bandIndexAt(table, price)] ?? EVERY_PRICE;
}

/** The step of prices at `price`; zero allows every price. */
export function tickAt(table: TickTable, price: Price): Price {
  return bandAt(table, price).tickSize;
}

export function isOnTick(table: TickTable, price: Price): boolean {
  return isMultipleOf(price, tickAt(table, price));
}

/** The largest step of the table: what is said where only one step can be said. */
export function coarsestTick(table: TickTable): Price {
  return table.reduce((coarsest, { tickSize }) => maximum(coarsest, tickSize), EVERY_PRICE.tickSize);
}

function stepsAt(value: Decimal, step: Decimal): { below: Decimal; above: Decimal } {
  return isZero(step) ? { below: value, above: value } : nearestMultiples(value, step);
}

/** A band begins with a valid price, so the next price above never lies beyond the edge of the next band. */
function priceAtOrAbove(table: TickTable, price: Price): Price {
  const index = bandIndexAt(table, price);
  const { above } = stepsAt(price, table[index]?.tickSize ?? EVERY_PRICE.tickSize);
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
    (value) => stepsAt(value, tickAt(table, value)).below,
    (value) => priceAtOrAbove(table, value),
  );
}

/** The nearest valid quantities at or below and at or above `quantity`. Nothing is no quantity. */
export function nearestValidQuantities(quantity: Quantity, lotSize: Quantity, range?: Range): NearestValues {
  const { below, above } = within(
    quantity,
    range,
    (value) => stepsAt(value, lotSize).below,
    (value) => stepsAt(value, lotSize).above,
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
