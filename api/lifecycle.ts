/**
 * How this process ends. Leaving: another one takes over, requests are served as before, and parts that hold
 * connections open let them go. Draining: nobody takes over, so new requests are refused as well.
 */
export class Lifecycle {
  private draining = false;
  private leaving = false;
  private readonly listeners: (() => void)[] = [];

  isDraining(): boolean {
    return this.draining;
  }

  /** Calls `listener` once, when this process begins to leave or to drain. */
  onDrain(listener: () => void): void {
    this.listeners.push(listener);
  }

  leave(): void {
    if (this.leaving) return;
    this.leaving = true;
    for (const listener of this.listeners) listener();
  }

  drain(): void {
    this.draining = true;
    this.leave();
  }
}
