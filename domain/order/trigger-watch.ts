import type { Price } from '../money/decimal';
import type { TriggerSighting } from './hold';
import { reaches, watch, watchedPrice, type Tick, type WatchedTerms } from './trigger';

/** A sighting later than this after what it saw was found, not watched. */
const WATCHED_WITHIN_MS = 3_000;

/** How far the watch of one order came. */
export interface WatchPosition {
  stopPrice?: Price;
  /** Time of the last tick that was looked at, and how many of that time were. Absent before the first. */
  seen?: { at: string; count: number };
}

export interface WatchStep {
  position: WatchPosition;
  /** The tick that reached the stop first, and the price of it; absent while none did. */
  reached?: { tick: Tick; price: Price };
}

/** Ticks of `all` that were not looked at; `all` has every tick at or after the position's time. */
export function freshTicks(position: WatchPosition, all: readonly Tick[]): readonly Tick[] {
  const { seen } = position;
  if (seen === undefined) return all;
  let before = 0;
  for (const { at } of all) {
    if (at > seen.at) break;
    before += 1;
  }
  const ofThatTime = all.slice(0, before).filter(({ at }) => at === seen.at).length;
  return all.slice(before - Math.max(0, ofThatTime - seen.count));
}

/** Looks at `ticks` in their order, until one reaches the stop. */
export function watchTicks(terms: WatchedTerms, position: WatchPosition, ticks: readonly Tick[]): WatchStep {
  let current = position;
  for (const tick of ticks) {
    const { stopPrice, reachedBy } = watch(terms, current, tick);
    current = { ...(stopPrice !== undefined && { stopPrice }), seen: after(current.seen, tick.at) };
    if (reachedBy !== undefined) return { position: current, reached: { tick, price: reachedBy } };
  }
  return { position: current };
}

function after(seen: WatchPosition['seen'], at: string): { at: string; count: number } {
  return seen?.at === at ? { at, count: seen.count + 1 } : { at, count: 1 };
}

export interface SightingContext {
  stopPrice: Price;
  /** When these terms came into force, ISO 8601 UTC: what stood there before counts from then on. */
  since: string;
  /** The last that is known of the market. */
  latest: Tick;
  nowMs: number;
}

/** What the order is told of the tick that reached its stop. */
export function sightingOf(
  terms: WatchedTerms,
  reached: { tick: Tick; price: Price },
  { stopPrice, since, latest, nowMs }: SightingContext,
): TriggerSighting {
  const { tick, price } = reached;
  const happenedMs = Math.max(Date.parse(tick.at), Date.parse(since));
  const present = watchedPrice(terms.priceType, terms.side, latest);
  const isStillThere = present !== undefined && reaches(terms.type, terms.side, stopPrice, present);
  return {
    price,
    priceType: terms.priceType,
    stopPrice,
    seenAt: tick.at,
    ...(tick.marketTime !== undefined && { marketTime: tick.marketTime }),
    missed: nowMs - happenedMs > WATCHED_WITHIN_MS,
    basis: isStillThere ? 'present' : 'range',
  };
}
