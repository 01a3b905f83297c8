import { durableEffects, localEffects, localThenDurable, type DeliveredBy } from '../activity-proxies';
import { toFillViews } from '../../domain/order/order-projection';
import type { RecordOrderInput } from '../../activities/reporting/reporting.port';
import type { OrderLife } from '../order-entry/order-life';

/** Events, and fills, of one record call; keeps the payload of a busy order far below Temporal's 2 MiB. */
const EVENTS_A_BATCH_MAX = 200;
/** How long recording may wait for an answer of the venue that is on its way, to be written together with it. */
const DEFER_MS = 1_000;

/**
 * Tells reporting what happened, in order and in batches, without ever holding up the order: a batch that MongoDB
 * does not take at once goes on as a regular activity while the main loop trades on.
 */
export class Recorder {
  private busy = false;
  private dueAt: number | undefined;
  private readonly life: OrderLife;

  constructor(life: OrderLife) {
    this.life = life;
  }

  isBusy(): boolean {
    return this.busy;
  }

  /** When deferred recording is due, in epoch milliseconds; undefined when nothing waits. */
  deferredUntil(): number | undefined {
    return this.dueAt;
  }

  /** Starts a batch unless one runs, nothing is new, or (`mayDefer`) more news is expected within the second. */
  act(nowMs: number, mayDefer: boolean): void {
    if (this.busy || !this.isDue(nowMs, mayDefer)) return;
    this.busy = true;
    void this.recordAll().then((by) => {
      this.life.wakeSingle(by, () => {
        this.busy = false;
      });
    });
  }

  /** The next batch when there is news and it may not wait (`mayDefer` as for `act`); the caller delivers it. */
  take(nowMs: number, mayDefer: boolean): RecordOrderInput | undefined {
    return this.isDue(nowMs, mayDefer) ? this.takeBatch() : undefined;
  }

  private isDue(nowMs: number, mayDefer: boolean): boolean {
    if (!this.hasNews()) return false;
    if (mayDefer) this.dueAt ??= nowMs + DEFER_MS;
    if (mayDefer && this.dueAt !== undefined && nowMs < this.dueAt) return false;
    this.dueAt = undefined;
    return true;
  }

  /** Fills follow their events, and may need a batch more than they. */
  private hasNews(): boolean {
    return this.life.unrecorded.length > 0 || this.life.unrecordedFillIds.length > 0;
  }

  /** Tells how the last batch was recorded. */
  private async recordAll(): Promise<DeliveredBy> {
    let by: DeliveredBy = 'local';
    while (this.hasNews()) {
      const batch = this.takeBatch();
      by = await localThenDurable(
        () => localEffects.recordOrder(batch),
        () => durableEffects.recordOrder(batch),
      );
    }
    return by;
  }

  /** Removes what it returns from the backlog; a run never continues as new while a batch is on its way. */
  private takeBatch(): RecordOrderInput {
    const { life } = this;
    const events = life.unrecorded.splice(0, EVENTS_A_BATCH_MAX);
    const fillIds = new Set(life.unrecordedFillIds.splice(0, EVENTS_A_BATCH_MAX));
    const view = life.view();
    return {
      events,
      view,
      fills: toFillViews(life.state).filter((fill) => fillIds.has(fill.fillId)),
      currency: life.state.terms?.currency ?? '',
      multiplier: life.state.terms?.multiplier ?? '1',
    };
  }
}
