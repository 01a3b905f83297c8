import { Decimal128 } from 'mongodb';
import { decimal, parseDecimal, type Decimal } from '../domain/money/decimal';

/** Throws BSONError when the value has more than the 34 digits that Decimal128 holds exactly. */
export function toDecimal128(value: Decimal): Decimal128 {
  return Decimal128.fromString(value);
}

/** Canonical decimal of a stored number. Throws RangeError on NaN and infinities. */
export function fromDecimal128(stored: Decimal128): Decimal {
  return decimal(plainNotation(stored.toString()));
}

/** Decimal128 prints small and large numbers with an exponent; ours have none. */
function plainNotation(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?E([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = parseInt(exponent, 10);
  const digits = whole + fraction;
  const point = whole.length + shift;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const cut = Math.max(point, 1);
  const tail = padded.slice(cut);
  const head = padded.slice(0, cut).replace(/^0+(?=\d)/, '');
  return `${sign}${head}${tail === '' ? '' : `.${tail}`}`;
}

/** Fields that hold an amount wherever they occur in a stored document, at any depth. */
const AMOUNT_FIELDS: ReadonlySet<string> = new Set([
  'quantity',
  'limitPrice',
  'stopPrice',
  'displayQuantity',
  'pegOffset',
  'triggerPrice',
  'trailingOffset',
  'cumQty',
  'leavesQty',
  'avgPx',
  'settledQty',
  'dayOrderQty',
  'dayCumQty',
  'overfillQty',
  'price',
  'fee',
  'fees',
  'lastQty',
  'lastPx',
  'orderQty',
  'tickSize',
  'lotSize',
  'priceMin',
  'priceMax',
  'quantityMin',
  'quantityMax',
  'multiplier',
  'notionalMin',
  'notionalMax',
  'from',
  'settledQuantity',
  'averagePrice',
  'realisedPnl',
  'cost',
  'cash',
  'settledCash',
  'openingCash',
  'reserved',
  'reservedSell',
  'openBuy',
  'reservedCash',
  'reservedPosition',
  'openBuyQuantity',
  'cashDelta',
  'positionDelta',
  'unitReserve',
  'amount',
  'orderQuantityMax',
  'orderValueMax',
  'positionMax',
  'collarFraction',
  'marketCollarFraction',
  'bid',
  'bidSize',
  'ask',
  'askSize',
  'last',
]);

/** `T` as MongoDB holds it: amounts are Decimal128. */
export type Stored<T> = T extends Decimal
  ? Decimal128
  : T extends readonly (infer Item)[]
    ? Stored<Item>[]
    : T extends object
      ? { [Key in keyof T]: Stored<T[Key]> }
      : T;

/** A copy of `value` in which amounts are Decimal128 and absent fields are left out. */
export function toStored<T>(value: T): Stored<T> {
  return encode(value) as Stored<T>;
}

function encode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(encode);
  if (!isPlainObject(value)) return value;
  const stored: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    stored[key] = AMOUNT_FIELDS.has(key) && typeof field === 'string' ? encodeAmount(field) : encode(field);
  }
  return stored;
}

/** The same few amounts come again and again, and to read one takes longer than to remember it. */
const encoded = new Map<string, Decimal128>();
const ENCODED_MAX = 10_000;

/** A text that is not an amount under the name of one (a free-form value in an old document) is kept as it is. */
function encodeAmount(text: string): Decimal128 | string {
  const known = encoded.get(text);
  if (known !== undefined) return known;
  const amount = parseDecimal(text);
  if (amount === undefined) return text;
  // Bytes of their own: those that the driver takes are cut from a slab of 8 KB, which would be kept with them.
  const bytes = Buffer.alloc(16);
  bytes.set(toDecimal128(amount).bytes);
  const stored = new Decimal128(bytes);
  if (encoded.size >= ENCODED_MAX) encoded.clear();
  encoded.set(text, stored);
  return stored;
}

/** The inverse of {@link toStored}. */
export function fromStored<T>(stored: Stored<T>): T {
  return decode(stored) as T;
}

function decode(value: unknown): unknown {
  if (value instanceof Decimal128) return fromDecimal128(value);
  if (Array.isArray(value)) return value.map(decode);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, decode(field)]));
}

/**
 * Like {@link fromStored} for what people may have written by hand and orders are decided by. Throws RangeError when an
 * amount is a number of another kind than Decimal128: it was rounded when it was written, whatever it says.
 */
export function fromStoredExactly<T>(stored: Stored<T>): T {
  refuseNumbers(stored);
  return fromStored(stored);
}

function refuseNumbers(value: unknown): void {
  if (Array.isArray(value)) return value.forEach(refuseNumbers);
  if (!isPlainObject(value)) return;
  for (const [key, field] of Object.entries(value)) {
    if (typeof field === 'number' && AMOUNT_FIELDS.has(key)) {
      throw new RangeError(`${key} is stored as the number ${field} and not as Decimal128`);
    }
    refuseNumbers(field);
  }
}

/** Dates and other objects with a class of their own pass through unchanged. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
}
