import {
  freshTicks,
  sightingOf,
  watchTicks,
  type WatchPosition,
  type WatchStep,
} from '../../domain/order/trigger-watch';
import type { TriggerSighting } from '../../domain/order/hold';
import type { Tick, WatchedTerms } from '../../domain/order/trigger';
import type { TriggerRecord } from '../../storage/trigger-record';
import type { TriggerMark } from './trigger-registry';

type Terms = NonNullable<TriggerRecord['terms']>;

export interface Look {
  /** What happened in the symbol, ascending: the tick before the time that was asked for, and all since. */
  ticks: readonly Tick[];
  nowMs: number;
  /** Trading in it is stopped: nothing triggers, and the trail goes on. */
  isHalted: boolean;
}

/** The watch of one order for one version of its terms. */
export class WatchedOrder {
  readonly orderId: string;
  readonly workflowId: string;
  readonly terms: Terms;
  private readonly watchedTerms: WatchedTerms;
  private position: WatchPosition;
  private savedStop: string | undefined;
  /** A price reached the stop while trading was stopped; the market as it is afterwards decides. */
  private heldBack = false;
  private sighting: TriggerSighting | undefined;
  private firedAt: string | undefined;
  private isSaved = true;

  /** Goes on from where an earlier watch came to with the same terms. */
  constructor({ _id, workflowId, watched }: TriggerRecord, terms: Terms) {
    this.orderId = _id;
    this.workflowId = workflowId;
    this.terms = terms;
    this.watchedTerms = watchedTermsOf(terms);
    const kept = watched?.version === terms.version ? watched : undefined;
    const stopPrice = kept?.stopPrice ?? terms.stopPrice;
    this.savedStop = stopPrice;
    this.position = {
      ...(stopPrice !== undefined && { stopPrice }),
      // Looking at the ticks of that time once more changes nothing about a trail.
      ...(kept !== undefined && { seen: { at: kept.seenAt, count: 0 } }),
    };
  }

  isWatching(): boolean {
    return this.sighting === undefined;
  }

  /** Since when the market has to be looked at, ISO 8601 UTC. */
  from(): string {
    return this.position.seen?.at ?? this.terms.since;
  }

  /** Looks at what is new; the sighting when the stop was reached, which is given once. */
  look({ ticks, nowMs, isHalted }: Look): TriggerSighting | undefined {
    if (!this.isWatching()) return undefined;
    const latest = ticks.at(-1);
    if (latest === undefined) return undefined;
    const resumed = this.heldBack && !isHalted;
    const step = this.step(ticks, isHalted);
    const reached = step.reached ?? (resumed ? this.reachedAt(latest) : undefined);
    if (resumed) this.heldBack = false;
    if (reached === undefined || this.position.stopPrice === undefined) return undefined;
    const { stopPrice } = this.position;
    const since = resumed ? new Date(nowMs).toISOString() : this.terms.since;
    this.sighting = sightingOf(this.watchedTerms, reached, { stopPrice, since, latest, nowMs });
    return this.sighting;
  }

  /** Temporal has the sighting, for good. */
  fired(at: string): void {
    this.firedAt = at;
    this.isSaved = false;
  }

  /** What has to be kept; undefined while all of it is. */
  mark(): TriggerMark | undefined {
    if (this.isSaved) return undefined;
    const { orderId, terms, sighting, firedAt, position } = this;
    const { version } = terms;
    const { stopPrice, seen } = position;
    return {
      orderId,
      version,
      ...(seen !== undefined && {
        watched: { version, seenAt: seen.at, ...(stopPrice !== undefined && { stopPrice }) },
      }),
      ...(sighting !== undefined && firedAt !== undefined && { fired: { version, sighting, at: firedAt } }),
    };
  }

  /** What `mark` said is kept, unless something was learned meanwhile. */
  saved(mark: TriggerMark): void {
    const now = this.mark();
    if (JSON.stringify(now) === JSON.stringify(mark)) this.isSaved = true;
  }

  private step(ticks: readonly Tick[], isHalted: boolean): WatchStep {
    let step = watchTicks(this.watchedTerms, this.position, this.unseen(ticks));
    while (step.reached !== undefined && isHalted) {
      this.heldBack = true;
      this.isSaved = false;
      step = watchTicks(this.watchedTerms, step.position, freshTicks(step.position, ticks));
    }
    this.position = step.position;
    if (this.position.stopPrice !== this.savedStop) {
      this.savedStop = this.position.stopPrice;
      this.isSaved = false;
    }
    return step;
  }

  /** The first look begins with what stood when the terms came into force. */
  private unseen(ticks: readonly Tick[]): readonly Tick[] {
    if (this.position.seen !== undefined) return freshTicks(this.position, ticks);
    const first = ticks.findIndex(({ at }) => at >= this.terms.since);
    return ticks.slice(Math.max(0, (first < 0 ? ticks.length : first) - 1));
  }

  private reachedAt(tick: Tick): WatchStep['reached'] {
    const { stopPrice } = this.position;
    return watchTicks(this.watchedTerms, stopPrice === undefined ? {} : { stopPrice }, [tick]).reached;
  }
}

function watchedTermsOf(terms: Terms): WatchedTerms {
  const { type, side, priceType, trailingOffset: offset, trailingOffsetType: offsetType, tickSize } = terms;
  return {
    type,
    side,
    priceType,
    ...(offset !== undefined && { trail: { offset, offsetType: offsetType ?? 'price', tickSize } }),
  };
}
