import {
  addDays,
  civilDate,
  easterSunday,
  isWeekend,
  lastWeekday,
  MONDAY,
  nthWeekday,
  type CivilDate,
} from './civil-date';
import type { ExchangeRules } from './exchange-rules';

/** Bank holidays that were moved for the occasion, by the year in which they were. */
const EARLY_MAY_MOVED: Readonly<Record<number, CivilDate>> = { 2020: '2020-05-08' };
const SPRING_MOVED: Readonly<Record<number, CivilDate>> = { 2012: '2012-06-04', 2022: '2022-06-02' };

/** Each of `dates` in turn goes to the next weekday that is not taken yet. */
function onFreeWeekdays(dates: readonly CivilDate[]): CivilDate[] {
  const taken: CivilDate[] = [];
  for (const wanted of dates) {
    let date = wanted;
    while (isWeekend(date) || taken.includes(date)) date = addDays(date, 1);
    taken.push(date);
  }
  return taken;
}

function holidays(year: number): CivilDate[] {
  const easter = easterSunday(year);
  const christmas = civilDate(year, 12, 25);
  const boxingDay = civilDate(year, 12, 26);
  return [
    ...onFreeWeekdays([civilDate(year, 1, 1)]),
    addDays(easter, -2),
    addDays(easter, 1),
    EARLY_MAY_MOVED[year] ?? nthWeekday(year, 5, MONDAY, 1),
    SPRING_MOVED[year] ?? lastWeekday(year, 5, MONDAY),
    lastWeekday(year, 8, MONDAY),
    ...onFreeWeekdays([christmas, boxingDay]),
  ];
}

/** The last trading days before Christmas Day and before New Year's Day end at lunch. */
function earlyCloses(year: number, isTradingDay: (date: CivilDate) => boolean): CivilDate[] {
  return [civilDate(year, 12, 24), civilDate(year, 12, 31)].map((eve) => {
    let date = eve;
    while (!isTradingDay(date)) date = addDays(date, -1);
    return date;
  });
}

/** London Stock Exchange. Source: LSE business days; Banking and Financial Dealings Act 1971. */
export const LONDON_RULES: ExchangeRules = {
  mic: 'XLON',
  zone: 'Europe/London',
  hours: [{ from: '0000-01-01', open: '08:00', close: '16:30', earlyClose: '12:30' }],
  holidays,
  earlyCloses,
};
