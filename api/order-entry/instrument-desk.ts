import type { z } from 'zod';
import {
  putVersion,
  setLastDay,
  setWithdrawn,
  type InstrumentChange,
} from '../../domain/instrument/change-instrument';
import type { InstrumentFault } from '../../domain/instrument/instrument-faults';
import {
  instrumentAt,
  versionAt,
  type VersionedInstrument,
} from '../../domain/instrument/instrument-versions';
import { listingDayOf } from '../../domain/instrument/listing-day';
import type { HaltWrite, InstrumentWrite } from '../../storage/queries/instruments';
import type { Principal } from '../auth/permissions';
import { problem, type Problem } from '../http/problem';
import { answer, type Reply } from '../http/route';
import { jsonPointer } from '../http/validation';
import type { Halt, Reads } from '../reads';
import { shownInFull } from './instrument-view';
import { versionOf, type putVersionBody, type setFlagsBody } from './instrument.schemas';

type PutBody = z.output<typeof putVersionBody>;
type FlagsBody = z.output<typeof setFlagsBody>;

/** Who changes what, and when by the business clock (ISO 8601 UTC). */
export interface ChangeContext {
  reads: Reads;
  symbol: string;
  principal: Principal;
  now: string;
}

interface Known {
  current: VersionedInstrument | undefined;
  halts: Halt[];
}

const UNREADABLE = { detail: 'Instruments cannot be read or changed at the moment; nothing was changed.' };
const UNCERTAIN = { detail: 'The change may not be in force; read the instrument, and repeat it if not.' };

/** Puts a version on record. Answers 201 for a new instrument. */
export async function putInstrumentVersion(context: ChangeContext, body: PutBody): Promise<Reply> {
  const { symbol, now } = context;
  const known = await readKnown(context);
  if ('kind' in known) return known;
  const { current } = known;
  const stale = staleProblem(current, body.expectedRevision);
  if (stale !== undefined) return stale;
  const change = putVersion(symbol, current, versionOf(body), todayOf(current, now));
  if (!change.ok) return refused(change.faults);
  const kind = current === undefined ? 'created' : 'versionPut';
  return await written(context, known, { next: change.next, change: kind, reason: body.reason });
}

/** Sets flags and the last day at once, whatever of them is named. */
export async function setInstrumentFlags(context: ChangeContext, body: FlagsBody): Promise<Reply> {
  const { symbol, principal, now } = context;
  const { tradable, halted, effectiveTo, reason } = body;
  const known = await readKnown(context);
  if ('kind' in known) return known;
  const { current } = known;
  if (current === undefined) return problem('NOT_FOUND', { detail: `There is no instrument ${symbol}.` });
  const stale = staleProblem(current, body.expectedRevision ?? current.revision);
  if (stale !== undefined) return stale;
  const ended = endedAt(current, effectiveTo, now);
  if (!ended.ok) return refused(ended.faults);
  const by = principal.name;
  const withdrawn = tradable === false ? { by, reason, at: now } : undefined;
  const changed = tradable === undefined ? ended.next : setWithdrawn(ended.next, withdrawn);
  if (tradable === true && versionAt(changed, now)?.tradable === false) {
    const { effectiveFrom } = instrumentAt(changed, now);
    const message = `is false in the version from ${effectiveFrom}; put a version that is tradable`;
    return refused([{ code: 'INSTRUMENT_RULES_INVALID', path: ['tradable'], message }]);
  }
  const next = changed === current ? current : { ...changed, revision: current.revision + 1 };
  const halt: HaltWrite[] =
    halted === undefined
      ? []
      : [{ halt: { scope: 'symbol', id: symbol, halted, by, reason, at: now }, revision: next.revision }];
  return await written(context, known, { next, change: 'flagsSet', reason }, halt);
}

function endedAt(
  current: VersionedInstrument,
  effectiveTo: string | null | undefined,
  now: string,
): InstrumentChange {
  if (effectiveTo === undefined) return { ok: true, next: current };
  return setLastDay(current, effectiveTo ?? undefined, todayOf(current, now));
}

/** The day where the instrument is listed; one that is new has no past, so any day will do. */
function todayOf(current: VersionedInstrument | undefined, now: string): string {
  return current === undefined ? now.slice(0, 10) : listingDayOf(instrumentAt(current, now).listing, now);
}

async function readKnown({ reads, symbol }: ChangeContext): Promise<Known | Problem> {
  const found = await reads.orUnavailable(async () => ({
    current: await reads.findInstrument(symbol),
    halts: await reads.listHalts(),
  }));
  return found.ok ? found.value : problem('SERVICE_UNAVAILABLE', UNREADABLE);
}

function staleProblem(current: VersionedInstrument | undefined, expected: number): Problem | undefined {
  const revision = current?.revision ?? 0;
  if (revision === expected) return undefined;
  const message = `The instrument has revision ${revision}.`;
  const errors = [
    { pointer: '/expectedRevision', code: 'INSTRUMENT_CHANGED', message, limit: String(revision) },
  ];
  return problem('INSTRUMENT_CHANGED', { detail: message, errors });
}

function refused(faults: readonly InstrumentFault[]): Problem {
  const errors = faults.map(({ code, path, message }) => ({ pointer: jsonPointer(path), code, message }));
  const [first] = faults;
  if (first === undefined) throw new Error('a change is refused for a reason');
  return problem(first.code, { status: 422, errors, detail: `${first.path.join('.')} ${first.message}.` });
}

async function written(
  { reads, principal, now }: ChangeContext,
  { current, halts }: Known,
  { next, change, reason }: Pick<InstrumentWrite, 'next' | 'change' | 'reason'>,
  halting: HaltWrite[] = [],
): Promise<Reply> {
  const status = current === undefined ? 201 : 200;
  const write = {
    ...(current !== undefined && { current }),
    next,
    change,
    reason,
    by: principal.name,
    at: now,
  };
  const changes = next === current ? [] : [write];
  if (changes.length + halting.length > 0) {
    const done = await reads.orUnavailable(() => reads.writeInstruments(changes, halting));
    if (!done.ok) return problem('SERVICE_UNAVAILABLE', UNCERTAIN);
    if (done.value === 'stale') return problem('INSTRUMENT_CHANGED');
  }
  const isOther = ({ scope, id }: Halt): boolean => scope !== 'symbol' || id !== next.symbol;
  const shown = halting.length === 0 ? halts : [...halts.filter(isOther), ...halting.map(({ halt }) => halt)];
  return answer(status, shownInFull(next, shown, now));
}
