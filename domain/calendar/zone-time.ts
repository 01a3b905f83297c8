import { Temporal } from '@js-temporal/polyfill';
import type { CivilDate } from './civil-date';

/** A local time of day, `HH:MM`. */
export type LocalTime = string;

/** The instant at which clocks in `zone` (an IANA name) show this, ISO 8601 UTC in whole seconds. */
export function instantOf(date: CivilDate, time: LocalTime, zone: string): string {
  const local = Temporal.PlainDateTime.from(`${date}T${time}`);
  return local.toZonedDateTime(zone).toInstant().toString({ smallestUnit: 'second' });
}

/** The day that calendars in `zone` show at this instant (ISO 8601 with an offset or Z). */
export function dateIn(instant: string, zone: string): CivilDate {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString();
}
