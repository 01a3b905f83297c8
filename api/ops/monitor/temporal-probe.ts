import type { Client } from '@temporalio/client';
import { ORDER_WORKFLOW_TYPE } from '../../../workflows/order-entry/order-messages';
import type { WatchedQueue } from '../readiness';

const CALL_MS_MAX = 1_500;
const POLLER_AGE_MS_MAX = 90_000;
/** An order is validated and routed in far less; a doubt is cleared or belongs before a person. */
const STUCK_AFTER_MS = 60_000;
const STUCK_STATES = ['new', 'validated', 'unknown'] as const;
export type StuckState = (typeof STUCK_STATES)[number];

/** Task queue kinds by number, as the Temporal API counts them. */
const QUEUE_KIND = { workflow: 1, activity: 2 } as const;
const GRPC_NOT_FOUND = 5;

export interface QueueState {
  queue: string;
  kind: 'workflow' | 'activity';
  backlog: number;
  backlogAgeSeconds: number;
  pollers: number;
}

export interface RoutedBuild {
  buildId: string;
  role: 'current' | 'ramping' | 'other';
  /** Share of new orders that Temporal routes to it, 0 to 100; absent where routing does not say. */
  rampPercent?: number;
  status: string;
}

/** What operations want to know of Temporal, in a few cheap calls. */
export class TemporalProbe {
  private readonly client: Client;
  private readonly queues: readonly WatchedQueue[];
  private readonly deploymentName: string;

  constructor(client: Client, queues: readonly WatchedQueue[], deploymentName: string) {
    this.client = client;
    this.queues = queues;
    this.deploymentName = deploymentName;
  }

  async queueStates(nowMs: number): Promise<QueueState[]> {
    return await Promise.all(this.queues.map((queue) => this.queueState(queue, nowMs)));
  }

  /** Order workflows by a state in which none should be for long. */
  async stuckOrders(nowMs: number): Promise<Record<StuckState, number>> {
    const before = new Date(nowMs - STUCK_AFTER_MS).toISOString();
    const counts = STUCK_STATES.map(async (state) => {
      const query =
        `WorkflowType = '${ORDER_WORKFLOW_TYPE}' AND ExecutionStatus = 'Running' ` +
        `AND OrderState = '${state}' AND StartTime < '${before}'`;
      const { count } = await this.bounded(() => this.client.workflow.count(query));
      return [state, count] as const;
    });
    return Object.fromEntries(await Promise.all(counts)) as Record<StuckState, number>;
  }

  /** Builds that Temporal routes between; none while workers are not versioned. */
  async builds(): Promise<RoutedBuild[]> {
    const info = await this.deployment();
    const routing = info?.routingConfig;
    const current = routing?.currentDeploymentVersion?.buildId;
    const ramping = routing?.rampingDeploymentVersion?.buildId;
    const rampPercent = routing?.rampingVersionPercentage ?? 0;
    return (info?.versionSummaries ?? []).flatMap((summary): RoutedBuild[] => {
      const buildId = summary.deploymentVersion?.buildId;
      if (!buildId) return [];
      const status = VERSION_STATUS[Number(summary.status ?? 0)] ?? 'unknown';
      if (buildId === current) return [{ buildId, role: 'current', rampPercent: 100 - rampPercent, status }];
      if (buildId === ramping) return [{ buildId, role: 'ramping', rampPercent, status }];
      return [{ buildId, role: 'other', status }];
    });
  }

  private async deployment() {
    try {
      const { workerDeploymentInfo } = await this.bounded(() =>
        this.client.workflowService.describeWorkerDeployment({
          namespace: this.client.options.namespace,
          deploymentName: this.deploymentName,
        }),
      );
      return workerDeploymentInfo;
    } catch (fault) {
      // Without versioned workers there is no such deployment, and nothing to route between.
      if ((fault as { code?: number }).code === GRPC_NOT_FOUND) return undefined;
      throw fault;
    }
  }

  private async queueState({ name, kind }: WatchedQueue, nowMs: number): Promise<QueueState> {
    const { pollers, stats } = await this.bounded(() =>
      this.client.workflowService.describeTaskQueue({
        namespace: this.client.options.namespace,
        taskQueue: { name },
        taskQueueType: QUEUE_KIND[kind],
        reportStats: true,
      }),
    );
    const seenMs = (pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000);
    const age = stats?.approximateBacklogAge;
    return {
      queue: name,
      kind,
      backlog: Number(stats?.approximateBacklogCount ?? 0),
      backlogAgeSeconds: Number(age?.seconds ?? 0) + (age?.nanos ?? 0) / 1e9,
      pollers: seenMs.filter((atMs) => nowMs - atMs < POLLER_AGE_MS_MAX).length,
    };
  }

  private async bounded<T>(call: () => Promise<T>): Promise<T> {
    return await this.client.withDeadline(Date.now() + CALL_MS_MAX, call);
  }
}

/** WorkerDeploymentVersionStatus of the Temporal API by number. */
const VERSION_STATUS: Readonly<Record<number, string>> = {
  1: 'inactive',
  2: 'current',
  3: 'ramping',
  4: 'draining',
  5: 'drained',
};
