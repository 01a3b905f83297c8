import { addDays, type CivilDate } from './civil-date';
import { dateIn, instantOf } from './zone-time';

/** The simulated venue: it trades round the clock, and its day is cut at five in the afternoon in New York. */
export const SIMULATED_MIC = 'XSIM';
export const SIMULATED_ZONE = 'America/New_York';
const DAY_END = '17:00';

/** When the venue's day of that date ends, ISO 8601 UTC; it began when the day before ended. */
export function simulatedDayEnd(date: CivilDate): string {
  return instantOf(date, DAY_END, SIMULATED_ZONE);
}

/** The venue's day that `instant` belongs to; the end of a day belongs to the next one. */
export function simulatedDateOf(instant: string): CivilDate {
  const date = dateIn(instant, SIMULATED_ZONE);
  return Date.parse(instant) < Date.parse(simulatedDayEnd(date)) ? date : addDays(date, 1);
}
