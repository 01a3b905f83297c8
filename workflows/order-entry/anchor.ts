import { workflowInfo } from '@temporalio/workflow';
import type { InboxItem } from './order-life';

/**
 * What a run may decide by: the time and the length of its history, both as of the last event that reached it.
 *
 * The end of a local activity is no such event. When a query meets a workflow task with a local activity, the SDK tells
 * the workflow of that end in the next task, and a replay tells it in the one before: the clock and the length differ
 * between the two (decision 0047). So both are held still until a signal, an update, a timer or a regular activity comes.
 */
export class Anchor {
  private heldMs: number | undefined;
  private heldLength = 0;
  private readonly isApplied: boolean;

  /** Orders that began before there was an anchor (`isApplied` false) go on, and replay, by the clock. */
  constructor(isApplied: boolean) {
    this.isApplied = isApplied;
  }

  /** Epoch milliseconds, UTC. */
  nowMs(): number {
    return this.heldMs ?? Date.now();
  }

  historyLength(): number {
    return this.isApplied ? this.heldLength : workflowInfo().historyLength;
  }

  /** From here on time stands still between events; entry itself goes by the clock, for it is one task. */
  hold(): void {
    if (!this.isApplied) return;
    this.heldMs = Date.now();
    this.heldLength = workflowInfo().historyLength;
  }

  /** Hears of every item before the main loop takes it. */
  note(item: InboxItem): void {
    if (!isEndWithoutEvent(item)) this.hold();
  }

  /** The next item to take. An end that is no event goes first, as it would in a replay. */
  next(inbox: InboxItem[]): InboxItem | undefined {
    const end = this.isApplied ? inbox.findIndex(isEndWithoutEvent) : -1;
    return end < 0 ? inbox.shift() : inbox.splice(end, 1)[0];
  }

  /** True when the loop acts before it takes another item: in a replay this end is a workflow task of its own. */
  isTakenAlone(item: InboxItem): boolean {
    return this.isApplied && isEndWithoutEvent(item);
  }
}

const isEndWithoutEvent = (item: InboxItem): boolean => item.kind === 'wake' && item.isEvent !== true;
