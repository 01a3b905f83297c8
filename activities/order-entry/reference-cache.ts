import { KeptFresh } from '../../storage/kept-fresh';

/** Looks records up by their keys; the answer lacks those that do not exist. */
export type Lookup<T> = (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>;

interface Kept<T> {
  value: T;
  readAtMs: number;
}

const KEYS_MAX = 10_000;
/** So many are read ahead, in one look-up. */
const FRESH_KEYS_MAX = 1_000;

/**
 * Remembers records for a short while, so that an order does not pay for reading what changes once a day. Callers that
 * ask for the same key at once share one look-up; what does not exist is looked up again each time, because it may
 * be created any moment. What is in use is read again when half its time is over, so that orders never wait for it.
 */
export class ReferenceCache<T> {
  private readonly kept = new Map<string, Kept<T>>();
  private readonly underWay = new Map<string, Promise<T | undefined>>();
  private readonly fresh: KeptFresh;
  private readonly lookup: Lookup<T>;
  private readonly ageMsMax: number;
  private readonly nowMs: () => number;

  constructor(lookup: Lookup<T>, ageMsMax: number, nowMs: () => number = () => performance.now()) {
    this.lookup = lookup;
    this.ageMsMax = ageMsMax;
    this.nowMs = nowMs;
    this.fresh = new KeptFresh({
      everyMs: ageMsMax / 2,
      keysMax: FRESH_KEYS_MAX,
      read: (keys) => this.readAndKeep(keys),
      nowMs,
    });
  }

  async get(key: string): Promise<T | undefined> {
    const kept = this.kept.get(key);
    const ageMs = kept === undefined ? Number.POSITIVE_INFINITY : this.nowMs() - kept.readAtMs;
    const isFresh = kept !== undefined && ageMs < this.ageMsMax;
    const value = isFresh ? kept.value : await (this.underWay.get(key) ?? this.read(key));
    if (value !== undefined) this.fresh.note(key);
    return value;
  }

  private read(key: string): Promise<T | undefined> {
    const reading = this.readAndKeep([key])
      .then((found) => found.get(key))
      .finally(() => this.underWay.delete(key));
    this.underWay.set(key, reading);
    return reading;
  }

  private async readAndKeep(keys: readonly string[]): Promise<ReadonlyMap<string, T>> {
    const readAtMs = this.nowMs();
    const found = await this.lookup(keys);
    for (const key of keys) {
      const value = found.get(key);
      this.kept.delete(key);
      if (value === undefined) continue;
      if (this.kept.size >= KEYS_MAX) this.kept.clear();
      this.kept.set(key, { value, readAtMs });
    }
    return found;
  }
}
