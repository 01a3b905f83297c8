import { z } from 'zod';
import { IDENTIFIER_PATTERN } from '../../domain/order/order-id';
import { compare, parseDecimal, ZERO, type Decimal } from '../../domain/money/decimal';

/** Lists answer with at most this many items a page. */
export const PAGE_ITEMS_MAX = 500;
export const PAGE_ITEMS_DEFAULT = 100;
const CURSOR_CHARACTERS_MAX = 512;

/** OpenAPI's view of the decimal notation; the real check is `parseDecimal`, which also bounds the digits. */
const DECIMAL_NOTATION = '^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?$';
const decimalMeta = { pattern: DECIMAL_NOTATION, example: '182.5' };

/** A decimal in a request: a string in plain notation, made canonical. A JSON number is refused. */
export const decimalInput = z
  .string('must be a decimal string')
  .refine((text) => parseDecimal(text) !== undefined, 'must be a plain decimal of at most 30 digits')
  .transform((text) => parseDecimal(text) ?? ZERO)
  .meta(decimalMeta);

/** A quantity in a request: a decimal above zero. */
export const quantityInput = decimalInput
  .refine((quantity: Decimal) => compare(quantity, ZERO) > 0, 'must be above zero')
  .meta({ ...decimalMeta, example: '100' });

/** A decimal in an answer: always canonical. */
export const decimalOutput = z.string().meta(decimalMeta);

export const identifier = z
  .string()
  .regex(IDENTIFIER_PATTERN, 'must be 1 to 64 letters, digits, dots, underscores or hyphens');
export const symbolInput = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$/, 'must be 1 to 32 letters, digits, dots, slashes or hyphens');
export const orderIdParameter = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not an order id');

/** UTC time in ISO 8601 with milliseconds. */
export const timestampOutput = z.string().meta({ format: 'date-time', example: '2026-01-05T14:30:00.000Z' });
/** A time in a request, with an offset; made canonical UTC with milliseconds. */
export const timestampInput = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with an offset' })
  .transform((text) => new Date(text).toISOString());

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(PAGE_ITEMS_MAX).default(PAGE_ITEMS_DEFAULT),
  cursor: z.string().min(1).max(CURSOR_CHARACTERS_MAX).optional(),
};

/** The shape of every list: a page, where the next one starts, and how old the data may be. */
export function listOf(item: z.ZodType, id: string): z.ZodType {
  return z
    .object({ items: z.array(item), nextCursor: z.string().nullable(), asOf: timestampOutput })
    .meta({ id });
}
