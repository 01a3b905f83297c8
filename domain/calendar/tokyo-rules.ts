import { addDays, civilDate, MONDAY, nthWeekday, SUNDAY, weekdayOf, type CivilDate } from './civil-date';
import type { ExchangeRules } from './exchange-rules';

const EQUINOX_EPOCH = 1980;

/** Equinox days in Japan by the formulas of the National Astronomical Observatory's tables, good from 1980 to 2099. */
function equinoxDay(year: number, base: number): number {
  const years = year - EQUINOX_EPOCH;
  return Math.floor(base + 0.242194 * years - Math.floor(years / 4));
}

/** Marine, Sports and Mountain Day were moved round the Olympic Games. */
const MOVED_FOR_GAMES: Readonly<
  Record<number, { marine: CivilDate; sports: CivilDate; mountain: CivilDate }>
> = {
  2020: { marine: '2020-07-23', sports: '2020-07-24', mountain: '2020-08-10' },
  2021: { marine: '2021-07-22', sports: '2021-07-23', mountain: '2021-08-08' },
};
const FIRST_MOUNTAIN_DAY = 2016;
/** Days of the accession and enthronement of the Emperor. */
const ENTHRONEMENT: Readonly<Record<number, readonly CivilDate[]>> = { 2019: ['2019-05-01', '2019-10-22'] };

/** There was none in 2019, between the birthdays of two emperors. */
function emperorsBirthday(year: number): CivilDate[] {
  if (year <= 2018) return [civilDate(year, 12, 23)];
  return year >= 2020 ? [civilDate(year, 2, 23)] : [];
}

function nationalHolidays(year: number): Set<CivilDate> {
  const moved = MOVED_FOR_GAMES[year];
  return new Set([
    civilDate(year, 1, 1),
    nthWeekday(year, 1, MONDAY, 2),
    civilDate(year, 2, 11),
    ...emperorsBirthday(year),
    civilDate(year, 3, equinoxDay(year, 20.8431)),
    civilDate(year, 4, 29),
    civilDate(year, 5, 3),
    civilDate(year, 5, 4),
    civilDate(year, 5, 5),
    moved?.marine ?? nthWeekday(year, 7, MONDAY, 3),
    ...(year >= FIRST_MOUNTAIN_DAY ? [moved?.mountain ?? civilDate(year, 8, 11)] : []),
    nthWeekday(year, 9, MONDAY, 3),
    civilDate(year, 9, equinoxDay(year, 23.2488)),
    moved?.sports ?? nthWeekday(year, 10, MONDAY, 2),
    civilDate(year, 11, 3),
    civilDate(year, 11, 23),
    ...(ENTHRONEMENT[year] ?? []),
  ]);
}

/** A holiday on Sunday moves to the next day that is none; a day between two holidays is one too (Act, article 3). */
function withSubstitutes(national: ReadonlySet<CivilDate>): CivilDate[] {
  const all = new Set(national);
  for (const holiday of national) {
    if (weekdayOf(holiday) === SUNDAY) {
      let substitute = addDays(holiday, 1);
      while (national.has(substitute)) substitute = addDays(substitute, 1);
      all.add(substitute);
    }
    const between = addDays(holiday, 1);
    if (national.has(addDays(holiday, 2))) all.add(between);
  }
  return [...all];
}

function holidays(year: number): CivilDate[] {
  const exchangeHolidays = [civilDate(year, 1, 2), civilDate(year, 1, 3), civilDate(year, 12, 31)];
  return [...exchangeHolidays, ...withSubstitutes(nationalHolidays(year))];
}

/**
 * Tokyo Stock Exchange. The close since 2024-11-05 is 15:30, of which the last five minutes lead to the closing
 * auction. Source: JPX trading hours and calendar; Act on National Holidays of Japan.
 */
export const TOKYO_RULES: ExchangeRules = {
  mic: 'XTKS',
  zone: 'Asia/Tokyo',
  hours: [
    {
      from: '0000-01-01',
      open: '09:00',
      breakStart: '11:00',
      breakEnd: '12:30',
      close: '15:00',
      earlyClose: '11:00',
    },
    {
      from: '2011-11-21',
      open: '09:00',
      breakStart: '11:30',
      breakEnd: '12:30',
      close: '15:00',
      earlyClose: '11:30',
    },
    {
      from: '2024-11-05',
      open: '09:00',
      breakStart: '11:30',
      breakEnd: '12:30',
      close: '15:30',
      earlyClose: '11:30',
    },
  ],
  holidays,
  earlyCloses: () => [],
};
