import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const START_MS_MAX = 120_000;

/** What the process of a worker needs to know. */
export interface WorkerOrders {
  address: string;
  taskQueue: string;
  bundlePath: string;
}

/** A worker in a process of its own, so that it can be killed as processes are. */
export class WorkerProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private readonly loaded: Promise<void>;

  /** Starts the process, which loads what it needs and waits. */
  constructor(orders: WorkerOrders) {
    const script = join(__dirname, 'worker.ts');
    // Whatever it has to say is a log: standard output belongs to the lines of the play.
    this.child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(orders)], {
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.ended = once(this.child, 'exit');
    this.loaded = this.hear('loaded');
    // Whoever begins to poll hears of the fault.
    this.loaded.catch(() => undefined);
  }

  /** Lets the worker take tasks. */
  async poll(): Promise<void> {
    await this.loaded;
    const polling = this.hear('polling');
    this.child.send('poll');
    await polling;
  }

  /** Ends the process at once, as a crash does; nothing is drained. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private async hear(word: string): Promise<void> {
    const deadline = AbortSignal.timeout(START_MS_MAX);
    const heard = once(this.child, 'message', { signal: deadline }) as Promise<[unknown]>;
    const early = this.ended.then(() => {
      throw new Error(`the worker process ended before it said "${word}"`);
    });
    const [message] = await Promise.race([heard, early]);
    if (message !== word)
      throw new Error(`the worker process said "${String(message)}" instead of "${word}"`);
  }
}
