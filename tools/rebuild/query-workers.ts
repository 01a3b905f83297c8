import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { replayPlugins } from '../../observability/temporal-tracing';
import { bundleWorkflows } from '../../workers/workflow-bundle';
import { buildsWithWorkers } from '../deploy/routing/workers';
import type { Config } from '../../config/config';

export interface QueryWorkersOptions {
  client: Client;
  address: string;
  namespace: string;
  config: Config;
}

const VERSION_ATTRIBUTE = 'TemporalWorkerDeploymentVersion';

/**
 * Workers that answer for builds that are stopped. A closed order is queried on the build that it was pinned to; when
 * that build has no worker, nobody would answer. The code in front of us continues every history that is kept, so it
 * can tell what they say. They have no activities and stand in for builds without open orders only, so they can do
 * nothing but answer.
 */
export class QueryWorkers {
  private readonly options: QueryWorkersOptions;
  private readonly workers = new Map<string, { worker: Worker; running: Promise<void> }>();
  private connection: NativeConnection | undefined;
  private bundle: Promise<{ code: string }> | undefined;

  constructor(options: QueryWorkersOptions) {
    this.options = options;
  }

  /** Makes sure that somebody answers for each of these runs that is closed. */
  async standIn(runs: readonly WorkflowExecutionInfo[]): Promise<void> {
    const { config, client, namespace } = this.options;
    const open = new Set(runs.filter(({ status }) => status.name === 'RUNNING').map(buildOf));
    const answered = await buildsWithWorkers({ config, client, namespace });
    const silent = new Set(
      runs.map(buildOf).filter((build) => build !== undefined && !open.has(build) && !answered.has(build)),
    );
    for (const buildId of silent) {
      if (buildId !== undefined && !this.workers.has(buildId)) await this.start(buildId);
    }
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

  async stop(): Promise<void> {
    for (const { worker } of this.workers.values()) worker.shutdown();
    await Promise.all([...this.workers.values()].map(({ running }) => running));
    await this.connection?.close();
  }
}

/** The build that a run is pinned to; undefined for runs of workers without versions. */
function buildOf(run: WorkflowExecutionInfo): string | undefined {
  const [version] = (run.searchAttributes[VERSION_ATTRIBUTE] ?? []) as unknown[];
  return typeof version === 'string' ? version.split(':').at(-1) : undefined;
}
