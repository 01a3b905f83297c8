import { z } from 'zod';
import { SIDES } from '../../domain/order/order-types';
import {
  decimalOutput,
  identifier,
  listOf,
  orderIdParameter,
  pageQuery,
  timestampInput,
  timestampOutput,
} from '../http/common.schemas';

export const fillSchema = z
  .object({
    fillId: z.string(),
    orderId: z.string(),
    account: z.string(),
    symbol: z.string(),
    side: z.enum(SIDES),
    quantity: decimalOutput,
    price: decimalOutput,
    fee: decimalOutput,
    venue: z.string(),
    execId: z.string(),
    status: z.enum(['live', 'busted', 'corrected']),
    executedAt: timestampOutput,
    tradeDate: z.string(),
    settlementDate: z.string(),
    settled: z.boolean(),
    settledAs: z
      .object({ quantity: decimalOutput, price: decimalOutput, fee: decimalOutput })
      .optional()
      .meta({ description: 'While a correction waits for its own settlement: what has settled by now' }),
    marketTime: timestampOutput.nullable(),
  })
  .meta({ id: 'Fill' });
export const fillListSchema = listOf(fillSchema, 'FillList');

export const fillQuery = z.strictObject({
  orderId: orderIdParameter.optional(),
  account: identifier.optional(),
  from: timestampInput.optional().meta({ description: 'Executed at or after' }),
  to: timestampInput.optional().meta({ description: 'Executed before' }),
  ...pageQuery,
});

/** The envelope of every event; what else an event carries depends on its type. */
export const orderEventSchema = z
  .looseObject({
    orderId: z.string(),
    seq: z.int().min(1),
    v: z.int(),
    at: timestampOutput,
    type: z.string(),
    build: z.string().nullable().optional().meta({ description: 'Build of the worker that decided it' }),
  })
  .meta({ id: 'OrderEvent' });
export const orderEventListSchema = listOf(orderEventSchema, 'OrderEventList');
export const orderEventQuery = z.strictObject({
  account: identifier.optional(),
  clientOrderId: identifier.optional(),
  ...pageQuery,
});

export const streamQuery = z.strictObject({ account: identifier.optional() });
