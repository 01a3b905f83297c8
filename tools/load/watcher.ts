import { readFile } from 'node:fs/promises';
import type { Collection } from 'mongodb';

const PERIOD_MS = 500;
/** The kernel counts processor time in hundredths of a second on every platform that Node runs on. */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;
const OPEN_STATES = ['new', 'validated', 'routed', 'partiallyFilled', 'filled', 'unknown'];

/** Processor time (milliseconds) and resident memory (bytes) of one process at a moment. */
export interface Usage {
  cpuMs: number;
  memoryBytes: number;
}

export interface Sample {
  atMs: number;
  /** Orders in the view that have not ended. */
  openOrders: number;
  usage: Record<string, Usage>;
}

/** Processor time and memory of a process; undefined when it is gone or the platform has no /proc. */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces; what counts comes after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number);
    return { cpuMs: ((user ?? 0) + (system ?? 0)) * TICK_MS, memoryBytes: (pages ?? 0) * PAGE_BYTES };
  } catch {
    // It ended, or this is no Linux: then the report has no figures of processes.
    return undefined;
  }
}

/** Looks at backlog and processes while load runs. */
export class Watcher {
  readonly samples: Sample[] = [];
  private readonly orders: Collection;
  private readonly pids: Map<string, number>;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(orders: Collection, pids: ReadonlyMap<string, number>) {
    this.orders = orders;
    this.pids = new Map(pids);
  }

  /** Follows one more process, such as a generator. */
  follow(name: string, pid: number): void {
    this.pids.set(name, pid);
  }

  start(): void {
    this.timer = setInterval(() => {
      this.looking = this.looking.then(() => this.look());
    }, PERIOD_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** Orders that have not ended, now. */
  async openOrders(): Promise<number> {
    return await this.orders.countDocuments({ state: { $in: OPEN_STATES } });
  }

  private async look(): Promise<void> {
    const atMs = Date.now();
    const [openOrders, usage] = await Promise.all([this.openOrders().catch(() => Number.NaN), this.usage()]);
    // A database that is cut off has no figure for this moment; the next look has one again.
    if (!Number.isNaN(openOrders)) this.samples.push({ atMs, openOrders, usage });
  }

  private async usage(): Promise<Record<string, Usage>> {
    const all = await Promise.all(
      [...this.pids].map(async ([name, pid]): Promise<[string, Usage | undefined]> => [
        name,
        await usageOf(pid),
      ]),
    );
    return Object.fromEntries(all.filter((entry): entry is [string, Usage] => entry[1] !== undefined));
  }
}
