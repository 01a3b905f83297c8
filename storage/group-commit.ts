import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

/** For `everyMsMin` of writes that nobody waits for but the views: each commit costs as much as what it commits. */
export const UNHURRIED_MS = 100;

/** Thrown when more waits than the queue may hold. Nothing was done; retry later. */
export class CommitQueueFullError extends Error {
  readonly code = 'OVERLOADED';
  constructor(limit: number) {
    super(`more than ${limit} writes are waiting`);
    this.name = 'CommitQueueFullError';
  }
}

export interface GroupCommitOptions<Item, Result> {
  /** Writes the items together and answers each, in their order. It either does all or throws. */
  commit(items: Item[]): Promise<Result[]>;
  batchMax: number;
  queueMax: number;
  /**
   * At most one commit begins in this time, in milliseconds; what comes meanwhile goes together in the next. What comes
   * alone waits for nobody. None by default.
   */
  everyMsMin?: number;
  /** True for an item whose caller is not to wait for `everyMsMin`: the commit begins, with all that waits. None by default. */
  isUrgent?(item: Item): boolean;
  /**
   * True when an item that finds nothing under way is not to wait for what else comes in the same turn of the event loop:
   * somebody waits for the answer. What comes meanwhile is in the next commit.
   */
  beginsAtOnce?: boolean;
  /** True for faults that say nothing about the items, so that trying them one by one is of no use. */
  isForeign(fault: unknown): boolean;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(fault: unknown): void;
}

/**
 * Writes what arrives while a write is under way together in the next one. Alone, an item waits for nobody; under
 * load, many share one commit. An item that cannot be written fails alone: its batch is tried again one by one.
 */
export class GroupCommit<Item, Result> {
  private readonly waiting: Waiting<Item, Result>[] = [];
  private running = false;
  private begunAtMs = Number.NEGATIVE_INFINITY;
  /** Ends the wait for more to come; there is one while a commit is put off. */
  private hurry: (() => void) | undefined;
  private readonly options: GroupCommitOptions<Item, Result>;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.options = options;
  }

  /** Resolves once the item is committed. Throws what the commit threw, or CommitQueueFullError. */
  submit(item: Item): Promise<Result> {
    const { queueMax } = this.options;
    if (this.waiting.length >= queueMax) return Promise.reject(new CommitQueueFullError(queueMax));
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.isUrgent(item)) this.hurry?.();
      if (!this.running) void this.run();
    });
  }

  isIdle(): boolean {
    return !this.running && this.waiting.length === 0;
  }

  private async run(): Promise<void> {
    this.running = true;
    // What arrives in the same turn of the event loop belongs together; what one caller brings does in any case.
    if (this.options.beginsAtOnce === true) await Promise.resolve();
    else await turnOfTheLoop();
    while (this.waiting.length > 0) {
      await this.pace();
      const batch = this.waiting.splice(0, this.options.batchMax);
      await this.settle(batch);
    }
    this.running = false;
  }

  private async pace(): Promise<void> {
    const waitMs = this.begunAtMs + (this.options.everyMsMin ?? 0) - performance.now();
    if (waitMs > 0 && !this.waiting.some(({ item }) => this.isUrgent(item))) await this.putOff(waitMs);
    // A commit of urgent items alone puts nothing off: who comes alone waits for nobody.
    if (!this.waiting.every(({ item }) => this.isUrgent(item))) this.begunAtMs = performance.now();
  }

  private isUrgent(item: Item): boolean {
    return this.options.isUrgent?.(item) ?? false;
  }

  private async putOff(waitMs: number): Promise<void> {
    await new Promise<void>((go) => {
      const timer = setTimeout(go, waitMs);
      this.hurry = () => {
        clearTimeout(timer);
        go();
      };
    });
    this.hurry = undefined;
  }

  private async settle(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.commit(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (fault) {
      if (batch.length === 1 || this.options.isForeign(fault)) {
        for (const { reject } of batch) reject(fault);
        return;
      }
      for (const single of batch) await this.settle([single]);
    }
  }
}
