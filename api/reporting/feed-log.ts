import type { OrderView } from '../../domain/order/order-view';

export interface FeedChange {
  /** Position right after this change; what a client sends back as Last-Event-ID. */
  id: string;
  order: OrderView;
}

const CHANGES_MAX = 5_000;
const POSITIONS_MAX = 10_000;

/** The last changes of a feed, so that a client that was away for a moment gets just what it missed. Bounded. */
export class FeedLog {
  private changes: FeedChange[] = [];
  /** How many changes were dropped from the front since the start. */
  private dropped = 0;
  /** For each position that was given out, how many changes came before it. */
  private readonly counts = new Map<string, number>();
  private current = '';

  /** Starts anew at `position`: what came before can no longer be told. */
  clear(position: string): void {
    this.dropped += this.changes.length + 1;
    this.changes = [];
    this.counts.clear();
    this.current = position;
    if (position !== '') this.note(position);
  }

  /** The stream moved on without a change that concerns orders. */
  advance(position: string): void {
    if (position === '' || position === this.current) return;
    this.current = position;
    this.note(position);
  }

  append(change: FeedChange): void {
    this.changes.push(change);
    if (this.changes.length > CHANGES_MAX) {
      const excess = this.changes.length - CHANGES_MAX;
      this.changes.splice(0, excess);
      this.dropped += excess;
    }
    this.current = change.id;
    this.note(change.id);
  }

  position(): string {
    return this.current;
  }

  /** Changes after `position`, or undefined when they are not all here. */
  since(position: string): FeedChange[] | undefined {
    const before = this.counts.get(position);
    if (before === undefined || before < this.dropped) return undefined;
    return this.changes.slice(before - this.dropped);
  }

  private note(position: string): void {
    this.counts.set(position, this.dropped + this.changes.length);
    if (this.counts.size <= POSITIONS_MAX) return;
    const oldest = this.counts.keys().next();
    if (!oldest.done) this.counts.delete(oldest.value);
  }
}
