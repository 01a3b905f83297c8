import type { Client, WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

export interface ChainedRun {
  runId: string;
  events: number;
  /** Size of the input that the run began with, in bytes. */
  inputBytes: number;
}

/** The runs of a workflow that continued as new, first to last. */
export async function runsOf(client: Client, workflowId: string): Promise<ChainedRun[]> {
  const runs: ChainedRun[] = [];
  let runId = (await client.workflow.getHandle(workflowId).describe()).runId;
  while (runId !== '') {
    const { events }: History = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    const payloads = started?.input?.payloads ?? [];
    const inputBytes = payloads.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
    runs.unshift({ runId, events: events?.length ?? 0, inputBytes });
    runId = started?.continuedExecutionRunId ?? '';
  }
  return runs;
}
