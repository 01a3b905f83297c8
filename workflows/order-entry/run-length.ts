import { log } from '@temporalio/workflow';
import type { Anchor } from './anchor';
import type { OrderLife } from './order-life';

/** Our own threshold, well under the server's suggestion of 4,096 events, so that a run stays quick to replay. */
const HISTORY_EVENTS_MAX = 2_000;
/** So far beyond the threshold a run ends even while a delivery waits for MongoDB. */
const OVERDUE_FACTOR = 1.5;
/** Reports come up to a hundred in a signal, so a history may be short and heavy: what a run tells is bounded too. */
const EMITTED_EVENTS_MAX = 1_000;

/** Generous sizes in a payload, in bytes: of a packed fill with its dedupe key, and of an event. */
const FILL_BYTES = 110;
const EVENT_BYTES = 800;
const CARRIED_BYTES_WARN = 512 * 1024;
/** The server takes 2 MiB. */
const CARRIED_BYTES_MAX = 1_800_000;

/**
 * How long the present run of an order is, and whether it is time for the next one. Orders that began without an anchor
 * go on, and replay, by the length of their history alone.
 */
export class RunLength {
  private warned = false;
  private readonly life: OrderLife;
  private readonly anchor: Anchor;

  constructor(life: OrderLife, anchor: Anchor) {
    this.life = life;
    this.anchor = anchor;
  }

  /** True when the order should continue as a new run. */
  isLong(): boolean {
    if (!this.isBounded()) return this.isHistoryLong();
    return (this.isHistoryLong() || this.hasToldMuch()) && !this.isTooHeavy();
  }

  /** True when nothing new is to be begun, so that the run ends as soon as what is on its way is back. */
  isWindingDown(): boolean {
    return this.isBounded() && this.isLong();
  }

  /** True when the run ends without waiting for deliveries, which the next one begins with. */
  isOverdue(): boolean {
    return this.isWindingDown() && this.anchor.historyLength() >= this.historyEventsMax() * OVERDUE_FACTOR;
  }

  /** Tells operations, once, when what crosses to the next run is large. */
  warnOfWeight(): void {
    const bytes = this.carriedBytes();
    if (this.warned || bytes < CARRIED_BYTES_WARN) return;
    this.warned = true;
    const { orderId, fills } = this.life.state;
    log.warn('An order carries much from run to run', { orderId, bytes, count: fills.length });
  }

  private isHistoryLong(): boolean {
    return this.anchor.historyLength() >= this.historyEventsMax() || this.anchor.isLongByServer();
  }

  private isBounded(): boolean {
    return this.life.input.anchored === true;
  }

  private hasToldMuch(): boolean {
    return this.life.emitted.length >= EMITTED_EVENTS_MAX;
  }

  /** What does not fit a payload stays: the run goes on, and records what it can, until it does. */
  private isTooHeavy(): boolean {
    return this.carriedBytes() > CARRIED_BYTES_MAX;
  }

  private carriedBytes(): number {
    const { state, unrecorded } = this.life;
    return state.fills.length * FILL_BYTES + unrecorded.length * EVENT_BYTES;
  }

  private historyEventsMax(): number {
    return this.life.input.historyEventsMax ?? HISTORY_EVENTS_MAX;
  }
}
