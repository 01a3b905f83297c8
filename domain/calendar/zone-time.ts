import { Temporal } from '@js-temporal/polyfill';
import { addDays, type CivilDate } from './civil-date';

/** A local time of day, `HH:MM`. */
export type LocalTime = string;

/** Offsets at midnight by zone and day: they are facts, and asking for them is dear. */
const offsets = new Map<string, number>();

function offsetAtMidnightMs(date: CivilDate, zone: string): number {
  const key = `${zone} ${date}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const midnight = Temporal.PlainDate.from(date).toZonedDateTime(zone);
  const offsetMs = midnight.offsetNanoseconds / 1_000_000;
  offsets.set(key, offsetMs);
  return offsetMs;
}

/** The instant at which clocks in `zone` (an IANA name) show this, ISO 8601 UTC in whole seconds. */
export function instantOf(date: CivilDate, time: LocalTime, zone: string): string {
  const offsetMs = offsetAtMidnightMs(date, zone);
  if (offsetMs === offsetAtMidnightMs(addDays(date, 1), zone)) {
    // Clocks do not change on that day, so its offset holds for every time of it.
    return `${new Date(Date.parse(`${date}T${time}:00Z`) - offsetMs).toISOString().slice(0, 19)}Z`;
  }
  const local = Temporal.PlainDateTime.from(`${date}T${time}`);
  return local.toZonedDateTime(zone).toInstant().toString({ smallestUnit: 'second' });
}

/** The day that calendars in `zone` show at this instant (ISO 8601 with an offset or Z). */
export function dateIn(instant: string, zone: string): CivilDate {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString();
}
