import { temporal } from '@temporalio/proto';
import type { RoutingContext } from '../context';

const CALL_MS_MAX = 10_000;
/** An idle worker renews its poll once a minute; one not seen for longer is gone. */
const POLLER_AGE_MS_MAX = 90_000;
const WORKFLOW_TASKS = temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW;

/** Builds whose order worker polls, by what Temporal has seen in the last one and a half minutes. */
export async function buildsWithWorkers({
  client,
  namespace,
  config,
}: Pick<RoutingContext, 'client' | 'namespace' | 'config'>): Promise<Set<string>> {
  const { pollers } = await client.withDeadline(Date.now() + CALL_MS_MAX, () =>
    client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: config.STEADFILL_ORDERS_TASK_QUEUE },
      taskQueueType: WORKFLOW_TASKS,
    }),
  );
  const seen = (pollers ?? []).filter(
    ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < POLLER_AGE_MS_MAX,
  );
  return new Set(seen.map(({ deploymentOptions }) => deploymentOptions?.buildId ?? ''));
}
