import { cancelSignal } from '../../../workflows/order-entry/order-messages';
import { PROBE_TRADER } from './probe-account';
import type { WorkflowHandle } from '@temporalio/client';

/**
 * Leaves no probe behind. One that no task was completed for has sent nothing and can be ended; any other gets a
 * cancel, which a worker carries out whenever there is one. Says what was done.
 */
export async function withdrawProbe(handle: WorkflowHandle): Promise<string> {
  try {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return `it has ended as ${status.name.toLowerCase()}`;
    const history = await handle.fetchHistory();
    const ran = history.events?.some((event) => event.workflowTaskCompletedEventAttributes) ?? false;
    if (!ran) {
      await handle.terminate('a probe that no worker took: nothing was sent');
      return 'nothing was sent, and it was ended';
    }
    await handle.signal(cancelSignal, {
      requestId: 'probe-withdrawn',
      by: PROBE_TRADER,
      reason: 'the probe failed',
    });
    return 'it was asked to cancel itself: look that it does';
  } catch (fault) {
    return `whether it is open is not known (${(fault as Error).message}): look`;
  }
}
