import { Decimal as Big } from 'decimal.js';

/**
 * An exact decimal number in plain notation ("182.5", "-3"), the only form in which prices, quantities and money
 * exist in Steadfill. It is a branded string, so it is plain JSON, and so `number` cannot be mixed in by accident.
 * Values are canonical: no exponent, no leading plus, no trailing zeros after the point, and never "-0".
 */
export type Decimal = string & { readonly __brand: 'Decimal' };

/** Price per unit in the instrument's currency. */
export type Price = Decimal;
/** Number of units (shares); never negative. */
export type Quantity = Decimal;
/** An amount of a currency; the currency is always named beside it. */
export type Money = Decimal;

// A private constructor copy keeps our precision apart from any other user of decimal.js in the process.
// 60 digits hold any product of two 30-digit inputs exactly, so only division ever rounds.
const Exact = Big.clone({ precision: 60, toExpNeg: -60, toExpPos: 60, rounding: Big.ROUND_HALF_EVEN });

const DECIMAL_PATTERN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const CANONICAL_PATTERN = /^(?:0|-?(?:[1-9]\d*(?:\.\d*[1-9])?|0\.\d*[1-9]))$/;
const MAX_DIGITS = 30;
/** Whole numbers that a JavaScript number holds exactly, and the sum of two of them as well. */
const SMALL_WHOLE_PATTERN = /^-?\d{1,15}$/;

export const ZERO = '0' as Decimal;

function canonical(value: Big): Decimal {
  return (value.isZero() ? '0' : value.toFixed()) as Decimal;
}

/** The canonical form of `text`, or undefined when it is not a plain decimal of at most 30 digits. */
export function parseDecimal(text: unknown): Decimal | undefined {
  if (typeof text !== 'string' || text.length > MAX_DIGITS + 2) return undefined;
  if (CANONICAL_PATTERN.test(text)) return text as Decimal;
  return DECIMAL_PATTERN.test(text) ? canonical(new Exact(text)) : undefined;
}

/** Like {@link parseDecimal} for values that are known to be well formed. Throws RangeError when they are not. */
export function decimal(text: string): Decimal {
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw new RangeError(`not a plain decimal: ${text}`);
  return parsed;
}

/** Most quantities are such, and plain numbers are ten times as fast. */
function isSmallWhole(a: Decimal): boolean {
  return SMALL_WHOLE_PATTERN.test(a);
}

export function add(a: Decimal, b: Decimal): Decimal {
  if (isSmallWhole(a) && isSmallWhole(b)) return String(Number(a) + Number(b)) as Decimal;
  return canonical(new Exact(a).plus(b));
}
export function subtract(a: Decimal, b: Decimal): Decimal {
  if (isSmallWhole(a) && isSmallWhole(b)) return String(Number(a) - Number(b)) as Decimal;
  return canonical(new Exact(a).minus(b));
}
export function multiply(a: Decimal, b: Decimal): Decimal {
  return canonical(new Exact(a).times(b));
}
export function negate(a: Decimal): Decimal {
  return canonical(new Exact(a).negated());
}
export function absolute(a: Decimal): Decimal {
  return canonical(new Exact(a).abs());
}

/** a ÷ b rounded half-even to `places` decimal places. Throws RangeError when b is zero. */
export function divide(a: Decimal, b: Decimal, places: number): Decimal {
  if (isZero(b)) throw new RangeError('division by zero');
  return canonical(new Exact(a).dividedBy(b).toDecimalPlaces(places, Big.ROUND_HALF_EVEN));
}

export type Rounding = 'halfEven' | 'up' | 'down';
const ROUNDING_MODE = { halfEven: Big.ROUND_HALF_EVEN, up: Big.ROUND_UP, down: Big.ROUND_DOWN } as const;

/** `value` rounded to `places`; `up` is away from zero, `down` is towards it. */
export function roundTo(value: Decimal, places: number, rounding: Rounding): Decimal {
  return canonical(new Exact(value).toDecimalPlaces(places, ROUNDING_MODE[rounding]));
}

/** -1, 0 or 1 as `a` is below, equal to or above `b`. */
export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const [x, y] = [Number(a), Number(b)];
  // Rounding to a number keeps the order, so numbers that differ decide; values that differ may round to the same.
  // What is missing or empty in a document would be a number too, and is to be refused.
  if (a && b) {
    if (x < y) return -1;
    if (x > y) return 1;
    if (x === y && a === b) return 0;
  }
  return new Exact(a).comparedTo(b) as -1 | 0 | 1;
}
export function isZero(a: Decimal): boolean {
  return a === '0';
}
export function isPositive(a: Decimal): boolean {
  return a !== '0' && !a.startsWith('-');
}
export function isNegative(a: Decimal): boolean {
  return a.startsWith('-');
}
export function minimum(a: Decimal, b: Decimal): Decimal {
  return compare(a, b) <= 0 ? a : b;
}
export function maximum(a: Decimal, b: Decimal): Decimal {
  return compare(a, b) >= 0 ? a : b;
}
export function sum(values: readonly Decimal[]): Decimal {
  return canonical(values.reduce((total, value) => total.plus(value), new Exact(0)));
}

/** How many digits stand before and after the point; a lone zero before it counts as none. */
export function digitsOf(value: Decimal): { whole: number; places: number } {
  const [whole = '', fraction = ''] = (isNegative(value) ? value.slice(1) : value).split('.');
  return { whole: whole === '0' ? 0 : whole.length, places: fraction.length };
}

/** True when `value` is a whole multiple of `step`; a zero step allows every value. */
export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return isZero(step) || new Exact(value).modulo(step).isZero();
}

/**
 * The nearest multiples of `step` at or below and at or above `value`, for naming valid values in a refusal. Exact, so
 * without a division. Throws RangeError when the step is zero.
 */
export function nearestMultiples(value: Decimal, step: Decimal): { below: Decimal; above: Decimal } {
  if (isZero(step)) throw new RangeError('zero has no multiples but itself');
  const size = new Exact(step).abs();
  const rest = new Exact(value).modulo(size);
  const towardsZero = new Exact(value).minus(rest);
  if (rest.isZero()) return { below: canonical(towardsZero), above: canonical(towardsZero) };
  return rest.isNegative()
    ? { below: canonical(towardsZero.minus(size)), above: canonical(towardsZero) }
    : { below: canonical(towardsZero), above: canonical(towardsZero.plus(size)) };
}
