import { isCivilDate } from '../calendar/civil-date';
import { CALENDAR_MICS, hasCalendar } from '../calendar/sessions';
import { compare, digitsOf, isMultipleOf, isPositive, isZero, ZERO, type Decimal } from '../money/decimal';
import { tickTableOf } from './instrument';
import {
  finestTick,
  nearestValidPrices,
  nearestValidQuantities,
  type NearestValues,
  type TickTable,
} from './valid-values';
import type { ErrorCode } from '../errors/error-codes';
import type { InstrumentVersion } from './instrument-versions';

/** Why a change of an instrument is refused; `path` leads to the place in what was given. */
export interface InstrumentFault {
  code: ErrorCode;
  path: readonly (string | number)[];
  message: string;
}

const invalid = (path: InstrumentFault['path'], message: string): InstrumentFault => ({
  code: 'INSTRUMENT_RULES_INVALID',
  path,
  message,
});

/** Every contradiction within the rules of one version, in the order of the form. */
export function versionFaults(version: InstrumentVersion): InstrumentFault[] {
  const { listing, venue, currency, lotSize, multiplier, quantityMin } = version;
  const faults: InstrumentFault[] = [...dateFaults(version)];
  for (const [field, mic] of Object.entries({ listing, venue })) {
    if (!hasCalendar(mic)) {
      faults.push(invalid([field], `${mic} is not a market with a calendar: ${CALENDAR_MICS.join(', ')}`));
    }
  }
  if (!/^[A-Z]{3}$/.test(currency)) faults.push(invalid(['currency'], 'must be three capital letters'));
  for (const [field, value] of Object.entries({ lotSize, multiplier, quantityMin })) {
    if (!isPositive(value)) faults.push(invalid([field], 'must be above zero'));
  }
  const ticks = tickTableFaults(tickTableOf(version), version.ticks === undefined ? ['tickSize'] : ['ticks']);
  faults.push(...ticks, ...boundFaults(version));
  return faults.length > 0 ? faults : [...emptyFaults(version), ...exactnessFaults(version)];
}

function dateFaults({ effectiveFrom, effectiveTo }: InstrumentVersion): InstrumentFault[] {
  const faults: InstrumentFault[] = [];
  for (const [field, date] of Object.entries({ effectiveFrom, effectiveTo })) {
    if (date !== undefined && !isCivilDate(date)) faults.push(invalid([field], 'must be a day, YYYY-MM-DD'));
  }
  if (faults.length === 0 && effectiveTo !== undefined && effectiveTo < effectiveFrom) {
    faults.push(invalid(['effectiveTo'], `is before effectiveFrom ${effectiveFrom}`));
  }
  return faults;
}

/** Contradictions in a table of ticks: bands begin at 0, ascend, and begin at a valid price of their own. */
export function tickTableFaults(table: TickTable, path: InstrumentFault['path']): InstrumentFault[] {
  if (table.length === 0) return [invalid(path, 'must have at least one band')];
  const faults: InstrumentFault[] = [];
  table.forEach(({ from, tickSize }, index) => {
    const at = (field: string): InstrumentFault['path'] =>
      path[0] === 'ticks' ? [...path, index, field] : path;
    const before = table[index - 1];
    if (before === undefined && !isZero(from)) faults.push(invalid(at('from'), 'the first band begins at 0'));
    if (before !== undefined && compare(from, before.from) <= 0) {
      faults.push(invalid(at('from'), `must be above ${before.from}, where the band before begins`));
    }
    if (compare(tickSize, ZERO) < 0) faults.push(invalid(at('tickSize'), 'must not be negative'));
    if (isZero(tickSize) && table.length > 1) {
      faults.push(invalid(at('tickSize'), 'must be above zero where there are several bands'));
    } else if (!isMultipleOf(from, tickSize)) {
      faults.push(invalid(at('from'), `must be a multiple of its own tick size ${tickSize}`));
    }
  });
  return faults;
}

function boundFaults(version: InstrumentVersion): InstrumentFault[] {
  const { priceMin, priceMax, quantityMin, quantityMax, notionalMin = ZERO, notionalMax } = version;
  const pairs: [string, Decimal, Decimal | undefined][] = [
    ['priceMax', priceMin, priceMax],
    ['quantityMax', quantityMin, quantityMax],
    ['notionalMax', notionalMin, notionalMax],
  ];
  const faults = pairs.flatMap(([field, min, max]) =>
    max !== undefined && compare(max, min) < 0 ? [invalid([field], `is below its minimum ${min}`)] : [],
  );
  if (compare(notionalMin, ZERO) < 0) faults.push(invalid(['notionalMin'], 'must not be negative'));
  return faults;
}

/** Digits that the value of one order may have: a stored amount has at most 30, and the sum of many needs some more. */
const VALUE_DIGITS_MAX = 27;

/** Price, quantity and multiplier of every valid order can be multiplied and stored without rounding. */
function exactnessFaults(version: InstrumentVersion): InstrumentFault[] {
  const { priceMin, priceMax, quantityMax, lotSize, multiplier } = version;
  const table = tickTableOf(version);
  const whole = (value: Decimal): number => digitsOf(value).whole;
  const places = (value: Decimal): number => digitsOf(value).places;
  const steps = [finestTick(table), ...table.map(({ tickSize }) => tickSize)];
  const ofPrice = Math.max(whole(priceMin), whole(priceMax)) + Math.max(...steps.map(places));
  const ofQuantity = whole(quantityMax) + places(lotSize);
  const digits = ofPrice + ofQuantity + whole(multiplier) + places(multiplier);
  if (digits <= VALUE_DIGITS_MAX) return [];
  const message =
    `the value of an order could have ${digits} digits, of which ${VALUE_DIGITS_MAX} can be kept exactly: ` +
    'lower priceMax, quantityMax or the places of tick, lot and multiplier';
  return [invalid([], message)];
}

/** Bounds between which no step lies allow nothing: a typing error. */
function emptyFaults(version: InstrumentVersion): InstrumentFault[] {
  const { priceMin, priceMax, quantityMin, quantityMax, lotSize } = version;
  const isNone = ({ below, above }: NearestValues): boolean => below === undefined && above === undefined;
  const prices = nearestValidPrices(priceMin, tickTableOf(version), { min: priceMin, max: priceMax });
  const quantities = nearestValidQuantities(quantityMin, lotSize, { min: quantityMin, max: quantityMax });
  return [
    ...(isNone(prices) ? [invalid(['priceMin'], 'no price between the bounds is on a tick')] : []),
    ...(isNone(quantities) ? [invalid(['quantityMin'], 'no quantity between the bounds is on a lot')] : []),
  ];
}
