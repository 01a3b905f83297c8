import type { Client } from '@temporalio/client';
import type { Mongo } from '../../storage/mongo';

const PROBE_MS_MAX = 1_500;
/** One probe serves all askers for this long. */
const FRESH_MS = 500;
/** An idle worker renews its poll once a minute; one not seen for longer is gone. */
const POLLER_AGE_MS_MAX = 90_000;

/** Task queue kinds by number, as the Temporal API counts them. */
const QUEUE_KIND = { workflow: 1, activity: 2 } as const;

export interface WatchedQueue {
  name: string;
  kind: keyof typeof QUEUE_KIND;
}

export interface Readiness {
  ready: boolean;
  checks: Record<string, { ok: boolean; detail?: string }>;
}

export interface ReadinessDependencies {
  temporal: Client;
  mongo: Mongo;
  /** Orders move only while somebody polls each of these. */
  queues: readonly WatchedQueue[];
  nowMs: () => number;
}

/** Whether this system can take and route orders: Temporal and MongoDB answer and workers poll. */
export class ReadinessProbe {
  private readonly dependencies: ReadinessDependencies;
  private last: { atMs: number; result: Promise<Readiness> } | undefined;

  constructor(dependencies: ReadinessDependencies) {
    this.dependencies = dependencies;
  }

  async check(): Promise<Readiness> {
    const nowMs = this.dependencies.nowMs();
    if (this.last === undefined || nowMs - this.last.atMs > FRESH_MS) {
      this.last = { atMs: nowMs, result: this.probe() };
    }
    return await this.last.result;
  }

  private async probe(): Promise<Readiness> {
    const { queues } = this.dependencies;
    const probes: [string, Promise<void>][] = [
      ['temporal', this.probeTemporal()],
      ['mongodb', this.probeMongo()],
      ...queues.map((queue): [string, Promise<void>] => [`workers:${queue.name}`, this.probeQueue(queue)]),
    ];
    const checks: Readiness['checks'] = {};
    await Promise.all(
      probes.map(async ([name, running]) => {
        checks[name] = await running.then(
          () => ({ ok: true }),
          (fault: unknown) => ({ ok: false, detail: fault instanceof Error ? fault.message : String(fault) }),
        );
      }),
    );
    return { ready: Object.values(checks).every((check) => check.ok), checks };
  }

  private async probeTemporal(): Promise<void> {
    const { temporal } = this.dependencies;
    await this.bounded(() => temporal.workflowService.getSystemInfo({}));
  }

  private async probeMongo(): Promise<void> {
    const { mongo } = this.dependencies;
    if (!mongo.ready()) throw new Error('MongoDB is not reachable');
    await mongo.db.command({ ping: 1 });
  }

  private async probeQueue({ name, kind }: WatchedQueue): Promise<void> {
    const { temporal, nowMs } = this.dependencies;
    const { pollers, versioningInfo } = await this.bounded(() =>
      temporal.workflowService.describeTaskQueue({
        namespace: temporal.options.namespace,
        taskQueue: { name },
        taskQueueType: QUEUE_KIND[kind],
      }),
    );
    // Where builds are released side by side, new orders move only while the current build has a worker.
    const current = versioningInfo?.currentDeploymentVersion?.buildId ?? '';
    const able = (pollers ?? []).filter(
      ({ deploymentOptions }) => current === '' || deploymentOptions?.buildId === current,
    );
    const seenMs = able.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000);
    if (!seenMs.some((atMs) => nowMs() - atMs < POLLER_AGE_MS_MAX))
      throw new Error(`no worker${current === '' ? '' : ` of build ${current}`} polls this task queue`);
  }

  private async bounded<T>(call: () => Promise<T>): Promise<T> {
    return await this.dependencies.temporal.withDeadline(Date.now() + PROBE_MS_MAX, call);
  }
}
