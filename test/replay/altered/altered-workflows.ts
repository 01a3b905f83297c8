import { sleep } from '@temporalio/workflow';
import { order as productionOrder } from '../../../workflows/index';
import type { OrderWorkflowInput } from '../../../workflows/order-entry/order-messages';

export { correction, orderList } from '../../../workflows/index';

/** The order workflow with a timer that no stored history has: what a careless change would look like. */
export async function order(input: OrderWorkflowInput): Promise<unknown> {
  await sleep(1);
  return await productionOrder(input);
}
