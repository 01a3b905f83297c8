import { nextSession, sessionOn, zoneOf, type Session } from './sessions';
import { SIMULATED_MIC, simulatedDateOf, simulatedDayEnd } from './simulated-venue-day';
import { dateIn } from './zone-time';

export type AuctionKind = 'open' | 'close';

/** An auction, and until when the venue takes orders for it. ISO 8601 UTC with milliseconds. */
export interface Auction {
  kind: AuctionKind;
  at: string;
  entryEndsAt: string;
}

interface CutOffs {
  openSeconds: number;
  closeSeconds: number;
}

/** The simulated venue opens its day with an auction this long after the one that closed the day before. */
const SIMULATED_OPEN_DELAY_MS = 60_000;
const SECOND_MS = 1_000;

/**
 * How long before each auction a venue stops to take orders for it. A market that is not here holds no auction that we
 * enter orders for. Sources: NYSE rule 7.35 (opening 09:28, closing ten minutes before the close), Nasdaq rules 4752
 * and 4754 (09:28, five minutes before the close); ours for the simulated venue.
 */
const CUT_OFFS: Readonly<Record<string, CutOffs>> = {
  XNYS: { openSeconds: 120, closeSeconds: 600 },
  XNAS: { openSeconds: 120, closeSeconds: 300 },
  [SIMULATED_MIC]: { openSeconds: 30, closeSeconds: 30 },
};

/**
 * The first auction after `instant` (ISO 8601 UTC), by the market's sessions in its own zone: early closes and changes
 * of clocks move it. Undefined where orders for auctions are not taken. Throws RangeError where the calendar ends.
 */
export function nextAuction(mic: string, kind: AuctionKind, instant: string): Auction | undefined {
  const cutOffs = CUT_OFFS[mic];
  if (cutOffs === undefined) return undefined;
  const afterMs = Date.parse(instant);
  const atMs = mic === SIMULATED_MIC ? simulatedAuction(kind, afterMs) : sessionAuction(mic, kind, instant);
  const cutOffMs = (kind === 'open' ? cutOffs.openSeconds : cutOffs.closeSeconds) * SECOND_MS;
  return { kind, at: isoOf(atMs), entryEndsAt: isoOf(atMs - cutOffMs) };
}

function simulatedAuction(kind: AuctionKind, afterMs: number): number {
  const delayMs = kind === 'open' ? SIMULATED_OPEN_DELAY_MS : 0;
  return Date.parse(simulatedDayEnd(simulatedDateOf(isoOf(afterMs - delayMs)))) + delayMs;
}

function sessionAuction(mic: string, kind: AuctionKind, instant: string): number {
  const atMs = ({ open, close }: Session): number => Date.parse(kind === 'open' ? open : close);
  const date = dateIn(instant, zoneOf(mic));
  const today = sessionOn(mic, date);
  if (today !== undefined && atMs(today) > Date.parse(instant)) return atMs(today);
  return atMs(nextSession(mic, date));
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
