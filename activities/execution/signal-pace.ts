/** Signals that one workflow takes at once, and how fast it may get more after that. */
const BURST = 50;
const MS_A_SIGNAL = 100;

/**
 * How fast signals may follow each other to one workflow. The server lets no run end while signals come in, so that a
 * venue that reports without pause would keep a long run from going on as a new one. What waits here goes together, up
 * to a hundred reports in a signal.
 */
export class SignalPace {
  /** When the whole burst is there again, epoch milliseconds; a workflow that is not here has it. */
  private readonly restedAt = new Map<string, number>();

  /** Milliseconds until the next signal of this workflow may go; 0 for now. */
  waitMs(workflowId: string, nowMs: number): number {
    const restedAt = this.restedAt.get(workflowId) ?? nowMs;
    return Math.max(0, restedAt - nowMs - (BURST - 1) * MS_A_SIGNAL);
  }

  /** Notes that a signal went out. */
  note(workflowId: string, nowMs: number): void {
    const restedAt = Math.max(this.restedAt.get(workflowId) ?? nowMs, nowMs) + MS_A_SIGNAL;
    // The order of insertion is that of the last signal, so the first entries are those that may be forgotten.
    this.restedAt.delete(workflowId);
    this.restedAt.set(workflowId, restedAt);
    for (const [known, at] of this.restedAt) {
      if (at > nowMs) return;
      this.restedAt.delete(known);
    }
  }

  /** How many workflows it remembers. */
  size(): number {
    return this.restedAt.size;
  }
}
