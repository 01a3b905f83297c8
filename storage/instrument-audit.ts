import type { InstrumentVersion, Withdrawal } from '../domain/instrument/instrument-versions';

export const INSTRUMENT_CHANGE_KINDS = [
  'created',
  'versionPut',
  'flagsSet',
  'loaded',
  'halted',
  'resumed',
] as const;
export type InstrumentChangeKind = (typeof INSTRUMENT_CHANGE_KINDS)[number];

/** What an instrument was at one moment, as its audit trail keeps it. */
export interface InstrumentFacts {
  /** Absent where the change was one of the halt. */
  versions?: readonly InstrumentVersion[];
  withdrawn?: Withdrawal;
  /** Only where the change was one of the halt. */
  halted?: boolean;
}

/** One change of an instrument: who, when, why, and from what to what. `_id` is random. */
export interface InstrumentAuditRecord {
  _id: string;
  symbol: string;
  /** Revision that the change made; that of the instrument as it was, for a halt. */
  revision: number;
  at: string;
  by: string;
  change: InstrumentChangeKind;
  reason: string;
  /** Absent when the change made the instrument. */
  from?: InstrumentFacts;
  to: InstrumentFacts;
}
