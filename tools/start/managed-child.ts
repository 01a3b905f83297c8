import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { LIMITS } from './limits';

export interface ChildSpec {
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  logFile: string;
  /** Time to end after SIGTERM; then it is killed. */
  stopMs: number;
  /** Node children get a channel whose closing tells them that the supervisor is gone. */
  isNode: boolean;
  /** Where it serves its metrics, when it does. */
  metricsUrl?: string;
  /** The build that it runs, for workers of a versioned deployment. */
  buildId?: string;
}

export interface ChildEvents {
  /** A process was started, for the first time or again. */
  started: (child: ManagedChild) => void;
  /** It ended without being asked to; it will be started again after `pauseMs`. */
  ended: (child: ManagedChild, how: string, pauseMs: number) => void;
}

/** One process that is kept alive until it is stopped. */
export class ManagedChild {
  readonly spec: ChildSpec;
  /** How often it ended unasked. */
  ends = 0;
  pid: number | undefined;
  private readonly events: ChildEvents;
  private process: ChildProcess | undefined;
  private restartTimer: NodeJS.Timeout | undefined;
  private stopping = false;
  private quickEnds = 0;

  constructor(spec: ChildSpec, events: ChildEvents) {
    this.spec = spec;
    this.events = events;
  }

  get isAlive(): boolean {
    return this.process !== undefined;
  }

  start(): void {
    const { command, args, env, cwd, logFile, isNode } = this.spec;
    const log = openSync(logFile, 'a');
    // A session of its own: Ctrl-C in the terminal must reach the supervisor alone, which stops children in order.
    const stdio = isNode ? (['ignore', log, log, 'ipc'] as const) : (['ignore', log, log] as const);
    const child = spawn(command, [...args], { env, cwd, detached: true, stdio: [...stdio] });
    closeSync(log);
    const startedAtMs = Date.now();
    this.process = child;
    this.pid = child.pid;
    let over = false;
    const onEnd = (how: string): void => {
      if (over) return;
      over = true;
      this.process = undefined;
      if (!this.stopping) this.restartLater(how, Date.now() - startedAtMs);
    };
    child.once('error', (fault) => onEnd(fault.message));
    child.once('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`));
    if (child.pid !== undefined) this.events.started(this);
  }

  private restartLater(how: string, livedMs: number): void {
    this.ends += 1;
    this.quickEnds = livedMs >= LIMITS.steadyMs ? 0 : this.quickEnds;
    const pauses = LIMITS.restartPausesMs;
    const pauseMs = pauses[Math.min(this.quickEnds, pauses.length - 1)] ?? 0;
    this.quickEnds += 1;
    this.events.ended(this, how, pauseMs);
    this.restartTimer = setTimeout(() => this.start(), pauseMs);
  }

  /** Asks the process to end, and kills it (with all it started) when its time is over. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restartTimer);
    const child = this.process;
    if (child === undefined) return;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), this.spec.stopMs);
    await ended;
    clearTimeout(timer);
  }

  /** Ends the process at once. */
  kill(): void {
    this.stopping = true;
    clearTimeout(this.restartTimer);
    if (this.process?.pid === undefined) return;
    try {
      process.kill(-this.process.pid, 'SIGKILL');
    } catch (fault) {
      // ESRCH: it ended by itself in the meantime.
      if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
    }
  }
}
