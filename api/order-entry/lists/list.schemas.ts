import { z } from 'zod';
import { CONTINGENCIES } from '../../../domain/order/list-membership';
import { LIST_ORDERS_MAX, type ListRequest } from '../../../domain/order-list/list-types';
import { LIST_ALERTS, type ListAlertCode } from '../../../domain/order-list/list-alerts';
import { identifier, listOf, pageQuery, timestampOutput } from '../../http/common.schemas';
import { problemErrorSchema } from '../../http/problem';
import { orderSchema, submitBody, toOrderRequest } from '../order.schemas';

const orderInList = z
  .strictObject({
    ...submitBody.shape,
    account: identifier.optional().meta({ description: 'That of the list, when given' }),
  })
  .meta({ id: 'OrderInList' });

/** Body of POST /v1/lists. */
export const listBody = z
  .strictObject({
    listId: identifier,
    account: identifier,
    contingency: z.enum(CONTINGENCIES).default('none'),
    orders: z.array(orderInList).min(1).max(LIST_ORDERS_MAX),
  })
  .superRefine(({ account, orders }, context) => {
    orders.forEach((order, index) => {
      if (order.account === undefined || order.account === account) return;
      const path = ['orders', index, 'account'];
      context.addIssue({ code: 'custom', path, message: 'must be the account of the list' });
    });
  })
  .meta({ id: 'SubmitList' });
export type ListBody = z.output<typeof listBody>;

/** The canonical list: what its hash is over. */
export function toListRequest({ listId, account, contingency, orders }: ListBody): ListRequest {
  return {
    listId,
    account,
    contingency,
    orders: orders.map((order) => toOrderRequest({ ...order, account })),
  };
}

const alertCodes = Object.keys(LIST_ALERTS) as [ListAlertCode, ...ListAlertCode[]];

const legSchema = z.object({
  clientOrderId: z.string(),
  orderId: z.string(),
  contingencyType: z
    .enum(['none', 'oneCancelsTheOther', 'oneTriggersTheOther', 'oneUpdatesTheOtherAbsolute'])
    .meta({ description: 'FIX ContingencyType (1385)' }),
  phase: z.enum(['waiting', 'entering', 'held', 'working', 'ended', 'notBegun']),
  entry: z.enum(['accepted', 'denied', 'conflict', 'notBegun', 'lost']).nullable(),
  order: orderSchema.optional(),
});

const listShape = {
  listId: z.string(),
  account: z.string(),
  contingency: z.enum(CONTINGENCIES),
  listOrderStatus: z
    .enum(['receivedForExecution', 'executing', 'cancelling', 'alert', 'allDone', 'reject'])
    .meta({ description: 'FIX ListOrderStatus (431)' }),
  cancelledBy: z.string().nullable(),
  alerts: z.array(
    z.object({ code: z.enum(alertCodes), message: z.string(), leg: z.int(), at: timestampOutput }),
  ),
  orders: z.array(legSchema),
  workflowId: z.string(),
};
export const listSchema = z.object(listShape).meta({ id: 'ListOfOrders' });
export const listAsOfSchema = z
  .object({
    ...listShape,
    createdAt: timestampOutput.optional().meta({ description: 'Once the list is on record' }),
    updatedAt: timestampOutput.optional().meta({ description: 'When the list itself last changed' }),
    asOf: timestampOutput,
  })
  .meta({ id: 'ListOfOrdersAsOf' });

/** Items of GET /v1/lists: lists without the views of their orders. */
export const listPageSchema = listOf(
  z
    .object({ ...listShape, createdAt: timestampOutput, updatedAt: timestampOutput })
    .meta({ id: 'RecordedList', description: 'A list without the views of its orders' }),
  'ListOfLists',
);
export const listPageQuery = z.strictObject({ account: identifier.optional(), ...pageQuery });

export const listAnswerSchema = z
  .object({
    created: z.boolean(),
    items: z.array(
      z.object({
        clientOrderId: z.string(),
        orderId: z.string(),
        status: z.int().meta({ description: 'What POST of this one order would have answered' }),
        code: z.string().optional(),
        detail: z.string().optional(),
        errors: z.array(problemErrorSchema).optional(),
        order: orderSchema.optional(),
      }),
    ),
    list: listSchema,
  })
  .meta({ id: 'SubmitListAnswer', description: 'One result an order; `created` is false for a repeat' });

export const listCancelSchema = z
  .object({ list: listSchema })
  .meta({ id: 'CancelListAnswer', description: 'Taken; each order is cancelled by itself' });

export const listParams = z.object({ listId: identifier });
export const listQueryParams = z.strictObject({ account: identifier });
