import {
  condition,
  defineSignal,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { TracedActivities } from './traced.port';

const { check } = proxyLocalActivities<TracedActivities>({ startToCloseTimeout: '5s' });
const { route } = proxyActivities<TracedActivities>({ startToCloseTimeout: '5s' });

export const ackUpdate = defineUpdate<string, []>('ack');
export const fillSignal = defineSignal<[]>('fill');

/** An order in small: an update that answers after a local activity, a regular activity, a signal. */
export async function traced(): Promise<string[]> {
  const steps: string[] = [];
  let filled = false;
  setHandler(fillSignal, () => {
    filled = true;
  });
  setHandler(ackUpdate, async () => {
    await condition(() => steps.length > 0);
    return steps[0] ?? '';
  });
  steps.push(await check());
  steps.push(await route());
  await condition(() => filled);
  return steps;
}
