import { z } from 'zod';
import { parseDecimal, type Decimal } from '../../../domain/money/decimal';
import { WIRE_SIDES } from '../protocol';

const CLIENT_REF_LENGTH_MAX = 1_024;
const NAME_LENGTH_MAX = 64;

const decimalText = z.string().transform((text, context): Decimal => {
  const value = parseDecimal(text);
  if (value !== undefined) return value;
  context.addIssue({ code: 'custom', message: 'must be a plain decimal as text, such as "182.5"' });
  return z.NEVER;
});
const clOrdId = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, 'must match [A-Za-z0-9._:-]{1,64}');
const clientRef = z.string().max(CLIENT_REF_LENGTH_MAX).optional();
const name = z.string().min(1).max(NAME_LENGTH_MAX);

export const orderSchema = z.strictObject({
  clOrdId,
  clientRef,
  account: name.optional(),
  symbol: name,
  side: z.enum(WIRE_SIDES),
  type: name,
  quantity: decimalText,
  limitPrice: decimalText.optional(),
  timeInForce: name.default('day'),
});
export const cancelSchema = z.strictObject({ clOrdId, clientRef });
export const replaceSchema = z.strictObject({
  clOrdId,
  clientRef,
  quantity: decimalText,
  limitPrice: decimalText.optional(),
});
export const quoteSchema = z
  .strictObject({
    bid: decimalText.optional(),
    bidSize: decimalText.optional(),
    ask: decimalText.optional(),
    askSize: decimalText.optional(),
    last: decimalText.optional(),
  })
  .refine(
    (quote) => (quote.bid === undefined) === (quote.bidSize === undefined),
    'bid and bidSize go together',
  )
  .refine(
    (quote) => (quote.ask === undefined) === (quote.askSize === undefined),
    'ask and askSize go together',
  );
const TICKS_A_PAGE_MAX = 5_000;
export const ticksSchema = z.object({
  since: z.iso.datetime({ precision: 3 }),
  limit: z.coerce.number().int().min(1).max(TICKS_A_PAGE_MAX).default(TICKS_A_PAGE_MAX),
});
export const listSchema = z.object({
  open: z.enum(['true', 'false']).optional(),
  symbol: name.optional(),
  limit: z.coerce.number().int().min(1).max(1_000_000).default(1_000),
});
