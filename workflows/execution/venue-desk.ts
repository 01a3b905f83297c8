import { ActivityFailure, CancellationScope } from '@temporalio/workflow';
import { venueActivities } from '../activity-proxies';
import { nextSend, venueCancelOf, venueOrderOf, venueReplaceOf, type VenueSend } from './venue-send';
import { isOpen } from '../../domain/order/order-status';
import type {
  ExecutionActivities,
  OrderStatusResult,
  SendResult,
} from '../../activities/execution/execution.port';
import type { PendingRequest } from '../../domain/order/order-types';
import type { OrderLife } from '../order-entry/order-life';

const RETRY_SEND_MS = { first: 1_000, max: 30_000 } as const;
const DAY_ENDED_UNSENT = 'the day ended before it was sent';
const TIME_ENDED_UNSENT = 'its time was over before it was sent';
/** As long as one attempt of a send may take. */
const ABANDON_AFTER_MS = 15_000;
const ASK_STATUS_MS = { first: 1_000, max: 60_000 } as const;

/** Doubles a delay up to its bound. */
function backoff(previous: number, bounds: { first: number; max: number }): number {
  return previous === 0 ? bounds.first : Math.min(previous * 2, bounds.max);
}

/**
 * Everything between the order and its venue: one send at a time, and questions about what became of it. Sends are
 * at most once a ClOrdID; after a doubtful send we ask, and only proof or a named person ends the doubt.
 */
export class VenueDesk {
  private busy = false;
  private routing: CancellationScope | undefined;
  private routedAt = 0;
  private asking = false;
  private readonly sent: string[] = [];
  private retryDelayMs = 0;
  private askDelayMs = 0;
  /** When to try an unsent message again, and when to ask for the status; epoch milliseconds of workflow time. */
  retryAt: number | undefined;
  askAt: number | undefined;
  /** When to give up a route that nobody wants any more. */
  abandonAt: number | undefined;
  dayEnded = false;
  private readonly life: OrderLife;

  constructor(life: OrderLife) {
    this.life = life;
    // A run that takes over a doubt goes on asking, at once; what was sent and not answered goes out again by itself.
    const { carried, anchored } = life.input;
    if (carried !== undefined && anchored === true && life.state.state === 'unknown') this.askAt = 0;
  }

  /** True while a message is on its way; what it becomes is not known yet. */
  isBusy(): boolean {
    return this.busy || this.asking;
  }

  /** True when nothing of the order can have left the house, so that it may end here. */
  isUnsent(): boolean {
    return this.life.state.state === 'validated' && !this.busy;
  }

  /** Starts the next send or question if there is one and its time has come. Never waits. */
  act(nowMs: number): void {
    if (this.askAt !== undefined && this.askAt <= nowMs) this.ask();
    if (this.abandonAt !== undefined) this.abandonRoute(nowMs);
    if (this.busy || (this.retryAt !== undefined && this.retryAt > nowMs)) return;
    const send = nextSend(this.life.state, this.sent);
    // The timer of a retry that is due would be set again at once; orders from before they were anchored go on, and replay, so.
    if (this.life.input.anchored === true) this.retryAt = undefined;
    if (send === undefined) return;
    this.busy = true;
    if (send.kind === 'route') this.routedAt = nowMs;
    void this.perform(send).then((result) => {
      if (!this.life.isInTurn()) this.endSend();
      this.life.inbox.push({ kind: 'sendResult', send, result });
    });
  }

  /**
   * Gives up a route that may still wait for the gateway. One that runs already comes to its own end and tells; one
   * that never began is asked about, because an earlier attempt of it may have reached the venue.
   *
   * A young one gets its time first. It may have been begun in the present workflow task, which would then hold neither
   * its beginning nor its end, while a replay begins it in an earlier one (decision 0047).
   */
  abandonRoute(nowMs: number): void {
    const at = this.routedAt + ABANDON_AFTER_MS;
    const isYoung = this.life.isInTurn() && nowMs < at;
    this.abandonAt = isYoung && this.routing !== undefined ? at : undefined;
    if (!isYoung) this.routing?.cancel();
  }

  private endSend(): void {
    this.busy = false;
    this.routing = undefined;
    this.abandonAt = undefined;
  }

  /** Takes the result of a send. */
  onSendResult(send: VenueSend, result: SendResult, nowMs: number): void {
    if (this.life.isInTurn()) this.endSend();
    if (result.outcome === 'notSent') {
      if (send.kind === 'route' && this.endIfUnwanted()) return;
      this.retryDelayMs = backoff(this.retryDelayMs, RETRY_SEND_MS);
      this.retryAt = nowMs + this.retryDelayMs;
      return;
    }
    this.retryDelayMs = 0;
    this.retryAt = undefined;
    this.sent.push(send.clOrdId);
    if (result.outcome === 'sent') {
      if (send.kind === 'route') this.life.apply({ type: 'recordRouted' });
      for (const report of result.reports) this.life.apply({ type: 'applyReport', report });
      return;
    }
    if (send.kind === 'route') this.life.apply({ type: 'markUnknown', reason: result.reason });
    this.askLater(nowMs);
  }

  /**
   * Ends an order here that nobody wants any more, by a cancel or because its time is over, now that what was on its way
   * did not leave the house. Orders from before they were anchored go on, and replay, with a further attempt to send.
   */
  private endIfUnwanted(): boolean {
    const { input, state } = this.life;
    const cancel = state.pending.find((request) => request.kind === 'cancel');
    if (input.anchored !== true || (cancel === undefined && !this.dayEnded)) return false;
    return cancel === undefined ? this.expireUnsent() : this.cancelUnsent(cancel);
  }

  private cancelUnsent({ by, reason }: PendingRequest): boolean {
    const why = reason === undefined ? {} : { reason };
    return this.life.apply({ type: 'endLocally', how: 'cancelled', by, ...why }).ok;
  }

  private expireUnsent(): boolean {
    const reason = this.life.state.terms?.endsAt === undefined ? DAY_ENDED_UNSENT : TIME_ENDED_UNSENT;
    return this.life.apply({ type: 'endLocally', how: 'expired', by: 'timer', reason }).ok;
  }

  /** Takes the venue's answer about the order. */
  onStatus(result: OrderStatusResult, nowMs: number): void {
    if (this.life.isInTurn()) this.asking = false;
    const wasUnknown = this.life.state.state === 'unknown';
    for (const report of result.reports) this.life.apply({ type: 'applyReport', report });
    if (result.outcome === 'unreachable') return this.askLater(nowMs);
    const { state } = this.life;
    if (state.state === 'unknown') this.resolveByVenue(result.outcome === 'known');
    this.forgetUnansweredSends();
    this.askAt = undefined;
    if (!wasUnknown && this.dayEnded && isOpen(this.life.state)) this.askLater(nowMs);
    else this.askDelayMs = 0;
  }

  /** The time of this order is over, by its day, its date or its auction: ask what became of it; the venue's report decides. */
  onDayEnd(nowMs: number): void {
    this.dayEnded = true;
    if (this.isUnsent()) {
      this.expireUnsent();
      return;
    }
    this.abandonRoute(nowMs);
    if (isOpen(this.life.state)) this.askAt = nowMs;
  }

  /** The venue answered for itself: the order works there, or it never came and may be sent, unless it is unwanted. */
  private resolveByVenue(known: boolean): void {
    const evidence = known ? 'venue status: order known' : 'venue status: order not known';
    const unwanted = this.life.state.pending.some((request) => request.kind === 'cancel')
      ? 'cancelled'
      : 'expired';
    const isUnwanted = !known && (this.dayEnded || unwanted === 'cancelled');
    const outcome = isUnwanted ? unwanted : known ? 'working' : 'notSent';
    this.life.apply({ type: 'resolveUnknown', by: `venue:${this.venue()}`, evidence, outcome });
  }

  private askLater(nowMs: number): void {
    this.askDelayMs = backoff(this.askDelayMs, ASK_STATUS_MS);
    this.askAt = nowMs + this.askDelayMs;
  }

  private ask(): void {
    this.askAt = undefined;
    if (this.asking) return;
    this.asking = true;
    void this.venueProxy()
      .askOrderStatus(venueOrderOf(this.life.state))
      .then((result) => {
        if (!this.life.isInTurn()) this.asking = false;
        this.life.inbox.push({ kind: 'statusResult', result });
      });
  }

  /** Requests that the venue still has not answered may be sent again: it knows them by their ClOrdID. */
  private forgetUnansweredSends(): void {
    const unanswered = this.life.state.pending.filter((request) => request.stage === 'requested');
    for (const { clOrdId } of unanswered) {
      const index = this.sent.indexOf(clOrdId);
      if (index >= 0) this.sent.splice(index, 1);
    }
  }

  private perform(send: VenueSend): Promise<SendResult> {
    const { state } = this.life;
    const proxy = this.venueProxy();
    switch (send.kind) {
      case 'route':
        return this.route(proxy);
      case 'cancel':
        return proxy.cancelAtVenue(venueCancelOf(state, send.clOrdId));
      case 'replace':
        return proxy.replaceAtVenue(venueReplaceOf(state, send.clOrdId));
    }
  }

  private async route(proxy: ExecutionActivities): Promise<SendResult> {
    this.routing = new CancellationScope();
    try {
      return await this.routing.run(() => proxy.routeOrder(venueOrderOf(this.life.state)));
    } catch (fault) {
      if (!(fault instanceof ActivityFailure)) throw fault;
      return { outcome: 'unknown', reason: 'the send was abandoned before its outcome was known' };
    }
  }

  private venue(): string {
    return this.life.state.terms?.venue ?? 'none';
  }

  private venueProxy(): ExecutionActivities {
    const { terms } = this.life.state;
    if (terms === undefined) throw new Error('an order that was not validated has no venue');
    return venueActivities(terms.venueTaskQueue);
  }
}
