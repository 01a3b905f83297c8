import { addDays } from './civil-date';
import { sessionOn, zoneOf } from './sessions';
import { dateIn } from './zone-time';

/** A venue whose sessions are guarded, and how widely. Minutes are from 0 to 720. */
export interface GuardedVenue {
  venue: string;
  /** Market whose calendar the venue keeps. */
  mic: string;
  /** True when the break of the day counts as session: orders rest in the book meanwhile. */
  guardBreaks: boolean;
  /** Margins for auctions and for what is booked after the close. */
  guardMinutesBeforeOpen: number;
  guardMinutesAfterClose: number;
}

/** A guarded venue that is in session, and when its guarded time ends (ISO 8601 UTC in whole seconds). */
export interface VenueInSession {
  venue: string;
  mic: string;
  closesAt: string;
}

export type GuardedHours = { open: true; venues: VenueInSession[]; nextWindowAt: string } | { open: false };

interface Interval {
  fromMs: number;
  untilMs: number;
}

const MINUTE_MS = 60_000;
/** With margins of twelve hours at most, only the days next to this one can reach into it. */
const NEIGHBOUR_DAYS = [-1, 0, 1];

/**
 * Which guarded venues are in session at `instant` (ISO 8601 UTC), and the first instant at which none is. An end
 * belongs to the window: at the very close the venue is no longer in session. Throws RangeError for a market without
 * a calendar, and where the calendars end.
 */
export function guardedHoursAt(venues: readonly GuardedVenue[], instant: string): GuardedHours {
  const inSession = venuesInSession(venues, Date.parse(instant));
  if (inSession.length === 0) return { open: false };
  return { open: true, venues: inSession, nextWindowAt: windowAfter(venues, inSession) };
}

/** Sessions overlap across zones, so the end of one is a window only when no other runs by then. */
function windowAfter(venues: readonly GuardedVenue[], inSession: readonly VenueInSession[]): string {
  let running = inSession;
  for (;;) {
    const lastClose = running.map(({ closesAt }) => closesAt).reduce((a, b) => (a > b ? a : b));
    running = venuesInSession(venues, Date.parse(lastClose));
    if (running.length === 0) return lastClose;
  }
}

function venuesInSession(venues: readonly GuardedVenue[], atMs: number): VenueInSession[] {
  return venues.flatMap((venue) => {
    const untilMs = guardedUntil(venue, atMs);
    if (untilMs === undefined) return [];
    return [{ venue: venue.venue, mic: venue.mic, closesAt: secondsOf(untilMs) }];
  });
}

/** When the guarded time that `atMs` lies in ends; undefined when it lies in none. */
function guardedUntil(venue: GuardedVenue, atMs: number): number | undefined {
  const date = dateIn(new Date(atMs).toISOString(), zoneOf(venue.mic));
  const intervals = NEIGHBOUR_DAYS.flatMap((days) => intervalsOn(venue, addDays(date, days)));
  const around = intervals.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
  return around.length === 0 ? undefined : Math.max(...around.map(({ untilMs }) => untilMs));
}

function intervalsOn(venue: GuardedVenue, date: string): Interval[] {
  const session = sessionOn(venue.mic, date);
  if (session === undefined) return [];
  const fromMs = Date.parse(session.open) - venue.guardMinutesBeforeOpen * MINUTE_MS;
  const untilMs = Date.parse(session.close) + venue.guardMinutesAfterClose * MINUTE_MS;
  const { breakStart, breakEnd } = session;
  if (venue.guardBreaks || breakStart === undefined || breakEnd === undefined) return [{ fromMs, untilMs }];
  return [
    { fromMs, untilMs: Date.parse(breakStart) },
    { fromMs: Date.parse(breakEnd), untilMs },
  ];
}

function secondsOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
