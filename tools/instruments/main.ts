import { userInfo } from 'node:os';
import { basename, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { isCivilDate } from '../../domain/calendar/civil-date';
import { tickTableOf, type Instrument } from '../../domain/instrument/instrument';
import {
  instrumentAt,
  instrumentOn,
  type VersionedInstrument,
} from '../../domain/instrument/instrument-versions';
import type { Mongo } from '../../storage/mongo';
import { findInstrument, listInstrumentAudit, listInstruments } from '../../storage/queries/instruments';
import { withMongo } from '../support/with-mongo';
import { faultList, readInstrumentFile } from './instrument-file';
import { loadInstruments, loadText } from './load-instruments';

const HISTORY_LINES_MAX = 100;

interface LoadFlags {
  by?: string;
  reason?: string;
  dryRun?: boolean;
  json?: boolean;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function day(text: string): string {
  if (!isCivilDate(text)) throw new InvalidArgumentError('a day, YYYY-MM-DD');
  return text;
}

/** npm runs scripts in the package's folder and names the user's own folder in INIT_CWD. */
async function load(name: string, { by, reason, dryRun, json }: LoadFlags): Promise<void> {
  const file = resolve(process.env['INIT_CWD'] ?? process.cwd(), name);
  const stated = await readInstrumentFile(file);
  if (!stated.ok) return refuse(file, stated.faults);
  await withMongo(async ({ db }) => {
    const result = await loadInstruments(db, stated.instruments, {
      by: by ?? userInfo().username,
      reason: reason ?? `loaded from ${basename(file)}`,
      at: new Date().toISOString(),
      ...(dryRun === true && { dryRun }),
    });
    if (!result.ok) return refuse(file, result.faults);
    if (json === true) return print(JSON.stringify(result));
    print(`${dryRun === true ? 'Would be: ' : ''}${loadText(result)}.`);
  });
}

function refuse(file: string, faults: readonly string[]): void {
  process.stderr.write(`${faultList(file, faults)}\n`);
  process.exitCode = 1;
}

/** Lines of the same form for people and for `cut`. */
function instrumentLine(instrument: Instrument, revision: number): string {
  const { symbol, venue, listing, currency, lotSize, tradable, effectiveFrom, effectiveTo } = instrument;
  const ticks = tickTableOf(instrument).map(({ from, tickSize }) =>
    from === '0' ? tickSize : `${from}:${tickSize}`,
  );
  const state = tradable ? 'tradable' : 'not tradable';
  const days = `${effectiveFrom}..${effectiveTo ?? ''}`;
  return [
    symbol,
    venue,
    listing,
    currency,
    ticks.join(' '),
    lotSize,
    state,
    days,
    `revision ${revision}`,
  ].join('\t');
}

async function list(mongo: Mongo, { on, json }: { on?: string; json?: boolean }): Promise<void> {
  const now = new Date().toISOString();
  for (const versioned of await listInstruments(mongo.db)) {
    const instrument = on === undefined ? instrumentAt(versioned, now) : instrumentOn(versioned, on);
    if (instrument === undefined) continue;
    print(json === true ? JSON.stringify(instrument) : instrumentLine(instrument, versioned.revision));
  }
}

async function show(mongo: Mongo, symbol: string): Promise<void> {
  const found: VersionedInstrument | undefined = await findInstrument(mongo.db, symbol);
  if (found === undefined) throw new Error(`there is no instrument ${symbol}`);
  const history = await listInstrumentAudit(mongo.db, { symbol, limit: HISTORY_LINES_MAX });
  print(JSON.stringify({ ...found, history: history.items }, undefined, 2));
}

async function main(): Promise<void> {
  const program = new Command('instruments').description('Shows instruments, and loads them from a file');
  program
    .command('load')
    .description('brings the instruments on record to what a file states, all or none')
    .argument('<file>', 'JSON, as docs/instruments.md says')
    .option('--by <name>', 'who answers for it; you, when left out')
    .option('--reason <text>', 'why; the name of the file, when left out')
    .option('--dry-run', 'only say what would change')
    .option('--json', 'print one JSON object')
    .action(load);
  program
    .command('list')
    .description('lists instruments: symbol, venue, listing, currency, ticks, lot, state, days')
    .option('--on <day>', 'as they are on that day', day)
    .option('--json', 'print one JSON object a line')
    .action((options: { on?: string; json?: boolean }) => withMongo((mongo) => list(mongo, options)));
  program
    .command('show')
    .description('shows all versions of an instrument, and who changed it')
    .argument('<symbol>')
    .action((symbol: string) => withMongo((mongo) => show(mongo, symbol)));
  await program.parseAsync();
}

void main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
