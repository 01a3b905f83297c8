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

/** What a child that can stand by says of itself over its channel. */
export type StandbyWord = 'standingBy' | 'owning';

/** One process that is kept alive until it is stopped. */
export class ManagedChild {
  spec: ChildSpec;
  /** How often it ended unasked. */
  ends = 0;
  pid: number | undefined;
  private readonly events: ChildEvents;
  private process: ChildProcess | undefined;
  /** A second process of this child, while one takes over from the other. */
  private other: ChildProcess | undefined;
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
    this.adopt(this.spawnProcess(this.spec));
  }

  /**
   * Starts a second process of this child from `spec`, waits until it stands by, and then lets the first one end, so
   * that the second takes over. Throws when the second does not stand by in time; the first goes on then.
   */
  async replace(spec: ChildSpec): Promise<void> {
    if (this.other !== undefined || this.stopping)
      throw new Error(`${spec.name} is being replaced or stopped`);
    const successor = this.spawnProcess(spec);
    this.other = successor;
    // Listened for from the start: when the first ends by itself meanwhile, both words come at once.
    const owning = hears(successor, ['owning'], spec.stopMs + 2 * LIMITS.standbyMs);
    owning.catch(() => undefined);
    try {
      await hears(successor, ['standingBy', 'owning'], LIMITS.standbyMs);
    } catch (fault) {
      this.other = undefined;
      successor.kill('SIGKILL');
      throw fault;
    }
    const old = this.process;
    clearTimeout(this.restartTimer);
    this.spec = spec;
    this.adopt(successor);
    this.other = old;
    await Promise.all([this.end(old), owning]).finally(() => (this.other = undefined));
  }

  private spawnProcess({ command, args, env, cwd, logFile, isNode }: ChildSpec): ChildProcess {
    const log = openSync(logFile, 'a');
    // A session of its own: Ctrl-C in the terminal must reach the supervisor alone, which stops children in order.
    const stdio = isNode ? (['ignore', log, log, 'ipc'] as const) : (['ignore', log, log] as const);
    const child = spawn(command, [...args], { env, cwd, detached: true, stdio: [...stdio] });
    closeSync(log);
    return child;
  }

  /** Makes `child` the process of this child: when it ends unasked, another one is started. */
  private adopt(child: ChildProcess): void {
    const startedAtMs = Date.now();
    this.process = child;
    this.pid = child.pid;
    let over = false;
    const onEnd = (how: string): void => {
      if (over || this.process !== child) return;
      over = true;
      this.process = undefined;
      if (!this.stopping) this.restartLater(how, Date.now() - startedAtMs);
    };
    child.once('error', (fault) => onEnd(fault.message));
    child.once('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`));
    if (isOver(child)) onEnd(child.signalCode ?? `exit code ${child.exitCode}`);
    else if (child.pid !== undefined) this.events.started(this);
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
    await Promise.all([this.end(this.process), this.end(this.other)]);
  }

  private async end(child: ChildProcess | undefined): Promise<void> {
    if (child === undefined || isOver(child)) return;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => killGroup(child), this.spec.stopMs);
    await ended;
    clearTimeout(timer);
  }

  /** Ends the process at once. */
  kill(): void {
    this.stopping = true;
    clearTimeout(this.restartTimer);
    for (const child of [this.process, this.other]) if (child !== undefined) killGroup(child);
  }
}

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (fault) {
    // ESRCH: it ended by itself in the meantime.
    if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
  }
}

/** Settles when `child` has said one of `words`. Throws when it ends or `limitMs` pass before. */
function hears(child: ChildProcess, words: readonly StandbyWord[], limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (fault?: Error): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      child.off('error', settle);
      if (fault === undefined) resolve();
      else reject(fault);
    };
    const onMessage = (message: unknown): void => {
      if (words.includes((message as { kind?: StandbyWord }).kind ?? ('' as StandbyWord))) settle();
    };
    const onExit = (): void =>
      settle(new Error(`process ${child.pid} ended before it was ${words.join(' or ')}`));
    const timer = setTimeout(
      () => settle(new Error(`process ${child.pid} was not ${words.join(' or ')} within ${limitMs} ms`)),
      limitMs,
    );
    child.on('message', onMessage);
    child.once('exit', onExit);
    child.once('error', settle);
  });
}
