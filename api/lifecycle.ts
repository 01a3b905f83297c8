/** Whether the server is draining; parts that hold connections open are told once. */
export class Lifecycle {
  private draining = false;
  private readonly listeners: (() => void)[] = [];

  isDraining(): boolean {
    return this.draining;
  }

  onDrain(listener: () => void): void {
    this.listeners.push(listener);
  }

  drain(): void {
    if (this.draining) return;
    this.draining = true;
    for (const listener of this.listeners) listener();
  }
}
