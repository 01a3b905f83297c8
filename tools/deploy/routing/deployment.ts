import { tsToMs } from '@temporalio/common/lib/time';
import { temporal, type google } from '@temporalio/proto';
import { CORRECTION_WORKFLOW_TYPE } from '../../../workflows/execution/correction-messages';
import { ORDER_WORKFLOW_TYPE } from '../../../workflows/order-entry/order-messages';
import { LIST_WORKFLOW_TYPE } from '../../../workflows/order-list/list-messages';
import type { RoutingContext } from '../context';

const { WorkerDeploymentVersionStatus: Status, VersionDrainageStatus: Drainage } = temporal.api.enums.v1;
const CALL_MS_MAX = 10_000;
const GRPC_NOT_FOUND = 5;

/** What Temporal says about a build. `inactive` has never taken new orders; `drained` has none that is open. */
export type VersionStatus = 'inactive' | 'current' | 'ramping' | 'draining' | 'drained' | 'unknown';

export interface VersionState {
  buildId: string;
  status: VersionStatus;
}

/** Where new orders go. */
export interface Routing {
  current: string | undefined;
  ramping: string | undefined;
  /** Share of new orders that the ramping build takes, 0 to 100. */
  percent: number;
  /** When the ramping build began to take orders; ISO 8601 UTC. */
  rampingSince: string | undefined;
  versions: VersionState[];
  conflictToken: Uint8Array;
}

type Temporal = Pick<RoutingContext, 'client' | 'namespace' | 'deploymentName'>;

const bounded = <T>({ client }: Temporal, call: () => Promise<T>): Promise<T> =>
  client.withDeadline(Date.now() + CALL_MS_MAX, call);

const isNotFound = (fault: unknown): boolean => (fault as { code?: number }).code === GRPC_NOT_FOUND;

/** The routing as Temporal has it; without current build and versions when the deployment is not known there. */
export async function describeRouting(context: Temporal): Promise<Routing> {
  const { client, namespace, deploymentName } = context;
  try {
    const answer = await bounded(context, () =>
      client.workflowService.describeWorkerDeployment({ namespace, deploymentName }),
    );
    const info = answer.workerDeploymentInfo;
    const routing = info?.routingConfig;
    return {
      current: routing?.currentDeploymentVersion?.buildId ?? undefined,
      ramping: routing?.rampingDeploymentVersion?.buildId ?? undefined,
      percent: routing?.rampingVersionPercentage ?? 0,
      rampingSince: instantOf(routing?.rampingVersionChangedTime),
      versions: (info?.versionSummaries ?? []).map(({ deploymentVersion, status }) => ({
        buildId: deploymentVersion?.buildId ?? '',
        status: statusOf(status),
      })),
      conflictToken: answer.conflictToken,
    };
  } catch (fault) {
    if (!isNotFound(fault)) throw fault;
    return NO_ROUTING;
  }
}

const NO_ROUTING: Routing = {
  current: undefined,
  ramping: undefined,
  percent: 0,
  rampingSince: undefined,
  versions: [],
  conflictToken: new Uint8Array(),
};

function instantOf(time: google.protobuf.ITimestamp | null | undefined): string | undefined {
  return time === null || time === undefined ? undefined : new Date(tsToMs(time)).toISOString();
}

function statusOf(
  status: temporal.api.enums.v1.WorkerDeploymentVersionStatus | null | undefined,
): VersionStatus {
  switch (status) {
    case Status.WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE:
    case Status.WORKER_DEPLOYMENT_VERSION_STATUS_CREATED:
      return 'inactive';
    case Status.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT:
      return 'current';
    case Status.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING:
      return 'ramping';
    case Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING:
      return 'draining';
    case Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED:
      return 'drained';
    default:
      return 'unknown';
  }
}

/** How Temporal itself judges whether a version is drained, asked anew; undefined before it took any traffic. */
export async function drainageOf(
  context: Temporal,
  buildId: string,
): Promise<'draining' | 'drained' | undefined> {
  const { client, namespace, deploymentName } = context;
  const deploymentVersion = { deploymentName, buildId };
  const answer = await bounded(context, () =>
    client.workflowService.describeWorkerDeploymentVersion({ namespace, deploymentVersion }),
  );
  switch (answer.workerDeploymentVersionInfo?.drainageInfo?.status) {
    case Drainage.VERSION_DRAINAGE_STATUS_DRAINING:
      return 'draining';
    case Drainage.VERSION_DRAINAGE_STATUS_DRAINED:
      return 'drained';
    default:
      return undefined;
  }
}

export interface RoutingChange {
  buildId: string;
  /** The routing that the change was decided on; Temporal refuses the change when it is not that any more. */
  basedOn?: Routing;
  /** Also a build without a worker: at the first start, whose worker comes up a moment later. */
  allowNoPollers?: boolean;
}

/** All new orders go to this build; a ramp to it ends. Settled when Temporal shows it. */
export async function setCurrent(context: RoutingContext, change: RoutingChange): Promise<void> {
  const { client, namespace, deploymentName, by } = context;
  const { buildId, basedOn, allowNoPollers = false } = change;
  await bounded(context, () =>
    client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace,
      deploymentName,
      buildId,
      identity: by,
      allowNoPollers,
      ignoreMissingTaskQueues: allowNoPollers,
      ...(basedOn !== undefined && { conflictToken: basedOn.conflictToken }),
    }),
  );
  await untilShown(context, ({ current }) => current === buildId, basedOn);
}

/** `percent` of new orders go to this build, by a hash of their workflow id; the others stay with the current one. */
export async function setRamp(
  context: RoutingContext,
  { buildId, basedOn }: RoutingChange,
  percent: number,
): Promise<void> {
  const { client, namespace, deploymentName, by } = context;
  await bounded(context, () =>
    client.workflowService.setWorkerDeploymentRampingVersion({
      namespace,
      deploymentName,
      buildId,
      percentage: percent,
      identity: by,
      ...(basedOn !== undefined && { conflictToken: basedOn.conflictToken }),
    }),
  );
  await untilShown(context, (routing) => routing.ramping === buildId && routing.percent === percent, basedOn);
}

/** No new order goes to the ramping build any more. */
export async function clearRamp(context: RoutingContext): Promise<void> {
  const { client, namespace, deploymentName, by } = context;
  await bounded(context, () =>
    client.workflowService.setWorkerDeploymentRampingVersion({
      namespace,
      deploymentName,
      buildId: '',
      percentage: 0,
      identity: by,
    }),
  );
  await untilShown(context, ({ ramping }) => ramping === undefined);
}

const SHOWN_MS_MAX = 30_000;
const POLL_MS = 100;

/**
 * Waits until Temporal shows the change, or a later one: somebody else may undo it in the moment in which it is made,
 * and whoever goes on looks at the routing again. `before` is the routing that the change was decided on.
 */
async function untilShown(
  context: RoutingContext,
  holds: (routing: Routing) => boolean,
  before?: Routing,
): Promise<void> {
  const deadline = Date.now() + SHOWN_MS_MAX;
  for (;;) {
    const routing = await describeRouting(context);
    if (holds(routing) || (before !== undefined && isOther(routing, before))) return;
    if (Date.now() > deadline) {
      throw new Error(`Temporal took the change of routing and did not show it within ${SHOWN_MS_MAX} ms.`);
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

function isOther(routing: Routing, before: Routing): boolean {
  const isSame =
    routing.current === before.current &&
    routing.ramping === before.ramping &&
    routing.percent === before.percent;
  return !isSame || Buffer.compare(routing.conflictToken, before.conflictToken) !== 0;
}

/**
 * Takes a version off Temporal's register, which holds a bounded number of them. False when Temporal does not let go
 * of it yet: it has to be drained, and its last worker forgotten (five minutes after it ended).
 */
export async function deleteVersion(context: RoutingContext, buildId: string): Promise<boolean> {
  const { client, namespace, deploymentName, by } = context;
  try {
    await bounded(context, () =>
      client.workflowService.deleteWorkerDeploymentVersion({
        namespace,
        deploymentVersion: { deploymentName, buildId },
        identity: by,
      }),
    );
    return true;
  } catch (fault) {
    if (isNotFound(fault)) return true;
    if (/cannot be deleted/.test(String((fault as { details?: string }).details ?? fault))) return false;
    throw fault;
  }
}

/** Visibility query for the orders, corrections of closed ones and lists that are open on a build; about a second behind. */
export function openOrdersQuery(
  { deploymentName }: Pick<Temporal, 'deploymentName'>,
  buildId: string,
): string {
  const version = `${deploymentName}:${buildId}`;
  const types = `'${ORDER_WORKFLOW_TYPE}', '${CORRECTION_WORKFLOW_TYPE}', '${LIST_WORKFLOW_TYPE}'`;
  return `WorkflowType IN (${types}) AND ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = '${version}'`;
}

export async function countOpenOrders(context: Temporal, buildId: string): Promise<number> {
  const { count } = await bounded(context, () =>
    context.client.workflow.count(openOrdersQuery(context, buildId)),
  );
  return count;
}
