import {
  addDays,
  civilDate,
  easterSunday,
  lastWeekday,
  MONDAY,
  nthWeekday,
  SATURDAY,
  SUNDAY,
  THURSDAY,
  weekdayOf,
  type CivilDate,
} from './civil-date';
import type { ExchangeRules } from './exchange-rules';

const NEW_YORK = 'America/New_York';
const FIRST_JUNETEENTH = 2022;

/** A holiday on Saturday is kept on Friday and one on Sunday on Monday (NYSE rule 7.2). */
function observed(date: CivilDate): CivilDate {
  const weekday = weekdayOf(date);
  if (weekday === SATURDAY) return addDays(date, -1);
  return weekday === SUNDAY ? addDays(date, 1) : date;
}

export function thanksgiving(year: number): CivilDate {
  return nthWeekday(year, 11, THURSDAY, 4);
}

function holidays(year: number): CivilDate[] {
  const newYear = civilDate(year, 1, 1);
  return [
    // The Friday before a Saturday's New Year ends an accounting year, and rule 7.2 keeps it open.
    weekdayOf(newYear) === SATURDAY ? newYear : observed(newYear),
    nthWeekday(year, 1, MONDAY, 3),
    nthWeekday(year, 2, MONDAY, 3),
    addDays(easterSunday(year), -2),
    lastWeekday(year, 5, MONDAY),
    ...(year >= FIRST_JUNETEENTH ? [observed(civilDate(year, 6, 19))] : []),
    observed(civilDate(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    thanksgiving(year),
    observed(civilDate(year, 12, 25)),
  ];
}

/** The days before Independence Day and Christmas when they are traded, and the day after Thanksgiving. */
function earlyCloses(year: number, isTradingDay: (date: CivilDate) => boolean): CivilDate[] {
  const candidates = [civilDate(year, 7, 3), addDays(thanksgiving(year), 1), civilDate(year, 12, 24)];
  return candidates.filter(isTradingDay);
}

/** New York Stock Exchange and Nasdaq keep the same days and hours. Source: NYSE rule 7.2, NYSE holidays and hours. */
export function unitedStatesRules(mic: 'XNYS' | 'XNAS'): ExchangeRules {
  return {
    mic,
    zone: NEW_YORK,
    hours: [{ from: '0000-01-01', open: '09:30', close: '16:00', earlyClose: '13:00' }],
    holidays,
    earlyCloses,
  };
}

/**
 * Days on which stock exchanges trade but the Federal Reserve's banks, and with them settlement, are closed: Columbus
 * Day and Veterans Day. One that falls on Saturday is not moved; on Sunday it is kept on Monday. Source: Federal
 * Reserve holiday schedule; FINRA's trade date and settlement date schedules.
 */
export function unitedStatesBankHolidays(year: number): CivilDate[] {
  const veterans = civilDate(year, 11, 11);
  return [nthWeekday(year, 10, MONDAY, 2), weekdayOf(veterans) === SUNDAY ? addDays(veterans, 1) : veterans];
}
