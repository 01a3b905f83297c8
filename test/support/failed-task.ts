import type { WorkflowHandle } from '@temporalio/client';
import { eventually } from './eventually';

/** What the first failed workflow task of a workflow says; waits for one. */
export async function failedTaskMessage(handle: WorkflowHandle, timeoutMs: number): Promise<string> {
  return await eventually(
    async () => {
      const { events } = await handle.fetchHistory();
      const failed = events?.find((event) => event.workflowTaskFailedEventAttributes);
      return failed?.workflowTaskFailedEventAttributes?.failure?.message ?? undefined;
    },
    { timeoutMs, what: 'a failed workflow task' },
  );
}
