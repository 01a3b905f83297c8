import type { CivilDate } from '../calendar/civil-date';
import {
  countFaults,
  created,
  datePast,
  fixedFaults,
  ruleFault,
  withVersions,
  type InstrumentChange,
} from './change-instrument';
import { isInEffectOn } from './instrument';
import { versionFaults, type InstrumentFault } from './instrument-faults';
import {
  differences,
  inOrder,
  versionOn,
  type InstrumentVersion,
  type VersionedInstrument,
} from './instrument-versions';

/**
 * The instrument as a file states it. The versions of the file that have not begun take the place of those on record;
 * the one that holds today must be there as it is on record, and those that are over may be left out. Paths of faults
 * begin with the index of the version.
 */
export function mergeVersions(
  symbol: string,
  current: VersionedInstrument | undefined,
  given: readonly InstrumentVersion[],
  today: CivilDate,
): InstrumentChange {
  const first = current?.versions[0] ?? given[0];
  const faults: InstrumentFault[] = given.flatMap((version, index) =>
    [
      ...versionFaults(version),
      ...fixedFaults(first, version),
      ...overlapFaults(given, index),
      ...(current === undefined ? [] : rewriteFaults(current, version, today)),
    ].map((fault) => ({ ...fault, path: [index, ...fault.path] })),
  );
  const over = current?.versions.filter(({ effectiveTo = today }) => effectiveTo < today) ?? [];
  const versions = inOrder([...given, ...over]);
  faults.push(...countFaults(versions));
  const holding = current === undefined ? undefined : versionOn(current, today);
  if (holding !== undefined && !given.some(({ effectiveFrom }) => effectiveFrom === holding.effectiveFrom)) {
    const message = `the version from ${holding.effectiveFrom}, which holds today, is missing`;
    faults.push(ruleFault([], message));
  }
  if (faults.length > 0) return { ok: false, faults };
  return current === undefined ? created(symbol, versions) : withVersions(current, versions);
}

/** A version that has begun keeps its rules; only its end may still move, to a day that is not over. */
function rewriteFaults(
  current: VersionedInstrument,
  version: InstrumentVersion,
  today: CivilDate,
): InstrumentFault[] {
  const { effectiveFrom, effectiveTo } = version;
  const known = current.versions.find((candidate) => candidate.effectiveFrom === effectiveFrom);
  if (effectiveFrom > today) return [];
  if (known === undefined) {
    if (effectiveFrom === today && versionOn(current, today) === undefined) return [];
    const message = `${effectiveFrom} has begun (today is ${today}), and no version on record begins then`;
    return [datePast(['effectiveFrom'], message)];
  }
  const faults = differences(known, version).map((field) =>
    datePast([field], `differs from the rules on record since ${effectiveFrom}; change it from a later day`),
  );
  const isOver = known.effectiveTo !== undefined && known.effectiveTo < today;
  if (effectiveTo === undefined || effectiveTo === known.effectiveTo) return faults;
  if (isOver) {
    const message = `differs from the last day on record, ${known.effectiveTo}, which is over`;
    faults.push(datePast(['effectiveTo'], message));
  } else if (effectiveTo < today) {
    faults.push(datePast(['effectiveTo'], `is before ${today}, the day of the listing`));
  }
  return faults;
}

function overlapFaults(given: readonly InstrumentVersion[], index: number): InstrumentFault[] {
  const version = given[index];
  const overlapped = given.find(
    (other, place) =>
      version !== undefined &&
      ((other.effectiveFrom === version.effectiveFrom && place < index) ||
        (other.effectiveFrom > version.effectiveFrom &&
          version.effectiveTo !== undefined &&
          isInEffectOn(version, other.effectiveFrom))),
  );
  if (overlapped === undefined) return [];
  return [ruleFault(['effectiveFrom'], `overlaps the version from ${overlapped.effectiveFrom}`)];
}
