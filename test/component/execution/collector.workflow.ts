import { condition, defineQuery, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import { executionReportSignal } from '../../../workflows/order-entry/order-messages';
import type {
  ExecutionActivities,
  SendResult,
  VenueOrder,
} from '../../../activities/execution/execution.port';
import type { ExecutionReport } from '../../../domain/order/execution-report';

export interface Collected {
  result?: SendResult;
  signalled: ExecutionReport[];
}
export const collectedQuery = defineQuery<Collected>('collected');
export const endSignal = defineSignal('end');

/** Stands in for an order: sends it to its venue, and keeps what comes back and by which way. */
export async function collector(order: VenueOrder, taskQueue: string): Promise<void> {
  const collected: Collected = { signalled: [] };
  let isOver = false;
  setHandler(collectedQuery, () => collected);
  setHandler(executionReportSignal, (reports) => void collected.signalled.push(...[reports].flat()));
  setHandler(endSignal, () => void (isOver = true));
  const { routeOrder } = proxyActivities<ExecutionActivities>({
    taskQueue,
    startToCloseTimeout: '15s',
    retry: { initialInterval: '200ms', maximumInterval: '1s' },
  });
  collected.result = await routeOrder(order);
  await condition(() => isOver);
}
