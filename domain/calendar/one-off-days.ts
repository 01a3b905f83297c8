import type { CivilDate } from './civil-date';

/** Grows with every change of the table below, so that a record can say which one it was made with. */
export const ONE_OFF_DAYS_VERSION = 1;

export interface OneOffDay {
  date: CivilDate;
  why: string;
}

/**
 * Full days on which an exchange did not trade although its rules said it would. Late openings and interruptions
 * within a day are not here: the calendar states scheduled sessions. From 2024-09-23 Hong Kong trades through
 * typhoons and black rain. Sources: the notices of each exchange (NYSE, LSE, JPX, HKEX).
 */
export const ONE_OFF_CLOSURES: Readonly<Record<string, readonly OneOffDay[]>> = {
  XNYS: [
    { date: '2007-01-02', why: 'Day of mourning for President Ford' },
    { date: '2012-10-29', why: 'Hurricane Sandy' },
    { date: '2012-10-30', why: 'Hurricane Sandy' },
    { date: '2018-12-05', why: 'Day of mourning for President G. H. W. Bush' },
    { date: '2025-01-09', why: 'Day of mourning for President Carter' },
  ],
  XLON: [
    { date: '2011-04-29', why: 'Royal wedding' },
    { date: '2012-06-05', why: 'Diamond Jubilee of Queen Elizabeth II' },
    { date: '2022-06-03', why: 'Platinum Jubilee of Queen Elizabeth II' },
    { date: '2022-09-19', why: 'State funeral of Queen Elizabeth II' },
    { date: '2023-05-08', why: 'Coronation of King Charles III' },
  ],
  XTKS: [{ date: '2020-10-01', why: 'Failure of the trading system' }],
  XHKG: [
    { date: '2008-08-06', why: 'Typhoon Kammuri' },
    { date: '2008-08-22', why: 'Typhoon Nuri' },
    { date: '2011-09-29', why: 'Typhoon Nesat' },
    { date: '2013-08-14', why: 'Typhoon Utor' },
    { date: '2015-09-03', why: '70th anniversary of the end of the war' },
    { date: '2016-08-02', why: 'Typhoon Nida' },
    { date: '2016-10-21', why: 'Typhoon Haima' },
    { date: '2017-08-23', why: 'Typhoon Hato' },
    { date: '2020-10-13', why: 'Typhoon Nangka' },
    { date: '2021-10-13', why: 'Typhoon Kompasu' },
    { date: '2023-07-17', why: 'Typhoon Talim' },
    { date: '2023-09-01', why: 'Typhoon Saola' },
    { date: '2023-09-08', why: 'Black rainstorm' },
    { date: '2024-09-06', why: 'Typhoon Yagi' },
  ],
};
