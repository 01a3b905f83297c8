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

export interface WorkerEvents {
  message(worker: WorkerProcess, message: ToPrimary): void;
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
    this.child.on('message', (message) => events.message(this, message as ToPrimary));
    const onEnd = (how: string): void => {
      if (this.ended) return;
      this.ended = true;
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

  /** Hands over an accepted connection of which nothing was read. Messages and connections arrive in order. */
  give(socket: Socket): void {
    const message: ToWorker = { kind: 'connection' };
    this.child.send(message, socket, { keepOpen: false }, (fault) => {
      if (fault !== null) socket.destroy();
    });
  }

  get canTake(): boolean {
    return this.state === 'serving' && this.child.connected && !this.ended;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
