import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from 'mongodb';
import type { InstrumentFault } from '../../domain/instrument/instrument-faults';
import { instrumentAt, type VersionedInstrument } from '../../domain/instrument/instrument-versions';
import { listingDayOf } from '../../domain/instrument/listing-day';
import { mergeVersions } from '../../domain/instrument/merge-versions';
import { listHalts } from '../../storage/queries/halts';
import {
  listInstruments,
  writeInstruments,
  type HaltWrite,
  type InstrumentWrite,
} from '../../storage/queries/instruments';
import { placeOf, type StatedInstrument } from './instrument-file';

export interface LoadOptions {
  by: string;
  reason: string;
  /** Business time, ISO 8601 UTC. */
  at: string;
  /** Says what would happen, and changes nothing. */
  dryRun?: boolean;
}

export type LoadResult =
  | { ok: true; created: string[]; changed: string[]; unchanged: string[]; halted: string[] }
  | { ok: false; faults: string[] };

const ATTEMPTS_MAX = 6;
/** The write that was faster takes a moment on a busy machine; the pauses double, to a second and a half in all. */
const PAUSE_MS_FIRST = 50;

/**
 * Brings the instruments on record to what a file states, all of them or none; loading again changes nothing. Throws
 * when others keep changing the same instruments, and when MongoDB cannot be reached.
 */
export async function loadInstruments(
  db: Db,
  stated: readonly StatedInstrument[],
  options: LoadOptions,
): Promise<LoadResult> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const known = new Map((await listInstruments(db)).map((instrument) => [instrument.symbol, instrument]));
    const planned = plan(known, stated, options);
    if (!planned.ok) return planned;
    const halted = new Set((await listHalts(db)).filter((halt) => halt.halted).map(({ _id }) => _id));
    const halts = haltsOf(stated, planned, halted, options);
    const { created, changed, unchanged } = planned;
    const result: LoadResult = {
      ok: true,
      created,
      changed,
      unchanged,
      halted: halts.map(({ halt }) => halt.id),
    };
    if (options.dryRun === true || planned.writes.length + halts.length === 0) return result;
    if ((await writeInstruments(db, planned.writes, halts)) === 'written') return result;
    if (attempt < ATTEMPTS_MAX) await pause(PAUSE_MS_FIRST * 2 ** (attempt - 1));
  }
  throw new Error('the instruments are being changed by others at the same time; load the file again');
}

interface Plan {
  ok: true;
  writes: InstrumentWrite[];
  next: Map<string, VersionedInstrument>;
  created: string[];
  changed: string[];
  unchanged: string[];
}

function plan(
  known: ReadonlyMap<string, VersionedInstrument>,
  stated: readonly StatedInstrument[],
  { by, reason, at }: LoadOptions,
): Plan | { ok: false; faults: string[] } {
  const planned: Plan = { ok: true, writes: [], next: new Map(), created: [], changed: [], unchanged: [] };
  const faults: string[] = [];
  stated.forEach(({ symbol, versions }, index) => {
    const current = known.get(symbol);
    const today =
      current === undefined ? at.slice(0, 10) : listingDayOf(instrumentAt(current, at).listing, at);
    const merged = mergeVersions(symbol, current, versions, today);
    if (!merged.ok) return void faults.push(...merged.faults.map((fault) => faultText(fault, index, symbol)));
    const { next } = merged;
    planned.next.set(symbol, next);
    if (next === current) return void planned.unchanged.push(symbol);
    if (current === undefined) planned.created.push(symbol);
    else planned.changed.push(symbol);
    planned.writes.push({
      ...(current !== undefined && { current }),
      next,
      change: 'loaded',
      by,
      reason,
      at,
    });
  });
  return faults.length > 0 ? { ok: false, faults } : planned;
}

function faultText({ path, message }: InstrumentFault, index: number, symbol: string): string {
  const place = path.length === 0 ? ['instruments', index] : ['instruments', index, 'versions', ...path];
  return `${placeOf(place, () => symbol)}: ${message}`;
}

/** A file only ever halts: what people halted at run time is not for a file to lift. */
function haltsOf(
  stated: readonly StatedInstrument[],
  { next }: Plan,
  halted: ReadonlySet<string>,
  { by, at }: LoadOptions,
): HaltWrite[] {
  return stated.flatMap(({ symbol, haltReason }): HaltWrite[] => {
    if (haltReason === undefined || halted.has(`symbol:${symbol}`)) return [];
    const halt = { scope: 'symbol', id: symbol, halted: true, by, reason: haltReason, at } as const;
    return [{ halt, revision: next.get(symbol)?.revision ?? 0 }];
  });
}

/** What a load did, in one line. */
export function loadText(result: Extract<LoadResult, { ok: true }>): string {
  const { created, changed, unchanged, halted } = result;
  const counts = [
    [created, 'new'],
    [changed, 'changed'],
    [unchanged, 'unchanged'],
    [halted, 'halted'],
  ] as const;
  return counts
    .filter(([symbols], index) => index < 3 || symbols.length > 0)
    .map(([symbols, word]) => `${symbols.length} ${word}`)
    .join(', ');
}
