import type { ErrorCode } from '../../domain/errors/error-codes';

/** How often the gate looks at what happened since it looked last. */
export const WINDOW_MS = 250;
/** Below this many at once even a slow system is not spared: it must be tried to be seen to be well again. */
const IN_FLIGHT_MIN = 16;
/** A limit is cut to no less than this share at a time, so that one slow window does not close the gate. */
const CUT_SHARE_MIN = 0.5;
const GROWTH = 1.25;
/** What is let in at once before anything is known, and again when the last trouble is this long ago. */
const IN_FLIGHT_START = 200;
const TROUBLE_REMEMBERED_MS = 30_000;
/** Starved for this long in two windows in a row, this process answers everybody late and must not take more on. */
const LOOP_LAG_MS_MAX = 400;
const STARVED_WINDOWS = 2;
const RETRY_AFTER_SECONDS = { least: 1, most: 10 } as const;

/** Why a new order was not let in: a closed set, and a label of metrics. */
export const SHED_REASONS = ['inFlight', 'latency', 'silence', 'eventLoop'] as const;
export type ShedReason = (typeof SHED_REASONS)[number];

export interface GateLimits {
  /** Submits at once that are never exceeded. */
  inFlightMax: number;
  /** A submit is to be answered within this time; when it is not, fewer are let in at once. */
  waitMsMax: number;
}

export interface Refusal {
  reason: ShedReason;
  code: Extract<ErrorCode, 'OVERLOADED' | 'TOO_BUSY'>;
  retryAfterSeconds: number;
}

export type Admission = { ok: true; done: () => void } | { ok: false; refusal: Refusal };

/**
 * Lets new orders in for as long as those that are in get their answer in time. Nothing is known in advance of how many
 * a system takes: the limit follows the time that answers take, which is long when the workers, Temporal or MongoDB
 * have more to do than they can. In each window it halves at worst, or grows by a quarter while what is let in is used. A
 * time without any answer counts as well, so that a system that answers nothing is seen before its answers are late.
 */
export class SubmitGate {
  private readonly limits: GateLimits;
  private readonly nowMs: () => number;
  private readonly random: () => number;
  private readonly begunAtMs = new Map<number, number>();
  private readonly shedByReason = new Map<ShedReason, number>();
  private nextId = 0;
  private limit: number;
  private answeredAtMs = 0;
  private troubleAtMs = Number.NEGATIVE_INFINITY;
  private answered = 0;
  private answeredMsTotal = 0;
  private inFlightPeak = 0;
  private starvedWindows = 0;
  /** Answers a second, smoothed over about two seconds; for the advice when to come back. */
  private answersPerSecond = 0;

  constructor(limits: GateLimits, nowMs: () => number = () => performance.now(), random = Math.random) {
    this.limits = limits;
    this.nowMs = nowMs;
    this.random = random;
    this.limit = Math.min(limits.inFlightMax, IN_FLIGHT_START);
  }

  /** Before anything is begun: the call costs nothing and leaves nothing. `done` must be called once. */
  enter(): Admission {
    const refusal = this.turnAway();
    if (refusal !== undefined) return { ok: false, refusal };
    const id = this.nextId;
    this.nextId += 1;
    this.begunAtMs.set(id, this.nowMs());
    this.inFlightPeak = Math.max(this.inFlightPeak, this.begunAtMs.size);
    return { ok: true, done: () => this.onDone(id) };
  }

  /**
   * Why nothing new is let in now; undefined when it is. For work that is not to be measured as one submit, such as a
   * list, whose answer waits for those of its orders.
   */
  turnAway(): Refusal | undefined {
    const reason = this.reasonToShed();
    if (reason === undefined) return undefined;
    this.shedByReason.set(reason, this.shedCount(reason) + 1);
    return this.refusalFor(reason);
  }

  /** How many were not let in for this reason, since the start. */
  shedCount(reason: ShedReason): number {
    return this.shedByReason.get(reason) ?? 0;
  }

  inFlight(): number {
    return this.begunAtMs.size;
  }

  inFlightLimit(): number {
    return Math.floor(this.limit);
  }

  /** Ends a window; `loopLagMs` is how late this process got to its timers in it. Called every WINDOW_MS. */
  turnWindow(loopLagMs: number): void {
    this.starvedWindows = loopLagMs > LOOP_LAG_MS_MAX ? this.starvedWindows + 1 : 0;
    const meanMs = this.answered === 0 ? 0 : this.answeredMsTotal / this.answered;
    const worstMs = Math.max(meanMs, this.silentMs());
    if (worstMs > this.limits.waitMsMax) this.cut(Math.max(CUT_SHARE_MIN, this.limits.waitMsMax / worstMs));
    else this.grow();
    const rate = (this.answered * 1_000) / WINDOW_MS;
    this.answersPerSecond += (rate - this.answersPerSecond) / 8;
    this.answered = 0;
    this.answeredMsTotal = 0;
    this.inFlightPeak = this.begunAtMs.size;
  }

  private cut(share: number): void {
    this.troubleAtMs = this.nowMs();
    this.limit = Math.max(IN_FLIGHT_MIN, Math.min(this.limit, this.inFlightPeak) * share);
  }

  /** A limit that nobody comes near tells nothing, so it grows with its use, or once the trouble is long past. */
  private grow(): void {
    const isUsed = this.answered > 0 && this.inFlightPeak >= this.limit / 2;
    const isLongPast = this.nowMs() - this.troubleAtMs > TROUBLE_REMEMBERED_MS;
    if (isUsed) this.limit = Math.min(this.limits.inFlightMax, this.limit * GROWTH);
    else if (isLongPast && this.limit < IN_FLIGHT_START)
      this.limit = Math.min(this.limits.inFlightMax, IN_FLIGHT_START, this.limit * GROWTH);
  }

  private reasonToShed(): ShedReason | undefined {
    const inFlight = this.begunAtMs.size;
    if (inFlight >= this.limits.inFlightMax) return 'inFlight';
    if (inFlight >= this.inFlightLimit()) return 'latency';
    // So few are taken whatever happens: they are how the gate sees that the system is well again.
    if (inFlight < IN_FLIGHT_MIN) return undefined;
    if (this.silentMs() > this.limits.waitMsMax) return 'silence';
    return this.starvedWindows >= STARVED_WINDOWS ? 'eventLoop' : undefined;
  }

  /** How long nothing was answered although something waited. One straggler alone is no silence. */
  private silentMs(): number {
    // A map keeps its insertion order.
    const [oldestMs] = this.begunAtMs.values();
    return oldestMs === undefined ? 0 : this.nowMs() - Math.max(oldestMs, this.answeredAtMs);
  }

  /** Comes back when the work that is in is done, and not all at once. */
  private refusalFor(reason: ShedReason): Refusal {
    const { least, most } = RETRY_AFTER_SECONDS;
    const workSeconds = this.answersPerSecond === 0 ? most / 2 : this.begunAtMs.size / this.answersPerSecond;
    const spread = Math.max(least, workSeconds) * (1 + this.random());
    const retryAfterSeconds = Math.min(most, Math.max(least, Math.ceil(spread)));
    return { reason, code: reason === 'inFlight' ? 'OVERLOADED' : 'TOO_BUSY', retryAfterSeconds };
  }

  private onDone(id: number): void {
    const begunMs = this.begunAtMs.get(id);
    if (begunMs === undefined) return;
    this.begunAtMs.delete(id);
    this.answered += 1;
    this.answeredAtMs = this.nowMs();
    this.answeredMsTotal += this.nowMs() - begunMs;
  }
}
