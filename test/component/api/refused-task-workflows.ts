import { condition, defineUpdate, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import { requestCancelUpdate, type CancelRequest } from '../../../workflows/order-entry/order-messages';

export interface MeanwhileActivities {
  meanwhile(): Promise<void>;
}
const { meanwhile } = proxyLocalActivities<MeanwhileActivities>({ startToCloseTimeout: '10s' });
/** The answer names the request, and no order. */
const echoUpdate = defineUpdate<{ taken: string }, [CancelRequest]>(requestCancelUpdate.name);

export const beginUpdate = defineUpdate<{ createdBy: string }, [{ requestId: string; requestHash: string }]>(
  'begin',
);

/** Ends in the task that brings a request, after what the test does while that task is under way. */
export async function endsWithItsRequest(): Promise<void> {
  let ended = false;
  const end = async (): Promise<void> => {
    await meanwhile();
    ended = true;
  };
  setHandler(echoUpdate, async ({ requestId }) => {
    await end();
    return { taken: requestId };
  });
  setHandler(beginUpdate, async ({ requestId }) => {
    await end();
    return { createdBy: requestId };
  });
  await condition(() => ended);
}
