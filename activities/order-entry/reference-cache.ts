/** Looks one record up; undefined when it does not exist. */
export type Lookup<T> = (key: string) => Promise<T | undefined>;

interface Kept<T> {
  value: T;
  readAtMs: number;
}

const KEYS_MAX = 10_000;

/**
 * Remembers records for a short while, so that an order does not pay for reading what changes once a day. Callers that
 * ask for the same key at once share one look-up; what does not exist is looked up again each time, because it may
 * be created any moment. What is used when half its time is over is read again meanwhile, so that orders that keep coming
 * never wait for it.
 */
export class ReferenceCache<T> {
  private readonly kept = new Map<string, Kept<T>>();
  private readonly underWay = new Map<string, Promise<T | undefined>>();
  private readonly lookup: Lookup<T>;
  private readonly ageMsMax: number;
  private readonly nowMs: () => number;

  constructor(lookup: Lookup<T>, ageMsMax: number, nowMs: () => number = () => performance.now()) {
    this.lookup = lookup;
    this.ageMsMax = ageMsMax;
    this.nowMs = nowMs;
  }

  async get(key: string): Promise<T | undefined> {
    const kept = this.kept.get(key);
    const ageMs = kept === undefined ? Number.POSITIVE_INFINITY : this.nowMs() - kept.readAtMs;
    if (kept === undefined || ageMs >= this.ageMsMax) return await (this.underWay.get(key) ?? this.read(key));
    // A fault here is not this order's: who finds the value too old reads it himself.
    if (ageMs > this.ageMsMax / 2 && !this.underWay.has(key)) this.read(key).catch(() => undefined);
    return kept.value;
  }

  private read(key: string): Promise<T | undefined> {
    const reading = this.readAndKeep(key).finally(() => this.underWay.delete(key));
    this.underWay.set(key, reading);
    return reading;
  }

  private async readAndKeep(key: string): Promise<T | undefined> {
    const readAtMs = this.nowMs();
    const value = await this.lookup(key);
    this.kept.delete(key);
    if (value === undefined) return undefined;
    if (this.kept.size >= KEYS_MAX) this.kept.clear();
    this.kept.set(key, { value, readAtMs });
    return value;
  }
}
