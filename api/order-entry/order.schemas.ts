import { z } from 'zod';
import { CONTINGENCIES } from '../../domain/order/list-membership';
import { TRAILING_OFFSET_TYPES, TRIGGER_PRICE_TYPES } from '../../domain/order/hold';
import {
  LIFECYCLE_STATES,
  ORDER_TYPES,
  ORD_STATUSES,
  PEG_PRICE_TYPES,
  SIDES,
  TIMES_IN_FORCE,
  type OrderRequest,
} from '../../domain/order/order-types';
import {
  decimalInput,
  decimalOutput,
  identifier,
  listOf,
  pageQuery,
  quantityInput,
  symbolInput,
  timestampInput,
  timestampOutput,
} from '../http/common.schemas';

/** The valid values next to one that was refused. */
export const nearestSchema = z
  .object({ below: decimalOutput.optional(), above: decimalOutput.optional() })
  .meta({ id: 'NearestValues', description: 'Valid values next to the refused one, where there are any' });
export const fixReasonOutput = z.string().meta({
  description: 'FIX OrdRejReason(103) or CxlRejReason(102) by number, where one fits',
  example: '18',
});

export const reasonSchema = z
  .object({
    code: z.string(),
    message: z.string(),
    field: z.string().optional(),
    value: z.string().optional(),
    limit: z.string().optional(),
    nearest: nearestSchema.optional(),
    fixReason: fixReasonOutput.optional(),
  })
  .meta({ id: 'Reason' });

/** Of orders that wait here for a price or for another order; absent on all others. */
const waitShape = {
  held: z
    .object({ until: z.enum(['release', 'trigger']), since: timestampOutput })
    .optional()
    .meta({ description: 'Present while the order waits here and nothing of it is at the venue' }),
  triggerPriceType: z.enum(TRIGGER_PRICE_TYPES).optional(),
  trailingOffset: decimalOutput.optional(),
  trailingOffsetType: z.enum(TRAILING_OFFSET_TYPES).optional(),
  triggeredAt: timestampOutput.optional().meta({ description: 'When the order was triggered here' }),
  triggerPrice: decimalOutput.optional().meta({ description: 'The price that reached its stop' }),
  triggerMissed: z
    .boolean()
    .optional()
    .meta({ description: 'True when nobody watched the market just then, and it was found afterwards' }),
};

const orderShape = {
  orderId: z.string(),
  clientOrderId: z.string(),
  account: z.string(),
  symbol: z.string(),
  side: z.enum(SIDES),
  type: z.enum(ORDER_TYPES),
  timeInForce: z.enum(TIMES_IN_FORCE),
  quantity: decimalOutput,
  limitPrice: decimalOutput.nullable(),
  stopPrice: decimalOutput.nullable(),
  expireAt: timestampOutput.nullable(),
  state: z.enum(LIFECYCLE_STATES),
  ordStatus: z.enum(ORD_STATUSES),
  rejectedBy: z.enum(['validation', 'risk', 'venue']).nullable(),
  reasons: z.array(reasonSchema),
  cumQty: decimalOutput,
  leavesQty: decimalOutput,
  avgPx: decimalOutput,
  settledQty: decimalOutput,
  dayOrderQty: decimalOutput,
  dayCumQty: decimalOutput,
  overfillQty: decimalOutput,
  venue: z.string().nullable(),
  enteredBy: z.string(),
  createdAt: timestampOutput,
  updatedAt: timestampOutput,
  sequence: z.int().min(1).meta({ description: 'Number of the last event that this view contains' }),
  workflowId: z.string(),
  clOrdId: z.string(),
  venueOrderId: z.string().nullable(),
  traceId: z.string().optional().meta({ description: 'Trace of the request that brought the order' }),
  build: z.string().optional().meta({ description: 'Build of the worker that took the order' }),
  dayAvgPx: decimalOutput.optional().meta({
    description:
      'FIX DayAvgPx (426) of a good-till order: average price of the fills of its present trading day',
  }),
  displayQuantity: decimalOutput.optional(),
  pegPriceType: z.enum(PEG_PRICE_TYPES).optional(),
  pegOffset: decimalOutput.optional(),
  endsAt: timestampOutput
    .optional()
    .meta({ description: 'When an order for an auction or a date ends by itself' }),
  ...waitShape,
  listId: z.string().optional().meta({ description: 'The list that brought the order' }),
  contingency: z.enum(CONTINGENCIES).optional(),
};

export const orderSchema = z.object(orderShape).meta({ id: 'Order' });
export const orderAsOfSchema = z
  .object({ ...orderShape, asOf: timestampOutput })
  .meta({ id: 'OrderAsOf', description: 'The order with the time at which it was read' });
export const orderListSchema = listOf(orderSchema, 'OrderList');

/** Body of POST /v1/orders. Known types and times in force that are not traded yet are denied later, by name. */
export const submitBody = z
  .strictObject({
    clientOrderId: identifier,
    account: identifier,
    symbol: symbolInput,
    side: z.enum(SIDES),
    type: z.enum(ORDER_TYPES),
    quantity: quantityInput,
    limitPrice: decimalInput.optional(),
    stopPrice: decimalInput.optional(),
    timeInForce: z.enum(TIMES_IN_FORCE).default('day'),
    expireAt: timestampInput.optional(),
    displayQuantity: quantityInput
      .optional()
      .meta({ description: 'Of an iceberg: at most this much shows at a time' }),
    pegPriceType: z
      .enum(PEG_PRICE_TYPES)
      .optional()
      .meta({ description: 'Of a pegged order: the price that it follows; primary when left out' }),
    pegOffset: decimalInput.optional().meta({ description: 'Of a pegged order: added to that price' }),
    triggerPriceType: z.enum(TRIGGER_PRICE_TYPES).optional().meta({
      description: 'Which price of the market reaches the stop; the last trade when left out',
    }),
    trailingOffset: decimalInput.optional(),
    trailingOffsetType: z.enum(TRAILING_OFFSET_TYPES).optional().meta({
      description: 'In what trailingOffset counts; price when left out',
    }),
    venue: identifier.optional(),
  })
  .meta({ id: 'SubmitOrder' });
export type SubmitBody = z.output<typeof submitBody>;

/** The canonical request: what the submit hash is over, so absent fields must be absent and not undefined. */
export function toOrderRequest(body: SubmitBody): OrderRequest {
  const { clientOrderId, account, symbol, side, type, quantity, timeInForce } = body;
  const request: OrderRequest = { clientOrderId, account, symbol, side, type, quantity, timeInForce };
  if (body.limitPrice !== undefined) request.limitPrice = body.limitPrice;
  if (body.stopPrice !== undefined) request.stopPrice = body.stopPrice;
  if (body.expireAt !== undefined) request.expireAt = body.expireAt;
  if (body.displayQuantity !== undefined) request.displayQuantity = body.displayQuantity;
  if (body.pegPriceType !== undefined) request.pegPriceType = body.pegPriceType;
  if (body.pegOffset !== undefined) request.pegOffset = body.pegOffset;
  if (body.triggerPriceType !== undefined) request.triggerPriceType = body.triggerPriceType;
  if (body.trailingOffset !== undefined) request.trailingOffset = body.trailingOffset;
  if (body.trailingOffsetType !== undefined) request.trailingOffsetType = body.trailingOffsetType;
  if (body.venue !== undefined) request.venue = body.venue;
  return request;
}

export const submitAnswerSchema = z
  .object({ created: z.boolean(), order: orderSchema })
  .meta({ id: 'SubmitAnswer', description: '`created` is false for a repeat of an order that exists' });

export const amendBody = z
  .strictObject({
    quantity: quantityInput.optional().meta({ description: 'The new total quantity' }),
    limitPrice: decimalInput.optional(),
    stopPrice: decimalInput.optional(),
  })
  .refine(
    (body) => body.quantity !== undefined || body.limitPrice !== undefined || body.stopPrice !== undefined,
    'must name at least one of quantity, limitPrice and stopPrice',
  )
  .meta({ id: 'AmendOrder' });

export const requestAnswerSchema = z.object({ order: orderSchema }).meta({
  id: 'RequestAnswer',
  description: 'The request was taken and goes to the venue, whose answer decides',
});

export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(
      /^[A-Za-z0-9._:-]{1,128}$/,
      'must be 1 to 128 letters, digits, dots, underscores, colons or hyphens',
    )
    .optional()
    .meta({ description: 'The same request with the same key is one request' }),
});

/** Names the order a second time, so that it is found without MongoDB. */
export const orderHintQuery = z.strictObject({
  account: identifier.optional(),
  clientOrderId: identifier.optional(),
});

export const orderListQuery = z.strictObject({
  account: identifier.optional(),
  clientOrderId: identifier.optional(),
  state: z.enum(LIFECYCLE_STATES).optional(),
  symbol: symbolInput.optional(),
  ...pageQuery,
});

export const massCancelQuery = z.strictObject({ account: identifier, symbol: symbolInput.optional() });
export const massCancelSchema = z
  .object({
    items: z.array(
      z.object({
        orderId: z.string(),
        clientOrderId: z.string(),
        status: z.int().meta({ description: 'What DELETE of this one order would have answered' }),
        code: z.string().optional(),
        detail: z.string().optional(),
        order: orderSchema.optional(),
      }),
    ),
    complete: z.boolean().meta({ description: 'False when there were more open orders than one call takes' }),
    asOf: timestampOutput,
  })
  .meta({ id: 'MassCancelAnswer', description: 'One result an order; each order is cancelled by itself' });
