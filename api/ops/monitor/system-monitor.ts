import type { Client } from '@temporalio/client';
import type { Money } from '../../../domain/money/decimal';
import type { Mongo } from '../../../storage/mongo';
import { countOpenOrders, sumReservedCash, type OpenState } from '../../../storage/queries/operations';
import type { WatchedQueue } from '../readiness';
import { ask, type Asked } from './asked';
import { Reconciler, type Reconciliation } from './reconciler';
import { TemporalProbe, type QueueState, type RoutedBuild, type StuckState } from './temporal-probe';

/** One look serves all askers for this long. */
const FRESH_MS = 1_000;
const ASK_MS_MAX = 2_000;
const QUERY_MS_MAX = 1_500;

/** The system as its servers describe it. Each part stands alone: one that cannot be asked hides no other. */
export interface SystemState {
  /** Epoch milliseconds. */
  atMs: number;
  queues: Asked<QueueState[]>;
  stuck: Asked<Record<StuckState, number>>;
  builds: Asked<RoutedBuild[]>;
  openOrders: Asked<Record<OpenState, number>>;
  reservedCash: Asked<Record<string, Money>>;
  reconciliation: Asked<Reconciliation | undefined>;
}

export interface MonitorDependencies {
  temporal: Client;
  mongo: Mongo;
  queues: readonly WatchedQueue[];
  deploymentName: string;
  nowMs: () => number;
}

/** Asks Temporal and MongoDB how the system is, at most once a second however many want to know. */
export class SystemMonitor {
  private readonly dependencies: MonitorDependencies;
  private readonly probe: TemporalProbe;
  private readonly reconciler: Reconciler;
  private last: { atMs: number; state: Promise<SystemState> } | undefined;

  constructor(dependencies: MonitorDependencies) {
    const { temporal, mongo, queues, deploymentName, nowMs } = dependencies;
    this.dependencies = dependencies;
    this.probe = new TemporalProbe(temporal, queues, deploymentName);
    this.reconciler = new Reconciler(mongo, nowMs);
  }

  /** Never throws: what cannot be asked says why. */
  async read(): Promise<SystemState> {
    const nowMs = this.dependencies.nowMs();
    if (this.last === undefined || nowMs - this.last.atMs > FRESH_MS) {
      this.last = { atMs: nowMs, state: this.look(nowMs) };
    }
    return await this.last.state;
  }

  private async look(atMs: number): Promise<SystemState> {
    const { mongo } = this.dependencies;
    const { db } = mongo;
    const fromMongo = <T>(question: () => Promise<T>): Promise<Asked<T>> =>
      mongo.ready()
        ? ask(question, ASK_MS_MAX)
        : Promise.resolve({ ok: false, cause: 'MongoDB is not reachable' });
    const [queues, stuck, builds, openOrders, reservedCash, reconciliation] = await Promise.all([
      ask(() => this.probe.queueStates(atMs), ASK_MS_MAX),
      ask(() => this.probe.stuckOrders(atMs), ASK_MS_MAX),
      ask(() => this.probe.builds(), ASK_MS_MAX),
      fromMongo(() => countOpenOrders(db, QUERY_MS_MAX)),
      fromMongo(() => sumReservedCash(db, QUERY_MS_MAX)),
      fromMongo(() => this.reconciler.latest()),
    ]);
    return { atMs, queues, stuck, builds, openOrders, reservedCash, reconciliation };
  }
}
