import { condition, defineSignal, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import { ORDER_TRANSITIONS } from '../../../observability/metrics/order-flow';
import { FlowCounter } from '../../../workflows/reporting/flow-counter';

export interface CountingActivities {
  beforeTheEnd(): Promise<void>;
}
export const goOnSignal = defineSignal('goOn');

const { beforeTheEnd } = proxyLocalActivities<CountingActivities>({ startToCloseTimeout: '10s' });

/** Counts one state, another twice, and a third in the task that ends it, around what the test does before the end. */
export async function countsItsStates(): Promise<void> {
  const flow = new FlowCounter();
  const count = (state: string) => flow.count(ORDER_TRANSITIONS, { state, venue: 'none' });
  let mayGoOn = false;
  setHandler(goOnSignal, () => void (mayGoOn = true));
  count('new');
  count('partiallyFilled');
  await condition(() => mayGoOn);
  count('partiallyFilled');
  count('settled');
  await beforeTheEnd();
}
