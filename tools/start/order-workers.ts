import { stat } from 'node:fs/promises';
import { ensureRunnable, readBuild } from '../deploy/builds/build-store';
import { readRunningBuilds, runningBuildsFile, type RunningBuilds } from '../deploy/state/running-builds';
import { orderWorkerSpec, type SystemPlan } from './children';
import { LIMITS } from './limits';
import type { ChildSpec, ManagedChild } from './managed-child';
import { choosePorts } from './ports';

/** The name of the worker of the build that takes new orders, whichever build that is. */
const CURRENT_NAME = 'worker-orders';
const nameOfBuild = (buildId: string): string => `${CURRENT_NAME}-${buildId}`;

export interface OrderWorkerEvents {
  launch: (spec: ChildSpec) => ManagedChild;
  /** Drains the worker, ends it and forgets it. */
  retire: (child: ManagedChild) => Promise<void>;
  /** Workers came, went, or changed their name. */
  changed: () => Promise<void>;
}

/** Keeps one order worker for each build that the file of running builds names, and follows that file. */
export class OrderWorkers {
  private readonly plan: SystemPlan;
  private readonly say: (line: string) => void;
  private readonly events: OrderWorkerEvents;
  private readonly workers = new Map<string, ManagedChild>();
  private wanted: RunningBuilds | undefined;
  private timer: NodeJS.Timeout | undefined;
  private following: Promise<void> = Promise.resolve();
  private seenMs = 0;
  private stopped = false;
  private firstPortIsTaken = false;

  constructor(plan: SystemPlan, say: (line: string) => void, events: OrderWorkerEvents) {
    this.plan = plan;
    this.say = say;
    this.events = events;
  }

  /** Starts the workers that are wanted now, and follows the file from then on. */
  async start(): Promise<void> {
    await this.follow();
    this.watch();
  }

  /** False when the build that takes new orders could not be started. */
  get runsCurrent(): boolean {
    return this.wanted?.current !== undefined && this.workers.has(this.wanted.current);
  }

  /** The name under which run.json and messages speak of a process. */
  publicName(name: string): string {
    const current = this.wanted?.current;
    return current !== undefined && name === nameOfBuild(current) ? CURRENT_NAME : name;
  }

  /** Takes no more changes; a change on its way is finished. */
  async stopWatching(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.following;
  }

  private watch(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.following = this.follow()
        .catch((fault: unknown) => this.say(`The builds cannot be followed: ${(fault as Error).message}`))
        .then(() => this.watch());
    }, LIMITS.pollMs);
  }

  private async follow(): Promise<void> {
    const changedMs = (await stat(runningBuildsFile(this.plan.home.folder))).mtimeMs;
    if (changedMs === this.seenMs) return;
    const wanted = await readRunningBuilds(this.plan.home.folder);
    this.seenMs = changedMs;
    this.wanted = wanted;
    const wantedIds = new Set(wanted.builds.map(({ buildId }) => buildId));
    const launching = [...wantedIds].filter((buildId) => !this.workers.has(buildId));
    await Promise.all(launching.map((buildId) => this.launch(buildId)));
    await this.events.changed();
    const leaving = [...this.workers].filter(([buildId]) => !wantedIds.has(buildId));
    if (leaving.length === 0) return;
    await Promise.all(leaving.map(([buildId, worker]) => this.retire(buildId, worker)));
    await this.events.changed();
  }

  /** One build that cannot run must not keep the others from running. */
  private async launch(buildId: string): Promise<void> {
    const build = await readBuild(this.plan.home.folder, buildId);
    if (build === undefined) {
      this.say(`Build ${buildId} is wanted and not in this home; its orders wait.`);
      return;
    }
    try {
      await ensureRunnable(build, this.say);
    } catch (fault) {
      this.say(`${(fault as Error).message} It is not started; its orders wait.`);
      return;
    }
    const spec = orderWorkerSpec(this.plan, build, await this.metricsPort());
    this.workers.set(buildId, this.events.launch(spec));
  }

  /** The port of the last start for the first worker, so that those who scrape find it again; free ones for others. */
  private async metricsPort(): Promise<number> {
    const wanted = this.firstPortIsTaken ? 0 : this.plan.ports.workerOrdersMetrics;
    this.firstPortIsTaken = true;
    return (await choosePorts({ metrics: wanted })).metrics.port;
  }

  private async retire(buildId: string, worker: ManagedChild): Promise<void> {
    this.workers.delete(buildId);
    this.say(`stopping ${this.publicName(worker.spec.name)}`);
    await this.events.retire(worker);
  }
}
