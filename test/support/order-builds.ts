import { Client, Connection } from '@temporalio/client';
import type { RunDescription } from '../../tools/support/running-system';

/** What Temporal remembers of one order's way through builds. */
export interface OrderTrail {
  workflowId: string;
  status: string;
  /** Builds that completed workflow tasks of it, in the order of their first one. */
  builds: string[];
  /** Workflow tasks that failed or timed out. */
  taskFaults: number;
}

const AT_ONCE = 20;
const FAULTS = ['workflowTaskFailedEventAttributes', 'workflowTaskTimedOutEventAttributes'] as const;

/** The trails of these orders, read from their histories. */
export async function orderTrails(
  run: RunDescription,
  workflowIds: readonly string[],
): Promise<OrderTrail[]> {
  return await withTemporal(run, async (client) => {
    const queue = [...workflowIds];
    const trails: OrderTrail[] = [];
    const lane = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        trails.push(await orderTrail(client, next));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return trails;
  });
}

async function orderTrail(client: Client, workflowId: string): Promise<OrderTrail> {
  const handle = client.workflow.getHandle(workflowId);
  const [{ status }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
  const builds = (events ?? [])
    .map((event) => event.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId)
    .filter((buildId) => typeof buildId === 'string');
  const taskFaults = (events ?? []).filter((event) => FAULTS.some((name) => event[name])).length;
  return { workflowId, status: status.name, builds: [...new Set(builds)], taskFaults };
}

/** How many orders whose client order id begins so are on a build; visibility is about a second behind. */
export async function countOrdersOn(run: RunDescription, buildId: string, prefix = ''): Promise<number> {
  return await withTemporal(run, async (client) => {
    const version = `TemporalWorkerDeploymentVersion = 'steadfill:${buildId}'`;
    const of = (account: string): string => `WorkflowId STARTS_WITH 'order:${account}:${prefix}'`;
    const query = `${version} AND (${of('ACC-1')} OR ${of('ACC-2')})`;
    return (await client.workflow.count(query)).count;
  });
}

/** The build that takes new orders, as Temporal says. */
export async function currentBuildOf(run: RunDescription): Promise<string> {
  return await withTemporal(run, async (client) => {
    const asked = { namespace: 'default', deploymentName: 'steadfill' };
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment(asked);
    return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? '';
  });
}

async function withTemporal<T>(run: RunDescription, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: run.temporalAddress });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}
