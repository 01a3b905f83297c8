import { addDays, type CivilDate } from '../calendar/civil-date';
import { zoneOf } from '../calendar/sessions';
import { dateIn, instantOf } from '../calendar/zone-time';

interface KnownDay {
  fromMs: number;
  untilMs: number;
  date: CivilDate;
}
/** The last answer by market: orders come in the order of time, and zone arithmetic is dear. */
const known = new Map<string, KnownDay>();

/**
 * The day that calendars show where the market `mic` is, at `instant` (ISO 8601 UTC). Instruments change at its
 * midnight. Throws RangeError for a market without a calendar.
 */
export function listingDayOf(mic: string, instant: string): CivilDate {
  const atMs = Date.parse(instant);
  const last = known.get(mic);
  if (last !== undefined && last.fromMs <= atMs && atMs < last.untilMs) return last.date;
  const date = dateIn(instant, zoneOf(mic));
  const untilMs = Date.parse(listingDayBegin(mic, addDays(date, 1)));
  known.set(mic, { fromMs: Date.parse(listingDayBegin(mic, date)), untilMs, date });
  return date;
}

/** The instant at which that day begins where the market is, ISO 8601 UTC. */
export function listingDayBegin(mic: string, date: CivilDate): string {
  return instantOf(date, '00:00', zoneOf(mic));
}
