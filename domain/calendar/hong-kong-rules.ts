import { addDays, civilDate, easterSunday, SUNDAY, weekdayOf, type CivilDate } from './civil-date';
import { lunarDays } from './lunar-days';
import type { ExchangeRules } from './exchange-rules';

/** From this year on a Sunday among the days of Lunar New Year and Mid-Autumn is made good by a later weekday. */
const FIRST_YEAR_OF_LATER_SUBSTITUTES = 2012;

/** Ching Ming, the solar term at 15 degrees, by the usual approximation for this century. */
function chingMing(year: number): CivilDate {
  const years = year % 100;
  return civilDate(year, 4, Math.floor(years * 0.2422 + 4.81) - Math.floor(years / 4));
}

/** Holidays in their order before Sundays and collisions are resolved; Saturdays matter only for collisions. */
function statutoryDays(year: number): CivilDate[] {
  const easter = easterSunday(year);
  const lunar = lunarDays(year);
  const newYear = `${year}-${lunar.newYear}`;
  const festive = [
    newYear,
    addDays(newYear, 1),
    addDays(newYear, 2),
    addDays(`${year}-${lunar.midAutumn}`, 1),
  ];
  // Earlier law gave the day before instead, which for a Sunday is a Saturday without trading.
  const keptFestive = festive.filter(
    (date) => year >= FIRST_YEAR_OF_LATER_SUBSTITUTES || weekdayOf(date) !== SUNDAY,
  );
  return [
    civilDate(year, 1, 1),
    ...keptFestive,
    addDays(easter, -2),
    addDays(easter, -1),
    addDays(easter, 1),
    chingMing(year),
    civilDate(year, 5, 1),
    `${year}-${lunar.buddha}`,
    `${year}-${lunar.tuenNg}`,
    civilDate(year, 7, 1),
    civilDate(year, 10, 1),
    `${year}-${lunar.chungYeung}`,
    civilDate(year, 12, 25),
    civilDate(year, 12, 26),
  ].sort();
}

/** A holiday on Sunday, or on the day of another, is kept on the next day that is free (General Holidays Ordinance). */
function holidays(year: number): Set<CivilDate> {
  const kept = new Set<CivilDate>();
  for (const wanted of statutoryDays(year)) {
    let date = wanted;
    while (weekdayOf(date) === SUNDAY || kept.has(date)) date = addDays(date, 1);
    kept.add(date);
  }
  return kept;
}

/** The eves of Lunar New Year, Christmas and New Year have a morning only. */
function earlyCloses(year: number, isTradingDay: (date: CivilDate) => boolean): CivilDate[] {
  const lunarEve = addDays(`${year}-${lunarDays(year).newYear}`, -1);
  return [lunarEve, civilDate(year, 12, 24), civilDate(year, 12, 31)].filter(isTradingDay);
}

/** Stock Exchange of Hong Kong. Source: HKEX trading hours and calendar; General Holidays Ordinance (Cap. 149). */
export const HONG_KONG_RULES: ExchangeRules = {
  mic: 'XHKG',
  zone: 'Asia/Hong_Kong',
  hours: [
    {
      from: '0000-01-01',
      open: '10:00',
      breakStart: '12:30',
      breakEnd: '14:30',
      close: '16:00',
      earlyClose: '12:30',
    },
    {
      from: '2011-03-07',
      open: '09:30',
      breakStart: '12:00',
      breakEnd: '13:30',
      close: '16:00',
      earlyClose: '12:00',
    },
    {
      from: '2012-03-05',
      open: '09:30',
      breakStart: '12:00',
      breakEnd: '13:00',
      close: '16:00',
      earlyClose: '12:00',
    },
  ],
  holidays,
  earlyCloses,
};
