/** A day of the Gregorian calendar without time or zone, `YYYY-MM-DD`. Such strings sort as the days do. */
export type CivilDate = string;

/** 0 is Sunday, as in Date.getUTCDay. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const SUNDAY = 0;
export const MONDAY = 1;
export const THURSDAY = 4;
export const FRIDAY = 5;
export const SATURDAY = 6;

const DAY_MS = 86_400_000;
const CIVIL_DATE_PATTERN = /^\d{4}-\d{2}-\d{2}$/;

/** True for a day that exists: 2025-02-29 does not. */
export function isCivilDate(text: string): boolean {
  if (!CIVIL_DATE_PATTERN.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The day; a day beyond the month runs over into the next months, as the rules of holidays need. */
export function civilDate(year: number, month: number, day: number): CivilDate {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

export function yearOf(date: CivilDate): number {
  return parseInt(date.slice(0, 4), 10);
}

export function addDays(date: CivilDate, days: number): CivilDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export function weekdayOf(date: CivilDate): Weekday {
  return new Date(`${date}T00:00:00Z`).getUTCDay() as Weekday;
}

export function isWeekend(date: CivilDate): boolean {
  const weekday = weekdayOf(date);
  return weekday === SATURDAY || weekday === SUNDAY;
}

/** The nth (1 is the first) such weekday of the month. */
export function nthWeekday(year: number, month: number, weekday: Weekday, n: number): CivilDate {
  const first = civilDate(year, month, 1);
  return addDays(first, ((weekday - weekdayOf(first) + 7) % 7) + (n - 1) * 7);
}

export function lastWeekday(year: number, month: number, weekday: Weekday): CivilDate {
  const last = civilDate(year, month + 1, 0);
  return addDays(last, -((weekdayOf(last) - weekday + 7) % 7));
}

/** Easter Sunday of the Western churches, by the anonymous Gregorian computus. */
export function easterSunday(year: number): CivilDate {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const leapSkips = century - Math.floor(century / 4);
  const moonShift = Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + leapSkips - moonShift + 15) % 30;
  const fullMoon =
    epact - Math.floor(epact / 28) * (1 - Math.floor(29 / (epact + 1)) * Math.floor((21 - golden) / 11));
  const weekday = (year + Math.floor(year / 4) + fullMoon + 2 - leapSkips) % 7;
  return civilDate(year, 3, 28 + fullMoon - weekday);
}

/** Every day from the first to the last of the year. */
export function daysOfYear(year: number): CivilDate[] {
  const days: CivilDate[] = [];
  for (let day = civilDate(year, 1, 1); yearOf(day) === year; day = addDays(day, 1)) days.push(day);
  return days;
}
