import { addDays, type CivilDate } from '../calendar/civil-date';
import { isInEffectOn, type Instrument } from './instrument';
import { listingDayOf } from './listing-day';

/** The rules of an instrument between two days of its listing. */
export type InstrumentVersion = Omit<Instrument, 'symbol' | 'notTradableReason'>;

/** A person's stop of all trading in an instrument, whatever its versions say, until a person lifts it. */
export interface Withdrawal {
  by: string;
  reason: string;
  /** ISO 8601 UTC. */
  at: string;
}

/** An instrument through time. */
export interface VersionedInstrument {
  symbol: string;
  /** Grows by one with every change, so that nobody overwrites what he has not seen. */
  revision: number;
  /** In the order of their days, without overlap. On a day that no version holds, nothing is traded. */
  versions: readonly InstrumentVersion[];
  withdrawn?: Withdrawal;
}

/** Revision of an instrument that was seeded, or written before there were versions. */
export const FIRST_REVISION = 1;

/** The version that holds on that day of the listing; undefined in a gap. */
export function versionOn(
  { versions }: Pick<VersionedInstrument, 'versions'>,
  date: CivilDate,
): InstrumentVersion | undefined {
  return versions.find((version) => isInEffectOn(version, date));
}

/**
 * The version that holds at `instant` (ISO 8601 UTC), each version by the day of its own listing; undefined in a gap.
 * Where an instrument moves to a listing in another zone, the later version wins while both hold.
 */
export function versionAt(
  { versions }: Pick<VersionedInstrument, 'versions'>,
  instant: string,
): InstrumentVersion | undefined {
  return versions.findLast((version) => isInEffectOn(version, listingDayOf(version.listing, instant)));
}

/** In a gap the rules to come, and after the end the last ones: what to say about a day without rules. */
function besideGap({ versions }: VersionedInstrument, isToCome: (version: InstrumentVersion) => boolean) {
  return versions.find(isToCome) ?? versions.at(-1);
}

function asInstrument({ symbol, withdrawn }: VersionedInstrument, version: InstrumentVersion): Instrument {
  if (withdrawn === undefined) return { symbol, ...version };
  return { symbol, ...version, tradable: false, notTradableReason: withdrawn.reason };
}

/**
 * The instrument as orders meet it at `instant`. In a gap these are the rules that come next, or the last ones, and
 * their own dates say that they do not hold. Throws RangeError without a version.
 */
export function instrumentAt(instrument: VersionedInstrument, instant: string): Instrument {
  const version =
    versionAt(instrument, instant) ??
    besideGap(instrument, ({ listing, effectiveFrom }) => listingDayOf(listing, instant) < effectiveFrom);
  if (version === undefined) throw new RangeError(`${instrument.symbol} has no version`);
  return asInstrument(instrument, version);
}

/** The instrument as it is on that day of its listing; undefined in a gap. */
export function instrumentOn(instrument: VersionedInstrument, date: CivilDate): Instrument | undefined {
  const version = versionOn(instrument, date);
  return version === undefined ? undefined : asInstrument(instrument, version);
}

/**
 * `versions` in the order of their days, each ending before the next one begins where it does not end earlier. Where two
 * begin on the same day the later in the list stands.
 */
export function inOrder(versions: readonly InstrumentVersion[]): InstrumentVersion[] {
  const byDay = new Map(versions.map((version) => [version.effectiveFrom, version]));
  const sorted = [...byDay.values()].sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1));
  return sorted.map((version, index) => {
    const next = sorted[index + 1];
    if (next === undefined) return version;
    const lastDay = addDays(next.effectiveFrom, -1);
    const { effectiveTo } = version;
    return {
      ...version,
      effectiveTo: effectiveTo !== undefined && effectiveTo < lastDay ? effectiveTo : lastDay,
    };
  });
}

/** Fields in which the rules of two versions differ, apart from their days. */
export function differences(a: InstrumentVersion, b: InstrumentVersion): string[] {
  const fields = new Set([...Object.keys(a), ...Object.keys(b)] as (keyof InstrumentVersion)[]);
  const valueOf = (version: InstrumentVersion, field: keyof InstrumentVersion): unknown =>
    field === 'ticks'
      ? version.ticks?.map(({ from, tickSize }) => `${from}:${tickSize}`).join()
      : version[field];
  return [...fields].filter(
    (field) =>
      field !== 'effectiveFrom' && field !== 'effectiveTo' && valueOf(a, field) !== valueOf(b, field),
  );
}
