import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { symbolInput } from '../../api/http/common.schemas';
import {
  namesOneStep,
  ONE_STEP_MESSAGE,
  versionOf,
  versionShape,
} from '../../api/order-entry/instrument.schemas';
import { VERSIONS_MAX } from '../../domain/instrument/change-instrument';
import type { InstrumentVersion } from '../../domain/instrument/instrument-versions';

/** More would not fit into one transaction with some room to spare. */
const INSTRUMENTS_MAX = 5_000;
const REASON_CHARACTERS_MAX = 500;

const fileSchema = z.strictObject({
  instruments: z
    .array(
      z.strictObject({
        symbol: symbolInput,
        /** Halts the symbol, unless it is halted already; a file never lifts a halt. */
        haltReason: z.string().trim().min(1).max(REASON_CHARACTERS_MAX).optional(),
        versions: z
          .array(z.strictObject(versionShape).refine(namesOneStep, ONE_STEP_MESSAGE))
          .min(1, 'must have at least one version')
          .max(VERSIONS_MAX),
      }),
    )
    .max(INSTRUMENTS_MAX),
});

/** An instrument as a file states it. */
export interface StatedInstrument {
  symbol: string;
  haltReason?: string;
  versions: InstrumentVersion[];
}

export type InstrumentFile =
  | { ok: true; instruments: StatedInstrument[] }
  /** Every fault, with its place in the file. */
  | { ok: false; faults: string[] };

/** `instruments[2] (VOD) versions[0].lotSize`: where something is, for a person with an editor. */
export function placeOf(path: readonly PropertyKey[], symbolAt: (index: number) => unknown): string {
  let place = '';
  path.forEach((part, index) => {
    if (typeof part !== 'number') place += `${place === '' || place.endsWith(' ') ? '' : '.'}${String(part)}`;
    else place += `[${part}]`;
    const symbol = index === 1 && path[0] === 'instruments' ? symbolAt(Number(part)) : undefined;
    if (typeof symbol === 'string') place += ` (${symbol}) `;
  });
  return place.trim() === '' ? 'the file' : place.trim();
}

/** Checks the form of a file; whether its versions fit those on record is for the load to say. */
export function parseInstrumentFile(text: string): InstrumentFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (fault) {
    if (!(fault instanceof SyntaxError)) throw fault;
    return { ok: false, faults: [`the file is not JSON: ${fault.message}`] };
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) {
    const given = content as { instruments?: { symbol?: unknown }[] } | null;
    const symbolAt = (index: number): unknown => given?.instruments?.[index]?.symbol;
    return { ok: false, faults: parsed.error.issues.flatMap((issue) => faultTexts(issue, symbolAt)) };
  }
  const { instruments } = parsed.data;
  const repeated = instruments.filter(
    ({ symbol }, index) => instruments.findIndex((other) => other.symbol === symbol) !== index,
  );
  if (repeated.length > 0) {
    return { ok: false, faults: repeated.map(({ symbol }) => `${symbol} is in the file more than once`) };
  }
  return {
    ok: true,
    instruments: instruments.map(({ symbol, haltReason, versions }) => ({
      symbol,
      ...(haltReason !== undefined && { haltReason }),
      versions: versions.map(versionOf),
    })),
  };
}

function faultTexts(issue: z.core.$ZodIssue, symbolAt: (index: number) => unknown): string[] {
  if (issue.code !== 'unrecognized_keys') return [`${placeOf(issue.path, symbolAt)}: ${issue.message}`];
  return issue.keys.map((key) => `${placeOf([...issue.path, key], symbolAt)}: is not a known field`);
}

/** Throws when the file cannot be read. */
export async function readInstrumentFile(file: string): Promise<InstrumentFile> {
  return parseInstrumentFile(await readFile(file, 'utf8'));
}

/** All faults as one text, for a person. */
export function faultList(file: string, faults: readonly string[]): string {
  return [
    `${file} has ${faults.length} fault(s), and nothing was loaded:`,
    ...faults.map((fault) => `  - ${fault}`),
  ].join('\n');
}
