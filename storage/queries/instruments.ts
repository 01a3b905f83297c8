import { randomUUID } from 'node:crypto';
import type { ClientSession, Db, Document, Filter } from 'mongodb';
import {
  FIRST_REVISION,
  instrumentAt,
  type InstrumentVersion,
  type VersionedInstrument,
} from '../../domain/instrument/instrument-versions';
import { collection, type HaltDoc, type InstrumentRecord } from '../collections';
import { fromStored, fromStoredExactly, toStored, type Stored } from '../decimal128';
import type { InstrumentAuditRecord, InstrumentChangeKind, InstrumentFacts } from '../instrument-audit';
import { inTransaction, isConflict, isDuplicateKey, STALE } from '../transaction';
import { writeAll, type Write } from '../write-all';
import { WRITE_GUARDED } from '../write-concern';
import { haltDocOf, setHalt, type HaltChange } from './halts';
import { afterCursor, pageLimit, toPage, type Page, type PageRequest } from './page';

/** An instrument as its record says, also one from before there were versions. */
export function versionedOf(record: InstrumentRecord): VersionedInstrument {
  const { _id: symbol, revision = FIRST_REVISION, versions, withdrawn, ...rules } = record;
  const known: readonly InstrumentVersion[] = versions ?? [rules];
  return { symbol, revision, versions: known, ...(withdrawn !== undefined && { withdrawn }) };
}

/** The record of an instrument. `at` (ISO 8601 UTC) says which rules builds see that do not know versions. */
export function recordOf(instrument: VersionedInstrument, at: string): InstrumentRecord {
  const { symbol, revision, versions, withdrawn } = instrument;
  const { symbol: _symbol, notTradableReason: _reason, ...rules } = instrumentAt(instrument, at);
  return { _id: symbol, ...rules, revision, versions, ...(withdrawn !== undefined && { withdrawn }) };
}

export async function findInstrument(db: Db, symbol: string): Promise<VersionedInstrument | undefined> {
  const stored = await collection<InstrumentRecord>(db, 'instruments').findOne({ _id: symbol });
  return stored === null ? undefined : versionedOf(fromStoredExactly<InstrumentRecord>(stored));
}

/** Every instrument, by symbol, to be looked at: one that was written by hand must not hide the others. */
export async function listInstruments(db: Db): Promise<VersionedInstrument[]> {
  const rows = await collection<InstrumentRecord>(db, 'instruments').find().sort({ _id: 1 }).toArray();
  return rows.map((row) => versionedOf(fromStored<InstrumentRecord>(row)));
}

/** One change, as it is to be written: what was read, what it becomes, and the halt that goes with it. */
export interface InstrumentWrite {
  /** Absent when the instrument is new. */
  current?: VersionedInstrument;
  next: VersionedInstrument;
  change: InstrumentChangeKind;
  by: string;
  reason: string;
  /** ISO 8601 UTC. */
  at: string;
}

/**
 * Writes changes and halts with their audit trail, all or nothing. Answers `stale`, with nothing written, when an
 * instrument is no longer what it was when it was read.
 */
export async function writeInstruments(
  db: Db,
  changes: readonly InstrumentWrite[],
  halts: readonly HaltWrite[] = [],
): Promise<'written' | 'stale'> {
  const writes = [
    ...changes.flatMap(({ current, ...change }): Write[] => [
      recordWrite(current, change),
      auditWrite(auditOf(current, change)),
    ]),
    ...halts.map(({ halt, revision }) => auditWrite(haltAuditOf(halt, revision))),
  ];
  try {
    const done = await inTransaction(db, WRITE_GUARDED, async (session) => {
      for (const { halt } of halts) await replaceHalt(db, session, halt);
      return await writeAll(db, session, writes);
    });
    return done === STALE ? 'stale' : 'written';
  } catch (fault) {
    if (isConflict(fault) || isDuplicateKey(fault)) return 'stale';
    throw fault;
  }
}

/** A halt of one symbol; `revision` is that of the instrument, 0 when there is none of that name. */
export interface HaltWrite {
  halt: HaltChange;
  revision: number;
}

const HALT_ATTEMPTS_MAX = 10;

/**
 * Sets a halt; one of a symbol leaves a line in the audit trail of the instrument as well. Throws when it could not be
 * written, and then nothing was.
 */
export async function setHaltOnRecord(db: Db, halt: HaltChange): Promise<void> {
  if (halt.scope !== 'symbol') return void (await setHalt(db, halt));
  const revision = (await findInstrument(db, halt.id))?.revision ?? 0;
  for (let attempt = 1; attempt <= HALT_ATTEMPTS_MAX; attempt += 1) {
    if ((await writeInstruments(db, [], [{ halt, revision }])) === 'written') return;
  }
  throw new Error(`the halt of ${halt.id} met other writes ${HALT_ATTEMPTS_MAX} times`);
}

async function replaceHalt(db: Db, session: ClientSession, halt: HaltChange): Promise<void> {
  const document = haltDocOf(halt);
  await collection<HaltDoc>(db, 'halts').replaceOne({ _id: document._id }, document, {
    upsert: true,
    session,
  });
}

function recordWrite(
  current: VersionedInstrument | undefined,
  { next, at }: Omit<InstrumentWrite, 'current'>,
): Write {
  const document = toStored(recordOf(next, at)) as Document & { _id: string };
  if (current === undefined) return { kind: 'insert', into: 'instruments', document };
  // A record from before there were revisions has none, which matches null.
  const revision = current.revision === FIRST_REVISION ? { $in: [FIRST_REVISION, null] } : current.revision;
  return { kind: 'replace', into: 'instruments', filter: { _id: next.symbol, revision }, document };
}

function auditWrite(record: InstrumentAuditRecord): Write {
  return {
    kind: 'insert',
    into: 'instrumentAudit',
    document: toStored(record) as Document & { _id: string },
  };
}

function auditOf(
  current: VersionedInstrument | undefined,
  { next, ...rest }: Omit<InstrumentWrite, 'current'>,
): InstrumentAuditRecord {
  const { symbol, revision } = next;
  const from = current === undefined ? {} : { from: factsOf(current) };
  return { _id: randomUUID(), symbol, revision, ...rest, ...from, to: factsOf(next) };
}

function haltAuditOf({ id, halted, by, reason, at }: HaltChange, revision: number): InstrumentAuditRecord {
  const change = halted ? 'halted' : 'resumed';
  return { _id: randomUUID(), symbol: id, revision, at, by, change, reason, to: { halted } };
}

function factsOf({ versions, withdrawn }: VersionedInstrument): InstrumentFacts {
  return { versions, ...(withdrawn !== undefined && { withdrawn }) };
}

export type InstrumentAudit = Omit<InstrumentAuditRecord, '_id'>;

/** What was done to an instrument, newest first. Throws InvalidCursorError. */
export async function listInstrumentAudit(
  db: Db,
  { symbol, ...page }: PageRequest & { symbol: string },
): Promise<Page<InstrumentAudit>> {
  const limit = pageLimit(page);
  const condition = { symbol, ...afterCursor('at', -1, page.cursor) } as Filter<
    Stored<InstrumentAuditRecord> & { _id: string }
  >;
  const rows = await collection<InstrumentAuditRecord>(db, 'instrumentAudit')
    .find(condition)
    .sort({ at: -1, _id: -1 })
    .limit(limit + 1)
    .toArray();
  return toPage(
    rows,
    limit,
    ({ at, _id }) => [at, _id],
    (row) => {
      const { _id, ...audit } = fromStored<InstrumentAuditRecord>(row);
      void _id;
      return audit;
    },
  );
}
