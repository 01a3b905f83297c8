import type { WireAuction, WireAuctionKind } from './protocol';

export interface AuctionTimes {
  /** When the day that an instant belongs to ends; both ISO 8601 UTC. */
  dayEndOf(instant: string): string;
  /** The opening auction of a day is held this long after the end of the day before. */
  openDelayMs: number;
  /** Entry ends this long before an auction. */
  cutOffMs: number;
}

/**
 * The next auction after an instant. The venue trades round the clock, so its day closes with an auction at the day's
 * end, and opens with one a little later.
 */
export function createAuctionTimes({
  dayEndOf,
  openDelayMs,
  cutOffMs,
}: AuctionTimes): (kind: WireAuctionKind, instant: string) => WireAuction {
  return (kind, instant) => {
    const delayMs = kind === 'open' ? openDelayMs : 0;
    const end = dayEndOf(new Date(Date.parse(instant) - delayMs).toISOString());
    const atMs = Date.parse(end) + delayMs;
    const at = new Date(atMs).toISOString();
    return { kind, at, entryEndsAt: new Date(atMs - cutOffMs).toISOString() };
  };
}
