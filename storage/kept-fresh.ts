import { LruMap } from './lru-map';

/** How long after its last use something is still read ahead: who trades now and then waits for nothing either. */
const KEPT_FRESH_MS = 60_000;

export interface KeptFreshOptions {
  /** Time between two readings, in milliseconds. */
  everyMs: number;
  /** At most so many are read ahead, those used last. */
  keysMax: number;
  /**
   * Reads these once more and keeps what it finds. Faults end with the reading: whoever meets something too old reads it
   * himself, and hears of the fault.
   */
  read(keys: readonly string[]): Promise<unknown>;
  /** Milliseconds, of any clock. */
  nowMs(): number;
}

/** Reads what is in use again before it is too old, so that nobody waits for it. Keeps no process alive. */
export class KeptFresh {
  private readonly usedAtMs: LruMap<number>;
  private timer: NodeJS.Timeout | undefined;
  private readonly options: KeptFreshOptions;

  constructor(options: KeptFreshOptions) {
    this.options = options;
    this.usedAtMs = new LruMap(options.keysMax);
  }

  /** Notes a use of `key`, which is read again for a minute from now. */
  note(key: string): void {
    this.usedAtMs.set(key, this.options.nowMs());
    this.timer ??= this.later();
  }

  private later(): NodeJS.Timeout {
    return setTimeout(() => void this.turn(), this.options.everyMs).unref();
  }

  private async turn(): Promise<void> {
    const nowMs = this.options.nowMs();
    // A clock that was set back must not keep a key for ever.
    for (const [key, usedAtMs] of this.usedAtMs)
      if (Math.abs(nowMs - usedAtMs) > KEPT_FRESH_MS) this.usedAtMs.delete(key);
    const keys = [...this.usedAtMs].map(([key]) => key);
    if (keys.length > 0) await this.options.read(keys).catch(() => undefined);
    this.timer = keys.length > 0 ? this.later() : undefined;
  }
}
