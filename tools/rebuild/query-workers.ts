import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { replayPlugins } from '../../observability/temporal-tracing';
import { bundleWorkflows } from '../../workers/workflow-bundle';
import { describeRouting, type VersionStatus } from '../deploy/routing/deployment';
import type { Config } from '../../config/config';

export interface QueryWorkersOptions {
  client: Client;
  address: string;
  namespace: string;
  config: Config;
}

const TAKE_ORDERS: readonly VersionStatus[] = ['current', 'ramping'];
const VERSION_ATTRIBUTE = 'TemporalWorkerDeploymentVersion';

const ROUTING_POLL_MS = 500;

/**
 * Workers that answer for builds that are done. A closed order is queried on the build that it was pinned to; when that
 * build has no worker, nobody would answer. The code in front of us continues every history that is kept, so it can tell
 * what they say. Without activities they can do nothing but answer, so they stand in only for builds that have no open
 * order and take no new ones, and leave as soon as routing says otherwise.
 */
export class QueryWorkers {
  private readonly options: QueryWorkersOptions;
  private readonly workers = new Map<string, { worker: Worker; running: Promise<void> }>();
  private connection: NativeConnection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private bundle: Promise<{ code: string }> | undefined;

  constructor(options: QueryWorkersOptions) {
    this.options = options;
  }

  /** Makes sure that somebody answers for each of these runs that is closed. */
  async standIn(runs: readonly WorkflowExecutionInfo[]): Promise<void> {
    const inUse = new Set(runs.filter(({ status }) => status.name === 'RUNNING').map(buildOf));
    (await this.takingOrders()).forEach((buildId) => inUse.add(buildId));
    const done = new Set(runs.map(buildOf).filter((build) => build !== undefined && !inUse.has(build)));
    for (const buildId of done) {
      if (buildId !== undefined && !this.workers.has(buildId)) await this.start(buildId);
    }
    if (this.workers.size > 0) this.watch();
  }

  /** Builds that take new orders: those have workers of their own. */
  private async takingOrders(): Promise<string[]> {
    const { client, namespace, config } = this.options;
    const deploymentName = config.STEADFILL_DEPLOYMENT_NAME;
    const { versions } = await describeRouting({ client, namespace, deploymentName });
    return versions.filter(({ status }) => TAKE_ORDERS.includes(status)).map(({ buildId }) => buildId);
  }

  private watch(): void {
    this.timer ??= setInterval(() => {
      void this.takingOrders().then(
        (buildIds) => buildIds.forEach((buildId) => this.leave(buildId)),
        // Without Temporal no task reaches a worker of ours either.
        () => undefined,
      );
    }, ROUTING_POLL_MS);
  }

  private async start(buildId: string): Promise<void> {
    const { address, namespace, config } = this.options;
    this.connection ??= await NativeConnection.connect({ address });
    this.bundle ??= bundleWorkflows();
    const worker = await Worker.create({
      connection: this.connection,
      namespace,
      taskQueue: config.STEADFILL_ORDERS_TASK_QUEUE,
      workflowBundle: await this.bundle,
      plugins: replayPlugins(),
      workerDeploymentOptions: {
        version: { deploymentName: config.STEADFILL_DEPLOYMENT_NAME, buildId },
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'PINNED',
      },
    });
    this.workers.set(buildId, { worker, running: worker.run() });
  }

  private leave(buildId: string): void {
    const worker = this.workers.get(buildId)?.worker;
    if (worker?.getState() === 'RUNNING') worker.shutdown();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const buildId of this.workers.keys()) this.leave(buildId);
    await Promise.all([...this.workers.values()].map(({ running }) => running));
    await this.connection?.close();
  }
}

/** The build that a run is pinned to; undefined for runs of workers without versions. */
function buildOf(run: WorkflowExecutionInfo): string | undefined {
  const [version] = (run.searchAttributes[VERSION_ATTRIBUTE] ?? []) as unknown[];
  return typeof version === 'string' ? version.split(':').at(-1) : undefined;
}
