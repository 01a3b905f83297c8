import { randomUUID } from 'node:crypto';
import type { Client, WithStartWorkflowOperation } from '@temporalio/client';
import type { UpdateDefinition, Workflow } from '@temporalio/common';
import { callUntil, takesNothing, type CallResult } from './call-fault';

/** An answer that names the request which brought what it is about. */
interface Answer {
  createdBy: string;
}
/** `created` is true for the one call that made it; a repeat meets the first answer. */
export type Created<A extends Answer> = A & { created: boolean };

export interface Submission<A extends Answer> {
  update: UpdateDefinition<A, [{ requestId: string; requestHash: string }]>;
  /** Id of the update too, so that a true repeat meets its first answer. */
  requestHash: string;
  /** Waits this long for the durable answer, in milliseconds. */
  answerMsMax: number;
  /** Made anew for each attempt, because an operation serves one call. */
  startOperation: () => WithStartWorkflowOperation<Workflow>;
}

/**
 * Starts a workflow, or meets the one that is there, and waits for its answer. Once the start is known to have been taken
 * a later fault never claims that nothing was.
 */
export async function submitWithStart<A extends Answer>(
  client: Client,
  { update, requestHash, answerMsMax, startOperation }: Submission<A>,
): Promise<CallResult<Created<A>>> {
  const requestId = randomUUID();
  const deadlineMs = Date.now() + answerMsMax;
  let started = false;
  const result = await callUntil(deadlineMs, async () => {
    const startWorkflowOperation = startOperation();
    void startWorkflowOperation.workflowHandle().then(
      () => (started = true),
      () => undefined,
    );
    return await client.withDeadline(deadlineMs, () =>
      client.workflow.executeUpdateWithStart(update, {
        args: [{ requestId, requestHash }],
        updateId: requestHash,
        startWorkflowOperation,
      }),
    );
  });
  if (result.ok)
    return { ok: true, value: { ...result.value, created: result.value.createdBy === requestId } };
  if (!started || !takesNothing(result.fault)) return result;
  return { ok: false, fault: { kind: 'unknown', repeatable: true, message: 'started, but not answered' } };
}
