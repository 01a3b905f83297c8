import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { ToPrimary, ToWorker } from './messages';
import type { CodeRef } from './roll-files';

/**
 * `candidate`: started for a roll, takes nothing before all of its kind are ready. `starting` and `serving`: takes
 * connections from when it is built. `leaving`: takes none any more.
 */
export type WorkerState = 'candidate' | 'starting' | 'serving' | 'leaving';

/** What concerns more than the worker itself. */
export type WorkerNews = Exclude<ToPrimary, { kind: 'took' }>;

export interface WorkerEvents {
  message(worker: WorkerProcess, message: WorkerNews): void;
  ended(worker: WorkerProcess, how: string): void;
}

/** One API worker as the primary sees it. */
export class WorkerProcess {
  readonly id: number;
  readonly code: CodeRef;
  readonly startedAtMs = performance.now();
  state: WorkerState;
  built = false;
  /** After `handOver`: it has nothing in flight. */
  answered = false;
  ended = false;
  private readonly child: ChildProcess;
  /** Connections on their way to the worker, which this process holds open as well until the worker has them. */
  private readonly given = new Map<number, Socket>();
  private nextConnection = 1;
  private channelBroken = false;
  private toldAlone: boolean | undefined;

  constructor(id: number, code: CodeRef, state: WorkerState, events: WorkerEvents) {
    this.id = id;
    this.code = code;
    this.state = state;
    // The loader and the guards of this process are the worker's too; it is found in the tree of its own build.
    this.child = spawn(process.execPath, [...process.execArgv, join(code.dir, 'api/worker.ts')], {
      env: {
        ...process.env,
        ...(code.buildId === undefined ? {} : { STEADFILL_BUILD_ID: code.buildId }),
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child.on('message', (message: ToPrimary) => {
      if (message.kind === 'took') this.letGo(message.number);
      else events.message(this, message);
    });
    const onEnd = (how: string): void => {
      if (this.ended) return;
      this.ended = true;
      // Whether it read from one of these before it died is not known, so they must not go to another worker.
      for (const number of [...this.given.keys()]) this.letGo(number);
      events.ended(this, how);
    };
    this.child.once('error', (fault) => onEnd(fault.message));
    this.child.once('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  send(message: ToWorker): void {
    if (!this.child.connected) return;
    // A worker that dies now is told so by its `exit`, which is handled.
    this.child.send(message, () => undefined);
  }

  /** Tells a worker that can hear it whether it is alone, when that is news. */
  tellAlone(alone: boolean): void {
    if (!this.built || this.toldAlone === alone) return;
    this.toldAlone = alone;
    this.send({ kind: 'alone', alone });
  }

  /**
   * Hands over an accepted connection of which nothing was read; `undelivered` gets it back when it has not left this
   * process. Messages and connections arrive in order.
   */
  give(socket: Socket, undelivered: (socket: Socket) => void): void {
    const number = this.nextConnection;
    this.nextConnection += 1;
    this.given.set(number, socket);
    const message: ToWorker = { kind: 'connection', number };
    this.child.send(message, socket, { keepOpen: true }, (fault) => {
      if (fault === null) return;
      this.channelBroken = true;
      if (this.given.delete(number)) undelivered(socket);
    });
  }

  /** Closes our end of a connection; one that the worker holds stays open there. */
  private letGo(number: number): void {
    this.given.get(number)?.destroy();
    this.given.delete(number);
  }

  get canTake(): boolean {
    return this.state === 'serving' && this.child.connected && !this.channelBroken && !this.ended;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
