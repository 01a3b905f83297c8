import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { addDays, daysOfYear, weekdayOf } from '../../../domain/calendar/civil-date';
import { CALENDAR_YEARS } from '../../../domain/calendar/exchange-rules';
import { isHalfDay, sessionsOfYear, type Session } from '../../../domain/calendar/sessions';

interface Row {
  mic: string;
  year: string;
  closedWeekdays: string;
  earlyCloses: string;
}
type Difference = { kind: 'closed' | 'early'; only: 'ours' | 'theirs'; days: readonly string[]; why: string };

// Goal: days and half days of every calendar, in every year, are those that others computed from other sources.
// Method: answers of exchange_calendars 4.13.2 (Apache-2.0), written down once; where we differ, we say why.
const ROWS: Row[] = parse(readFileSync(join(__dirname, 'independent-answers.csv')), { columns: true });

/** Everything in which we know better. A difference that is not here is a fault, and so is one that is gone. */
const DIFFERENCES: Readonly<Record<string, readonly Difference[]>> = {
  XHKG: [
    {
      kind: 'closed',
      only: 'ours',
      days: ['2023-09-01', '2023-09-08'],
      why: 'Typhoon Saola and the black rainstorm of September 2023 closed the exchange for the whole day',
    },
    {
      kind: 'closed',
      only: 'ours',
      days: ['2029-09-24'],
      why: 'a Sunday after Mid-Autumn is made good by law, as in 2022; theirs lists 2022 as an exception',
    },
    {
      kind: 'early',
      only: 'ours',
      days: ['2008-02-06', '2011-02-02'],
      why: 'the eve of Lunar New Year had a morning only before 2013 as well',
    },
  ],
};

function answers(mic: string, kind: Difference['kind']): string[] {
  const column = kind === 'closed' ? 'closedWeekdays' : 'earlyCloses';
  return ROWS.filter((row) => row.mic === mic).flatMap((row) =>
    row[column]
      .split(' ')
      .filter((day) => day !== '')
      .map((day) => `${row.year}-${day}`),
  );
}

function allSessions(mic: string): Session[] {
  const sessions: Session[] = [];
  for (let year = CALENDAR_YEARS.first; year <= CALENDAR_YEARS.last; year += 1)
    sessions.push(...sessionsOfYear(mic, year));
  return sessions;
}

function ours(mic: string, kind: Difference['kind']): string[] {
  const sessions = allSessions(mic).map(({ date }) => date);
  if (kind === 'early') return sessions.filter((date) => isHalfDay(mic, date));
  const open = new Set(sessions);
  const days: string[] = [];
  for (let year = CALENDAR_YEARS.first; year <= CALENDAR_YEARS.last; year += 1)
    days.push(...daysOfYear(year));
  return days.filter((date) => ![0, 6].includes(weekdayOf(date)) && !open.has(date));
}

function without(days: readonly string[], others: readonly string[]): string[] {
  return days.filter((day) => !others.includes(day));
}

describe('calendars beside independent answers', () => {
  for (const mic of ['XNYS', 'XNAS', 'XLON', 'XTKS', 'XHKG']) {
    for (const kind of ['closed', 'early'] as const) {
      it(`has the ${kind === 'closed' ? 'closed weekdays' : 'early closes'} of ${mic}, 2007 to 2030`, () => {
        const theirs = answers(mic === 'XNAS' ? 'XNYS' : mic, kind);
        const known = (only: Difference['only']): string[] =>
          (DIFFERENCES[mic] ?? [])
            .filter((difference) => difference.kind === kind && difference.only === only)
            .flatMap(({ days }) => days);
        const own = ours(mic, kind);
        assert.deepEqual(without(own, theirs), known('ours'));
        assert.deepEqual(without(theirs, own), known('theirs'));
      });
    }
  }

  it('names a year of each exchange for every year that calendars cover', () => {
    assert.equal(ROWS.length, 4 * (CALENDAR_YEARS.last - CALENDAR_YEARS.first + 1));
  });
});

describe('hours of each exchange', () => {
  /** Offset of the zone's clocks from UTC in hours, by the rule of the law and not by the zone database. */
  const isBetween = (date: string, from: string, until: string): boolean => from <= date && date < until;
  const nthSunday = (year: string, month: string, n: number): string => {
    let day = `${year}-${month}-01`;
    while (weekdayOf(day) !== 0) day = addDays(day, 1);
    return addDays(day, (n - 1) * 7);
  };
  const lastSunday = (year: string, month: string): string => {
    const fifth = nthSunday(year, month, 5);
    return fifth.startsWith(`${year}-${month}`) ? fifth : addDays(fifth, -7);
  };
  const OFFSETS: Readonly<Record<string, (date: string) => number>> = {
    XNYS: (date) => {
      const year = date.slice(0, 4);
      return isBetween(date, nthSunday(year, '03', 2), nthSunday(year, '11', 1)) ? -4 : -5;
    },
    XLON: (date) => {
      const year = date.slice(0, 4);
      return isBetween(date, lastSunday(year, '03'), lastSunday(year, '10')) ? 1 : 0;
    },
    XTKS: () => 9,
    XHKG: () => 8,
  };
  const local = (instant: string | undefined, offset: number): string =>
    instant === undefined
      ? ''
      : new Date(Date.parse(instant) + offset * 3_600_000).toISOString().slice(11, 16);

  const kindsOfDay = (mic: string): Map<string, { first: string; last: string; count: number }> => {
    const kinds = new Map<string, { first: string; last: string; count: number }>();
    for (const { date, open, close, breakStart, breakEnd } of allSessions(mic)) {
      const offset = OFFSETS[mic]?.(date) ?? 0;
      const hours = [open, breakStart, breakEnd, close].map((instant) => local(instant, offset)).join(' ');
      const { first = date, count = 0 } = kinds.get(hours) ?? {};
      kinds.set(hours, { first, last: date, count: count + 1 });
    }
    return kinds;
  };
  const spans = (mic: string): string[] =>
    [...kindsOfDay(mic)].map(([hours, { first, last }]) => `${hours} ${first} ${last}`).sort();

  it('are the same by the clock all the years in New York and London', () => {
    assert.deepEqual(spans('XNYS'), [
      '09:30   13:00 2007-07-03 2030-12-24',
      '09:30   16:00 2007-01-03 2030-12-31',
    ]);
    assert.deepEqual(spans('XLON'), [
      '08:00   12:30 2007-12-24 2030-12-31',
      '08:00   16:30 2007-01-02 2030-12-30',
    ]);
  });

  it('changed twice in Tokyo and twice in Hong Kong', () => {
    assert.deepEqual(spans('XTKS'), [
      '09:00 11:00 12:30 15:00 2007-01-04 2011-11-18',
      '09:00 11:30 12:30 15:00 2011-11-21 2024-11-01',
      '09:00 11:30 12:30 15:30 2024-11-05 2030-12-30',
    ]);
    assert.deepEqual(spans('XHKG'), [
      '09:30   12:00 2012-12-24 2030-12-31',
      '09:30 12:00 13:00 16:00 2012-03-05 2030-12-30',
      '09:30 12:00 13:30 16:00 2011-03-07 2012-03-02',
      '10:00   12:30 2007-12-24 2011-02-02',
      '10:00 12:30 14:30 16:00 2007-01-02 2011-03-04',
    ]);
  });
});
