import { Client, Connection } from '@temporalio/client';
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig, type Config } from '../../config/config';
import { openMongo } from '../../storage/mongo';
import { connectionSettings, readRunDescription } from '../support/running-system';
import { MIGRATIONS, type Migration } from './migrations';
import { oldWriters } from './old-writers';
import {
  migrationStatus,
  runPhase,
  type MigrationPhase,
  type MigrationStatus,
  type PhaseOptions,
} from './run-phase';
import type { Db } from 'mongodb';

const BATCH_DEFAULT = 500;
const PAUSE_MS_DEFAULT = 20;

interface Options {
  migration?: string;
  batch: number;
  pauseMs: number;
  dryRun?: boolean;
  json?: boolean;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('a whole number from 0');
  return value;
}

function chosen({ migration }: Options): readonly Migration[] {
  if (migration === undefined) return MIGRATIONS;
  const found = MIGRATIONS.filter(({ id }) => id === migration || id.startsWith(`${migration}-`));
  if (found.length === 0) throw new Error(`no migration is called ${migration}`);
  return found;
}

async function withDatabase<T>(config: Config, work: (db: Db) => Promise<T>): Promise<T> {
  const running = process.env['MONGODB_URI'] === undefined ? await readRunDescription() : undefined;
  const uri = running?.mongoUri ?? config.MONGODB_URI;
  const mongo = await openMongo({ uri, database: config.MONGODB_DATABASE });
  try {
    if (!mongo.ready()) throw new Error('MongoDB is not reachable; is the system running?');
    return await work(mongo.db);
  } finally {
    await mongo.close();
  }
}

/** Only contracting asks Temporal, so that the other phases need MongoDB alone. */
async function askOldWriters(config: Config, viewVersion: number): Promise<string[]> {
  const { address, namespace } = await connectionSettings();
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    const deploymentName = config.STEADFILL_DEPLOYMENT_NAME;
    return await oldWriters({ client, namespace, deploymentName, home: config.STEADFILL_HOME }, viewVersion);
  } finally {
    await connection.close();
  }
}

async function run(phase: MigrationPhase | 'status', options: Options): Promise<void> {
  const config = loadConfig();
  const phaseOptions: PhaseOptions = {
    batchSize: Math.max(1, options.batch),
    pauseMs: options.pauseMs,
    dryRun: options.dryRun === true,
    nowMs: () => Date.now(),
    say: (line) => void process.stderr.write(`${line}\n`),
    oldWriters: (viewVersion) => askOldWriters(config, viewVersion),
  };
  const all = await withDatabase(config, async (db) => {
    const found: MigrationStatus[] = [];
    for (const migration of chosen(options)) {
      found.push(
        phase === 'status'
          ? await migrationStatus(db, migration)
          : await runPhase(db, migration, phase, phaseOptions),
      );
    }
    return found;
  });
  for (const status of all) print(status, options.json === true);
}

function print(status: MigrationStatus, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify(status)}\n`);
  const { id, title, phase, changed, remaining } = status;
  const left = Object.entries(remaining).map(([name, count]) => `${count} of ${name}`);
  process.stdout.write(
    `${id}: ${phase}; ${changed} documents raised; behind: ${left.join(', ')}\n  ${title}\n`,
  );
}

function command(): Command {
  const program = new Command('migrate').description('Changes stored data around a ramp, in phases.');
  const phases: [MigrationPhase | 'status', string][] = [
    ['status', 'how far each migration is, and what is behind'],
    ['expand', 'before the ramp: adds what the new build needs and the old one does not mind'],
    ['backfill', 'during the ramp: raises old documents while both builds write; again after it'],
    ['contract', 'after the ramp, once older builds are drained: no build below can run again'],
  ];
  for (const [phase, what] of phases) {
    program
      .command(phase)
      .description(what)
      .option('--migration <id>', 'only this one, by its id or number')
      .option('--batch <n>', 'documents in one write', wholeNumber, BATCH_DEFAULT)
      .option('--pause-ms <n>', 'milliseconds between two writes', wholeNumber, PAUSE_MS_DEFAULT)
      .option('--dry-run', 'say what would be done')
      .option('--json', 'one JSON object for each migration')
      .action((options: Options) => run(phase, options));
  }
  return program;
}

void command()
  .parseAsync()
  .catch((fault: unknown) => {
    process.stderr.write(`migrate: ${(fault as Error).message}\n`);
    process.exitCode = 1;
  });
