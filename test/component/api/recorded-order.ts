import type { Db } from 'mongodb';
import { decimal } from '../../../domain/money/decimal';
import type { OrderView } from '../../../domain/order/order-view';
import { collection, type OrderRecord } from '../../../storage/collections';
import { toStored } from '../../../storage/decimal128';

const ZERO = decimal('0');
const AT = '2026-01-05T14:30:00.000Z';

/** A routed order as the views show it. */
export function view(orderId: string, account: string, sequence: number): OrderView {
  return {
    orderId,
    clientOrderId: `c-${orderId}`,
    account,
    symbol: 'IBM',
    side: 'buy',
    type: 'limit',
    timeInForce: 'day',
    quantity: decimal('100'),
    limitPrice: decimal('182.5'),
    stopPrice: null,
    expireAt: null,
    state: 'routed',
    ordStatus: 'new',
    rejectedBy: null,
    reasons: [],
    cumQty: ZERO,
    leavesQty: decimal('100'),
    avgPx: ZERO,
    settledQty: ZERO,
    dayOrderQty: decimal('100'),
    dayCumQty: ZERO,
    overfillQty: ZERO,
    venue: 'XSIM',
    enteredBy: 'trader',
    createdAt: AT,
    updatedAt: AT,
    sequence,
    workflowId: `order:${account}:c-${orderId}`,
    clOrdId: `${orderId}-1`,
    venueOrderId: null,
  };
}

/** Writes the order as the recording activity does. */
export async function record(db: Db, order: OrderView): Promise<void> {
  const row = toStored<OrderRecord>({ ...order, _id: order.orderId });
  await collection<OrderRecord>(db, 'orders').replaceOne({ _id: order.orderId }, row, { upsert: true });
}
