import type { ClientRateLimitInfo, Store } from 'express-rate-limit';
import type { HitCounts } from './messages';

/**
 * Counts requests by key, in windows that all workers of an API have in common, and adds what the others have counted.
 * Counts travel a moment after the request, so that none waits for them: together, workers may let through what
 * arrives within that moment too much, and never too little.
 */
export class SharedHits {
  private readonly windowLengthMs: number;
  private readonly nowMs: () => number;
  private windowMs = 0;
  private own: Record<string, number> = {};
  private readonly others = new Map<number, Readonly<Record<string, number>>>();
  private changed = false;

  constructor(windowLengthMs: number, nowMs: () => number = Date.now) {
    this.windowLengthMs = windowLengthMs;
    this.nowMs = nowMs;
  }

  /** A store for one limiter; `lane` keeps its counts apart from those of others. */
  store(lane: string): Store {
    return {
      localKeys: false,
      prefix: `${lane}:`,
      increment: (key) => this.add(`${lane}:${key}`, 1),
      decrement: (key) => void this.add(`${lane}:${key}`, -1),
      resetKey: (key) => {
        delete this.own[`${lane}:${key}`];
      },
    };
  }

  /** Takes what another worker has counted in a window. */
  take(from: number, { windowMs, counts }: HitCounts): void {
    this.turnWindow();
    if (windowMs === this.windowMs) this.others.set(from, counts);
  }

  /** What this worker has counted, or undefined when nothing came since it was asked last. */
  changes(): HitCounts | undefined {
    if (!this.changed) return undefined;
    this.changed = false;
    return { windowMs: this.windowMs, counts: { ...this.own } };
  }

  private add(key: string, hits: number): ClientRateLimitInfo {
    this.turnWindow();
    this.own[key] = (this.own[key] ?? 0) + hits;
    this.changed = true;
    let totalHits = this.own[key] ?? 0;
    for (const counts of this.others.values()) totalHits += counts[key] ?? 0;
    return { totalHits, resetTime: new Date(this.windowMs + this.windowLengthMs) };
  }

  private turnWindow(): void {
    const windowMs = Math.floor(this.nowMs() / this.windowLengthMs) * this.windowLengthMs;
    if (windowMs === this.windowMs) return;
    this.windowMs = windowMs;
    this.own = {};
    this.others.clear();
  }
}
