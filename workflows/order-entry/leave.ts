import type { InboxItem, OrderLife } from './order-life';
import type { RunLength } from './run-length';

const SOON_MS = 1;

/**
 * When an order that lives on leaves a run whose history is long, for the next one.
 *
 * It leaves in the workflow task of a timer of its own, never when a local activity ends, because a replay may find that
 * end in an earlier task. A run that left there, was refused because a signal had come, and was replayed would leave again
 * before it saw the signal, which would be lost (decision 0047).
 */
export class Leave {
  private readonly life: OrderLife;
  private readonly run: RunLength;
  private at: number | undefined;
  private isDue = false;

  constructor(life: OrderLife, run: RunLength) {
    this.life = life;
    this.run = run;
  }

  /** Hears of every item before the main loop takes it. */
  note(item: InboxItem): void {
    if (item.kind !== 'alarm' || item.name !== 'leave') return;
    this.at = undefined;
    this.isDue = true;
  }

  /** When the timer of leaving is due, epoch milliseconds; `isIdle`: nothing is on its way in this run. */
  timerAt(nowMs: number, isIdle: boolean): number | undefined {
    if (this.isApart() && this.run.isLong() && isIdle && !this.isDue) this.at ??= nowMs + SOON_MS;
    return this.at;
  }

  /** True when an idle run has something to do about leaving: to leave, or to set its timer. */
  isWanted(): boolean {
    return this.run.isLong() && this.at === undefined;
  }

  /** True when an idle run leaves now. What came together with the timer goes first; the timer is then set again. */
  takeLeave(isIdle: boolean): boolean {
    if (!this.isApart()) return isIdle && this.run.isLong();
    const leaves = this.isDue && isIdle;
    this.isDue = false;
    return leaves;
  }

  /** Orders that began before there was a timer go on, and replay, without it. */
  private isApart(): boolean {
    return this.life.input.anchored === true;
  }
}
