import { isTradableOn, tickTableOf, type Instrument } from '../../domain/instrument/instrument';
import {
  instrumentAt,
  instrumentOn,
  type InstrumentVersion,
  type VersionedInstrument,
} from '../../domain/instrument/instrument-versions';
import { listingDayOf } from '../../domain/instrument/listing-day';
import { haltsOn } from '../../domain/risk/halts';
import type { InstrumentAudit } from '../../storage/queries/instruments';
import type { InstrumentFacts } from '../../storage/instrument-audit';
import type { Halt } from '../reads';

/** The rules with their table of ticks, which the API always shows in full. */
function withTicks<T extends Pick<InstrumentVersion, 'tickSize' | 'ticks'>>(rules: T): T {
  return { ...rules, ticks: tickTableOf(rules) };
}

function withHalts(
  instrument: Instrument,
  revision: number,
  halts: readonly Halt[],
): Record<string, unknown> {
  const { symbol, venue } = instrument;
  const inForce = halts.filter(({ halted, scope }) => halted && scope !== 'account');
  const [halt] = haltsOn(inForce, { account: '', venue, symbol });
  const reason = inForce.find(({ scope, id }) => scope === halt?.scope && id === halt.id)?.reason;
  return {
    ...withTicks(instrument),
    halted: halt !== undefined,
    ...(reason !== undefined && { haltReason: reason }),
    revision,
  };
}

/** An instrument as orders meet it at `now`; without rules for that day it is shown as not tradable. */
export function shownNow(
  versioned: VersionedInstrument,
  halts: readonly Halt[],
  now: string,
): Record<string, unknown> {
  const instrument = instrumentAt(versioned, now);
  const tradable = isTradableOn(instrument, listingDayOf(instrument.listing, now));
  return withHalts({ ...instrument, tradable }, versioned.revision, halts);
}

/** Those of `instruments` that have rules on that day, as they are then. Halts are those of now. */
export function shownOn(
  instruments: readonly VersionedInstrument[],
  halts: readonly Halt[],
  date: string,
): Record<string, unknown>[] {
  return instruments.flatMap((versioned) => {
    const instrument = instrumentOn(versioned, date);
    return instrument === undefined ? [] : [withHalts(instrument, versioned.revision, halts)];
  });
}

/** Everything about one instrument. */
export function shownInFull(
  versioned: VersionedInstrument,
  halts: readonly Halt[],
  now: string,
): Record<string, unknown> {
  return {
    instrument: shownNow(versioned, halts, now),
    versions: versioned.versions.map(withTicks),
    asOf: now,
  };
}

export function shownAudit({ from, to, ...audit }: InstrumentAudit): Record<string, unknown> {
  return { ...audit, ...(from !== undefined && { from: shownFacts(from) }), to: shownFacts(to) };
}

function shownFacts({ versions, ...rest }: InstrumentFacts): Record<string, unknown> {
  return { ...rest, ...(versions !== undefined && { versions: versions.map(withTicks) }) };
}
