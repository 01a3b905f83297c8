import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import {
  addDays,
  daysOfYear,
  easterSunday,
  isCivilDate,
  lastWeekday,
  nthWeekday,
} from '../../../domain/calendar/civil-date';
import { CALENDAR_YEARS } from '../../../domain/calendar/exchange-rules';
import { ONE_OFF_CLOSURES } from '../../../domain/calendar/one-off-days';
import {
  CALENDAR_MICS,
  isHalfDay,
  isTradingDay,
  nextSession,
  previousSession,
  sessionOn,
  sessionsOfYear,
} from '../../../domain/calendar/sessions';

const ORACLE = resolve(__dirname, '../../../../shared/data/xnys-sessions.csv');
const EXCHANGES = CALENDAR_MICS.filter((mic) => mic !== 'XSIM');

/** Weekdays of a year on which the exchange is closed, as MM-DD: easy to hold against a published calendar. */
function closedWeekdays(mic: string, year: number): string {
  const open = new Set(sessionsOfYear(mic, year).map(({ date }) => date));
  return daysOfYear(year)
    .filter((date) => ![0, 6].includes(new Date(date).getUTCDay()) && !open.has(date))
    .map((date) => date.slice(5))
    .join(' ');
}

function halfDays(mic: string, year: number): string {
  return sessionsOfYear(mic, year)
    .filter(({ date }) => isHalfDay(mic, date))
    .map(({ date }) => date.slice(5))
    .join(' ');
}

describe('civil dates', () => {
  it('knows which days exist', () => {
    assert.equal(isCivilDate('2024-02-29'), true);
    for (const text of ['2025-02-29', '2025-13-01', '2025-1-01', 'closed', ''])
      assert.equal(isCivilDate(text), false);
  });

  it('counts days, weekdays of a month and Easter', () => {
    assert.equal(addDays('2024-12-31', 1), '2025-01-01');
    assert.equal(nthWeekday(2026, 11, 4, 4), '2026-11-26');
    assert.equal(lastWeekday(2026, 5, 1), '2026-05-25');
    assert.deepEqual([2008, 2011, 2019, 2025, 2030].map(easterSunday), [
      '2008-03-23',
      '2011-04-24',
      '2019-04-21',
      '2025-04-20',
      '2030-04-21',
    ]);
  });
});

describe('sessions of XNYS', () => {
  it('equals the independent answer for every session of its file, and has no other', function () {
    if (!existsSync(ORACLE)) {
      this.skip();
    }
    const rows: { date: string; open: string; close: string }[] = parse(readFileSync(ORACLE), {
      columns: true,
    });
    const last = rows.at(-1)?.date ?? '';
    const ours: { date: string; open: string; close: string }[] = [];
    for (let year = 2007; year <= parseInt(last.slice(0, 4), 10); year += 1) {
      ours.push(...sessionsOfYear('XNYS', year).filter(({ date }) => date <= last));
    }
    assert.equal(rows.length, 4037);
    assert.deepEqual(ours, rows);
  });

  it('closes for holidays, days of mourning and storms', () => {
    assert.equal(closedWeekdays('XNYS', 2007), '01-01 01-02 01-15 02-19 04-06 05-28 07-04 09-03 11-22 12-25');
    assert.equal(
      closedWeekdays('XNYS', 2012),
      '01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25',
    );
    assert.equal(
      closedWeekdays('XNYS', 2025),
      '01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25',
    );
    assert.equal(sessionOn('XNYS', '2018-12-05'), undefined);
  });

  it('stays open on the last day of a year before a Saturday’s New Year', () => {
    assert.equal(isTradingDay('XNYS', '2021-12-31'), true);
    assert.equal(closedWeekdays('XNYS', 2022), '01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26');
  });

  it('ends early before Independence Day and Christmas and after Thanksgiving', () => {
    assert.equal(halfDays('XNYS', 2024), '07-03 11-29 12-24');
    assert.equal(halfDays('XNYS', 2026), '11-27 12-24');
    assert.equal(sessionOn('XNYS', '2024-07-03')?.close, '2024-07-03T17:00:00Z');
  });

  it('follows daylight saving time', () => {
    assert.equal(sessionOn('XNYS', '2026-03-06')?.open, '2026-03-06T14:30:00Z');
    assert.equal(sessionOn('XNYS', '2026-03-09')?.open, '2026-03-09T13:30:00Z');
    assert.equal(sessionOn('XNYS', '2026-11-02')?.open, '2026-11-02T14:30:00Z');
  });

  it('is kept by XNAS as well', () => {
    for (const year of [2007, 2012, 2025])
      assert.deepEqual(sessionsOfYear('XNAS', year), sessionsOfYear('XNYS', year));
  });
});

describe('sessions of XLON', () => {
  it('closes on bank holidays, moved and royal ones', () => {
    assert.equal(closedWeekdays('XLON', 2011), '01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27');
    assert.equal(closedWeekdays('XLON', 2012), '01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26');
    assert.equal(closedWeekdays('XLON', 2020), '01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28');
    assert.equal(closedWeekdays('XLON', 2022), '01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27');
    assert.equal(closedWeekdays('XLON', 2023), '01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26');
  });

  it('ends at lunch on the last trading days before Christmas and New Year', () => {
    assert.equal(halfDays('XLON', 2022), '12-23 12-30');
    assert.equal(sessionOn('XLON', '2024-12-24')?.close, '2024-12-24T12:30:00Z');
  });

  it('follows British Summer Time', () => {
    assert.equal(sessionOn('XLON', '2026-03-27')?.close, '2026-03-27T16:30:00Z');
    assert.equal(sessionOn('XLON', '2026-03-30')?.close, '2026-03-30T15:30:00Z');
  });
});

describe('sessions of XTKS', () => {
  it('closes on national holidays, their substitutes and days between two of them', () => {
    assert.equal(
      closedWeekdays('XTKS', 2009),
      '01-01 01-02 01-12 02-11 03-20 04-29 05-04 05-05 05-06 07-20 09-21 09-22 09-23 10-12 11-03 11-23 12-23 12-31',
    );
    assert.equal(
      closedWeekdays('XTKS', 2019),
      '01-01 01-02 01-03 01-14 02-11 03-21 04-29 04-30 05-01 05-02 05-03 05-06 07-15 08-12 09-16 09-23 10-14 10-22 11-04 12-31',
    );
    assert.equal(
      closedWeekdays('XTKS', 2020),
      '01-01 01-02 01-03 01-13 02-11 02-24 03-20 04-29 05-04 05-05 05-06 07-23 07-24 08-10 09-21 09-22 10-01 11-03 11-23 12-31',
    );
  });

  it('changes its break and its close on their days', () => {
    assert.equal(sessionOn('XTKS', '2011-11-18')?.breakStart, '2011-11-18T02:00:00Z');
    assert.equal(sessionOn('XTKS', '2011-11-21')?.breakStart, '2011-11-21T02:30:00Z');
    assert.equal(sessionOn('XTKS', '2024-11-01')?.close, '2024-11-01T06:00:00Z');
    assert.equal(sessionOn('XTKS', '2024-11-05')?.close, '2024-11-05T06:30:00Z');
  });
});

describe('sessions of XHKG', () => {
  it('closes on general holidays by the moon, on substitutes and in typhoons', () => {
    assert.equal(
      closedWeekdays('XHKG', 2008),
      '01-01 02-07 02-08 03-21 03-24 04-04 05-01 05-12 06-09 07-01 08-06 08-22 09-15 10-01 10-07 12-25 12-26',
    );
    assert.equal(
      closedWeekdays('XHKG', 2015),
      '01-01 02-19 02-20 04-03 04-06 04-07 05-01 05-25 07-01 09-03 09-28 10-01 10-21 12-25',
    );
    assert.equal(
      closedWeekdays('XHKG', 2023),
      '01-02 01-23 01-24 01-25 04-05 04-07 04-10 05-01 05-26 06-22 07-17 09-01 09-08 10-02 10-23 12-25 12-26',
    );
    assert.equal(
      closedWeekdays('XHKG', 2026),
      '01-01 02-17 02-18 02-19 04-03 04-06 04-07 05-01 05-25 06-19 07-01 10-01 10-19 12-25',
    );
  });

  it('has a morning only on three eves, and then no break', () => {
    assert.equal(halfDays('XHKG', 2024), '02-09 12-24 12-31');
    assert.deepEqual(sessionOn('XHKG', '2024-12-24'), {
      date: '2024-12-24',
      open: '2024-12-24T01:30:00Z',
      close: '2024-12-24T04:00:00Z',
    });
    assert.equal(sessionOn('XHKG', '2008-02-06')?.close, '2008-02-06T04:30:00Z');
  });

  it('shortened its lunch in two steps', () => {
    const lunches = ['2011-03-04', '2011-03-07', '2012-03-02', '2012-03-05'].map((date) => {
      const { open, breakStart, breakEnd } = sessionOn('XHKG', date) ?? {};
      return [open, breakStart, breakEnd].map((instant) => instant?.slice(11, 16)).join(' ');
    });
    assert.deepEqual(lunches, [
      '02:00 04:30 06:30',
      '01:30 04:00 05:30',
      '01:30 04:00 05:30',
      '01:30 04:00 05:00',
    ]);
  });
});

describe('all calendars', () => {
  it('have well-formed sessions in every year', () => {
    for (const mic of CALENDAR_MICS) {
      let lastClose = '';
      for (let year = CALENDAR_YEARS.first; year <= CALENDAR_YEARS.last; year += 1) {
        for (const { open, close, breakStart, breakEnd } of sessionsOfYear(mic, year)) {
          const times = breakStart === undefined ? [open, close] : [open, breakStart, breakEnd ?? '', close];
          assert.deepEqual([...times].sort(), times, `${mic} ${open}`);
          assert.equal(new Set(times).size, times.length, `${mic} ${open}`);
          assert.ok(open >= lastClose, `${mic} ${open} begins before ${lastClose}`);
          assert.match(close, /^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/);
          lastClose = close;
        }
      }
    }
  }).timeout(60_000);

  it('list one-off closures in their order, on weekdays only', () => {
    for (const [mic, closures] of Object.entries(ONE_OFF_CLOSURES)) {
      const dates = closures.map(({ date }) => date);
      assert.deepEqual([...dates].sort(), dates, mic);
      for (const date of dates) {
        assert.equal(sessionOn(mic, date), undefined);
        assert.ok(![0, 6].includes(new Date(date).getUTCDay()), `${mic} ${date} is a weekend`);
      }
    }
  });

  it('lead from session to session, and say where they end', () => {
    for (const mic of EXCHANGES) {
      assert.deepEqual(
        nextSession(mic, '2026-01-01'),
        sessionOn(mic, mic === 'XTKS' ? '2026-01-05' : '2026-01-02'),
      );
    }
    assert.equal(previousSession('XNYS', '2025-01-10').date, '2025-01-08');
    assert.throws(() => nextSession('XNYS', '2030-12-31'), RangeError);
    assert.throws(() => sessionsOfYear('XNYS', 2006), RangeError);
    assert.throws(() => sessionOn('XPAR', '2026-01-02'), RangeError);
    assert.throws(() => sessionOn('XNYS', '2026-02-30'), RangeError);
  });

  it('let XSIM trade round the clock, every day of the week', () => {
    const days = sessionsOfYear('XSIM', 2026);
    assert.equal(days.length, 365);
    assert.ok(days.slice(1).every(({ open }, index) => open === days[index]?.close));
    assert.deepEqual(sessionOn('XSIM', '2026-03-08'), {
      date: '2026-03-08',
      open: '2026-03-07T22:00:00Z',
      close: '2026-03-08T21:00:00Z',
    });
  });
});
