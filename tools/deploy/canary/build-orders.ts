import { ORDER_WORKFLOW_TYPE } from '../../../workflows/order-entry/order-messages';
import { versionText } from '../gates/known-builds';
import { PROBE_ACCOUNT } from '../gates/probe-account';
import type { DeployContext } from '../context';

type Temporal = Pick<DeployContext, 'client' | 'deploymentName'>;

export interface OrderRun {
  workflowId: string;
  runId: string;
}

/**
 * The visibility query for orders that clients sent since `since` (ISO 8601 UTC) and that `buildId` runs; `undefined`
 * for those that no build has completed a task of.
 */
export function ordersOfBuild(
  { deploymentName }: Temporal,
  buildId: string | undefined,
  since: string,
): string {
  const build =
    buildId === undefined
      ? 'TemporalWorkerDeploymentVersion IS NULL'
      : `TemporalWorkerDeploymentVersion = '${versionText(deploymentName, buildId)}'`;
  return [
    `WorkflowType = '${ORDER_WORKFLOW_TYPE}'`,
    build,
    `StartTime >= '${since}'`,
    `Account != '${PROBE_ACCOUNT}'`,
    // A run that continued as new goes on in the next one, which is counted.
    `ExecutionStatus != 'ContinuedAsNew'`,
  ].join(' AND ');
}

export async function countOrders({ client }: Temporal, query: string): Promise<number> {
  return (await client.workflow.count(query)).count;
}

/** At most `max` runs, newest first. */
export async function listOrders({ client }: Temporal, query: string, max: number): Promise<OrderRun[]> {
  const found: OrderRun[] = [];
  if (max === 0) return found;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    found.push({ workflowId, runId });
    if (found.length >= max) break;
  }
  return found;
}
