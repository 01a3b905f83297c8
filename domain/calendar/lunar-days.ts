/**
 * Days of the Chinese calendar in the Gregorian one, as `MM-DD`: Lunar New Year (1/1), Birthday of the Buddha (4/8),
 * Tuen Ng (5/5), Mid-Autumn (8/15) and Chung Yeung (9/9). They follow the moon, so they are data and not a rule.
 * Source: Gregorian-lunar conversion tables of the Hong Kong Observatory.
 */
export interface LunarDays {
  newYear: string;
  buddha: string;
  tuenNg: string;
  midAutumn: string;
  chungYeung: string;
}

type Row = readonly [newYear: string, buddha: string, tuenNg: string, midAutumn: string, chungYeung: string];

const ROWS: Readonly<Record<number, Row>> = {
  2007: ['02-18', '05-24', '06-19', '09-25', '10-19'],
  2008: ['02-07', '05-12', '06-08', '09-14', '10-07'],
  2009: ['01-26', '05-02', '05-28', '10-03', '10-26'],
  2010: ['02-14', '05-21', '06-16', '09-22', '10-16'],
  2011: ['02-03', '05-10', '06-06', '09-12', '10-05'],
  2012: ['01-23', '04-28', '06-23', '09-30', '10-23'],
  2013: ['02-10', '05-17', '06-12', '09-19', '10-13'],
  2014: ['01-31', '05-06', '06-02', '09-08', '10-02'],
  2015: ['02-19', '05-25', '06-20', '09-27', '10-21'],
  2016: ['02-08', '05-14', '06-09', '09-15', '10-09'],
  2017: ['01-28', '05-03', '05-30', '10-04', '10-28'],
  2018: ['02-16', '05-22', '06-18', '09-24', '10-17'],
  2019: ['02-05', '05-12', '06-07', '09-13', '10-07'],
  2020: ['01-25', '04-30', '06-25', '10-01', '10-25'],
  2021: ['02-12', '05-19', '06-14', '09-21', '10-14'],
  2022: ['02-01', '05-08', '06-03', '09-10', '10-04'],
  2023: ['01-22', '05-26', '06-22', '09-29', '10-23'],
  2024: ['02-10', '05-15', '06-10', '09-17', '10-11'],
  2025: ['01-29', '05-05', '05-31', '10-06', '10-29'],
  2026: ['02-17', '05-24', '06-19', '09-25', '10-18'],
  2027: ['02-06', '05-13', '06-09', '09-15', '10-08'],
  2028: ['01-26', '05-02', '05-28', '10-03', '10-26'],
  2029: ['02-13', '05-20', '06-16', '09-22', '10-16'],
  2030: ['02-03', '05-09', '06-05', '09-12', '10-05'],
};

/** Throws RangeError for a year that the table does not cover. */
export function lunarDays(year: number): LunarDays {
  const row = ROWS[year];
  if (row === undefined) throw new RangeError(`the table of lunar days does not cover ${year}`);
  const [newYear, buddha, tuenNg, midAutumn, chungYeung] = row;
  return { newYear, buddha, tuenNg, midAutumn, chungYeung };
}
