import type { CivilDate } from '../calendar/civil-date';
import { versionFaults, type InstrumentFault } from './instrument-faults';
import {
  differences,
  FIRST_REVISION,
  inOrder,
  versionOn,
  type InstrumentVersion,
  type VersionedInstrument,
  type Withdrawal,
} from './instrument-versions';

/** An instrument has at most this many versions: a change a week for ten years. */
export const VERSIONS_MAX = 520;

/** What an instrument becomes, or every reason why not. `next` is `current` itself when nothing changes. */
export type InstrumentChange =
  { ok: true; next: VersionedInstrument } | { ok: false; faults: InstrumentFault[] };

/** What positions and accounts are counted in: another value would change what fills of the past are worth. */
const FIXED_FIELDS = ['currency', 'multiplier'] as const;

export const datePast = (path: InstrumentFault['path'], message: string): InstrumentFault => ({
  code: 'INSTRUMENT_DATE_PAST',
  path,
  message,
});
export const ruleFault = (path: InstrumentFault['path'], message: string): InstrumentFault => ({
  code: 'INSTRUMENT_RULES_INVALID',
  path,
  message,
});

/**
 * The instrument with one more version, which replaces one that begins on the same day. `today` is the day of its
 * listing. A version that exists ends where the new one begins, and does not come back when the new one ends. Refused
 * when it begins on a day that has begun and has rules already: orders were checked by them.
 */
export function putVersion(
  symbol: string,
  current: VersionedInstrument | undefined,
  version: InstrumentVersion,
  today: CivilDate,
): InstrumentChange {
  const faults = versionFaults(version);
  if (current === undefined) return faults.length > 0 ? { ok: false, faults } : created(symbol, [version]);
  const { effectiveFrom } = version;
  faults.push(...fixedFaults(current.versions[0], version));
  const first = versionOn(current, today) === undefined ? 'today' : 'tomorrow';
  if (effectiveFrom < today || (first === 'tomorrow' && effectiveFrom === today)) {
    const message = `has begun: the day of the listing is ${today}, and a version begins ${first} or later`;
    faults.push(datePast(['effectiveFrom'], message));
  }
  faults.push(...reachFaults(current, version));
  const versions = inOrder([...current.versions, version]);
  faults.push(...countFaults(versions));
  return faults.length > 0 ? { ok: false, faults } : withVersions(current, versions);
}

/** Sets or lifts the stop of all trading in the instrument; acts at once. */
export function setWithdrawn(
  current: VersionedInstrument,
  withdrawn: Withdrawal | undefined,
): VersionedInstrument {
  const { withdrawn: before, ...rest } = current;
  if ((before === undefined) === (withdrawn === undefined)) return current;
  const revision = current.revision + 1;
  return withdrawn === undefined ? { ...rest, revision } : { ...rest, revision, withdrawn };
}

/**
 * Ends the version that holds today, or else the last one, after `lastDay`; undefined keeps it until the next one.
 * Refused for a day that is over.
 */
export function setLastDay(
  current: VersionedInstrument,
  lastDay: CivilDate | undefined,
  today: CivilDate,
): InstrumentChange {
  const version = versionOn(current, today) ?? current.versions.at(-1);
  if (version === undefined) return { ok: true, next: current };
  const { effectiveTo: before, ...rules } = version;
  if ((before !== undefined && before < today) || (lastDay !== undefined && lastDay < today)) {
    const over = before !== undefined && before < today ? before : lastDay;
    return {
      ok: false,
      faults: [datePast(['effectiveTo'], `${over} is before ${today}, the day of the listing`)],
    };
  }
  const ended: InstrumentVersion = { ...rules, ...(lastDay !== undefined && { effectiveTo: lastDay }) };
  const faults = [...versionFaults(ended), ...reachFaults(current, ended)];
  if (faults.length > 0) return { ok: false, faults };
  return withVersions(current, inOrder([...current.versions, ended]));
}

/** The instrument with these versions; itself when they are the ones that it has. */
export function withVersions(
  current: VersionedInstrument,
  versions: readonly InstrumentVersion[],
): InstrumentChange {
  const isSame =
    versions.length === current.versions.length &&
    versions.every((version, index) => {
      const before = current.versions[index];
      return (
        before?.effectiveFrom === version.effectiveFrom &&
        before.effectiveTo === version.effectiveTo &&
        differences(before, version).length === 0
      );
    });
  return { ok: true, next: isSame ? current : { ...current, versions, revision: current.revision + 1 } };
}

export function created(symbol: string, versions: readonly InstrumentVersion[]): InstrumentChange {
  return { ok: true, next: { symbol, revision: FIRST_REVISION, versions } };
}

/** A version that says it lasts into the next one contradicts that one. */
function reachFaults({ versions }: VersionedInstrument, version: InstrumentVersion): InstrumentFault[] {
  const later = versions.find(({ effectiveFrom }) => effectiveFrom > version.effectiveFrom);
  if (later === undefined || (version.effectiveTo ?? '') < later.effectiveFrom) return [];
  return [ruleFault(['effectiveTo'], `reaches into the version from ${later.effectiveFrom}`)];
}

export function fixedFaults(
  first: InstrumentVersion | undefined,
  version: InstrumentVersion,
): InstrumentFault[] {
  if (first === undefined) return [];
  return FIXED_FIELDS.filter((field) => first[field] !== version[field]).map((field) =>
    ruleFault([field], `is ${first[field]} for the whole life of the instrument; take another symbol`),
  );
}

export function countFaults(versions: readonly InstrumentVersion[]): InstrumentFault[] {
  if (versions.length <= VERSIONS_MAX) return [];
  return [ruleFault([], `an instrument has at most ${VERSIONS_MAX} versions`)];
}
