import type { Socket } from 'node:net';
import type { Logger } from '../../observability/logger';
import { ConnectionQueue } from './connection-queue';
import { MetricsPool } from './metrics-pool';
import type { CodeRef, RollProcess } from './roll-files';
import { WorkerProcess, type WorkerEvents, type WorkerNews, type WorkerState } from './worker-process';

/** Pauses before a worker is replaced; the first is none because a single death should hardly be noticed. */
const RESTART_PAUSES_MS = [0, 500, 1_000, 2_000, 5_000];
/** A worker that lived this long is replaced at once again. */
const STEADY_MS = 30_000;
/** An idle connection is kept for 65 s, which clients are told; those that are left then do not follow the protocol. */
const LINGER_MS_MAX = 75_000;
const POLL_MS = 25;
const PROBE_EVERY_MS = 250;

/** Thrown when a roll stops before anything was switched; what served before goes on serving. */
export class RollFailedError extends Error {}

export interface WorkerPoolOptions {
  workersCount: number;
  code: CodeRef;
  logger: Logger;
  /** Something changed about which workers there are. */
  onChange(): void;
}

/** The workers of one API: keeps them at their number, hands connections to those that serve, and replaces them all. */
export class WorkerPool {
  private readonly options: WorkerPoolOptions;
  private readonly workers = new Map<number, WorkerProcess>();
  private readonly queue = new ConnectionQueue();
  private readonly metrics = new MetricsPool();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly probed = new Map<number, { ready: boolean; detail: string }>();
  private nextId = 1;
  private turn = 0;
  private quickEnds = 0;
  private stopping = false;
  code: CodeRef;

  constructor(options: WorkerPoolOptions) {
    this.options = options;
    this.code = options.code;
  }

  /** Starts the first workers. Throws when one ends before it is built: no other would fare better. */
  async start(limitMs: number): Promise<void> {
    const first = this.launchAll('candidate', this.code);
    await this.until(first, limitMs, ({ built }) => built, 'was not built in time');
    for (const worker of first) worker.state = 'serving';
    this.changed();
  }

  processes(): RollProcess[] {
    return [...this.workers.values()].map(({ pid, state, code: { buildId } }) => ({
      pid,
      state,
      ...(buildId === undefined ? {} : { buildId }),
    }));
  }

  /** Gives the connection to the next worker in turn, or keeps it until there is one. */
  connect(socket: Socket): void {
    const serving = [...this.workers.values()].filter(({ canTake }) => canTake);
    this.turn += 1;
    const worker = serving[this.turn % serving.length];
    if (worker === undefined) this.queue.add(socket);
    else worker.give(socket, (returned) => this.connect(returned));
  }

  /**
   * Starts as many workers from `code`, waits until all are ready, gives them every new connection, and lets the
   * others finish; resolves when those have nothing in flight. Throws RollFailedError, with nothing changed.
   */
  async replaceAll(code: CodeRef, limits: { readyMs: number; answerMs: number }, switched: () => void) {
    const fresh = this.launchAll('candidate', code);
    try {
      await this.untilReady(fresh, limits.readyMs);
    } catch (fault) {
      for (const worker of fresh) worker.kill();
      throw new RollFailedError(fault instanceof Error ? fault.message : String(fault));
    }
    const old = [...this.workers.values()].filter((worker) => !fresh.includes(worker));
    this.code = code;
    for (const worker of fresh) worker.state = 'serving';
    for (const worker of old) if (worker.state !== 'leaving') this.handOver(worker);
    this.fill();
    this.changed();
    switched();
    await this.untilAnswered(old, limits.answerMs);
    for (const worker of old) if (!worker.ended && !worker.answered) worker.send({ kind: 'stop' });
    this.changed();
  }

  /** Drains every worker; resolves when all have ended, and ends those by force that have not after `limitMs`. */
  async stop(limitMs: number): Promise<void> {
    this.stopping = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.queue.close();
    for (const worker of this.workers.values()) worker.send({ kind: 'stop' });
    const deadlineMs = performance.now() + limitMs;
    while (this.workers.size > 0 && performance.now() < deadlineMs) await pause(POLL_MS);
    for (const worker of this.workers.values()) worker.kill();
    while (this.workers.size > 0) await pause(POLL_MS);
  }

  private launchAll(state: WorkerState, code: CodeRef): WorkerProcess[] {
    return Array.from({ length: this.options.workersCount }, () => this.launch(state, code));
  }

  private launch(state: WorkerState, code: CodeRef): WorkerProcess {
    const events: WorkerEvents = {
      message: (worker, message) => this.onMessage(worker, message),
      ended: (worker, how) => this.onEnded(worker, how),
    };
    const worker = new WorkerProcess(this.nextId, code, state, events);
    this.nextId += 1;
    this.workers.set(worker.id, worker);
    this.changed();
    return worker;
  }

  private handOver(worker: WorkerProcess): void {
    const wasBuilt = worker.built;
    worker.state = 'leaving';
    if (!wasBuilt) return worker.kill();
    worker.send({ kind: 'handOver' });
    const timer = setTimeout(() => worker.kill(), LINGER_MS_MAX);
    timer.unref();
  }

  private onEnded(worker: WorkerProcess, how: string): void {
    const { logger } = this.options;
    this.workers.delete(worker.id);
    this.probed.delete(worker.id);
    void this.metrics.end(worker.id);
    this.changed();
    if (this.stopping || worker.state === 'leaving' || worker.state === 'candidate') {
      logger.info('an API worker has left', { pid: worker.pid, how });
      return;
    }
    this.quickEnds = performance.now() - worker.startedAtMs >= STEADY_MS ? 0 : this.quickEnds;
    const pauseMs = RESTART_PAUSES_MS[Math.min(this.quickEnds, RESTART_PAUSES_MS.length - 1)] ?? 0;
    this.quickEnds += 1;
    logger.warn('an API worker ended; starting another one', { pid: worker.pid, how, pauseMs });
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.fill();
    }, pauseMs);
    this.timers.add(timer);
  }

  /** Starts what is missing: a roll may have brought the number back, or a new worker may have died under it. */
  private fill(): void {
    const isMember = ({ state, ended }: WorkerProcess): boolean =>
      !ended && (state === 'starting' || state === 'serving');
    const missing = this.options.workersCount - [...this.workers.values()].filter(isMember).length;
    for (let count = 0; count < missing; count += 1) this.launch('starting', this.code);
  }

  private onMessage(worker: WorkerProcess, message: WorkerNews): void {
    switch (message.kind) {
      case 'built':
        worker.built = true;
        if (worker.state === 'starting') worker.state = 'serving';
        return this.changed();
      case 'probed':
        this.probed.set(worker.id, message);
        return;
      case 'answered':
        worker.answered = true;
        return;
      case 'wantMetrics':
        void this.metrics
          .collect([...this.workers.values()])
          .then((parts) => worker.send({ kind: 'metrics', id: message.id, parts }));
        return;
      case 'ownMetrics':
        return this.metrics.note(worker.id, message.part, message.id);
      case 'hits':
        for (const other of this.workers.values()) {
          if (other !== worker) other.send({ kind: 'hits', from: worker.id, hits: message.hits });
        }
    }
  }

  private changed(): void {
    if ([...this.workers.values()].some(({ canTake }) => canTake)) {
      for (const socket of this.queue.takeAll()) this.connect(socket);
    }
    for (const worker of this.workers.values()) worker.tellAlone(this.workers.size === 1);
    this.options.onChange();
  }

  private async untilReady(workers: readonly WorkerProcess[], limitMs: number): Promise<void> {
    const probing = setInterval(() => {
      for (const worker of workers) if (worker.built) worker.send({ kind: 'probe' });
    }, PROBE_EVERY_MS);
    try {
      const isReady = ({ id }: WorkerProcess): boolean => this.probed.get(id)?.ready === true;
      await this.until(
        workers,
        limitMs,
        isReady,
        'was not ready in time',
        ({ id }) => this.probed.get(id)?.detail,
      );
    } finally {
      clearInterval(probing);
    }
  }

  private async untilAnswered(workers: readonly WorkerProcess[], limitMs: number): Promise<void> {
    const deadlineMs = performance.now() + limitMs;
    while (workers.some(({ ended, answered }) => !ended && !answered) && performance.now() < deadlineMs) {
      await pause(POLL_MS);
    }
  }

  /** Waits until `holds` for each of `workers`. Throws when one ends first or when `limitMs` have passed. */
  private async until(
    workers: readonly WorkerProcess[],
    limitMs: number,
    holds: (worker: WorkerProcess) => boolean,
    what: string,
    detail: (worker: WorkerProcess) => string | undefined = () => undefined,
  ): Promise<void> {
    const deadlineMs = performance.now() + limitMs;
    for (;;) {
      const dead = workers.find(({ ended }) => ended);
      if (dead !== undefined)
        throw new Error(`a new API worker (process ${dead.pid}) ended before it was ready`);
      const missing = workers.find((worker) => !holds(worker));
      if (missing === undefined) return;
      if (this.stopping) throw new Error('the API is stopping');
      if (performance.now() > deadlineMs) {
        const more = detail(missing) ?? '';
        throw new Error(`a new API worker (process ${missing.pid}) ${what}${more === '' ? '' : `: ${more}`}`);
      }
      await pause(POLL_MS);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
