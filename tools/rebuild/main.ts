import { Client, Connection } from '@temporalio/client';
import { Command } from 'commander';
import type { Db } from 'mongodb';
import { loadConfig } from '../../config/config';
import { openMongo } from '../../storage/mongo';
import { findIdentityByOrderId } from '../../storage/queries/admissions';
import { connectionSettings, readRunDescription } from '../support/running-system';
import { compareViews, type Difference } from './compare-views';
import { expectedOrder, type ExpectedOrder } from './expected-order';
import { QueryWorkers } from './query-workers';
import { HistoryReader, type Histories } from './read-histories';
import { writeViews } from './write-views';

/** Views trail the histories of a system that trades; a difference counts when it stays. */
const LOOKS_MAX = 10;
const LOOK_PAUSE_MS = 1_000;
const DIFFERENCES_PRINTED_MAX = 200;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Orders whose identity is theirs: a run that met a used identity never traded and is in no view. */
async function ownOrders(db: Db, { orders }: Histories, faults: string[]): Promise<ExpectedOrder[]> {
  const expected: ExpectedOrder[] = [];
  for (const { workflowId, firstRunId, events } of orders) {
    const [first] = events;
    if (first === undefined) continue;
    const identity = await findIdentityByOrderId(db, first.orderId);
    if (identity !== undefined && identity.firstRunId !== firstRunId) continue;
    try {
      expected.push(expectedOrder(events));
    } catch (fault) {
      faults.push(`${workflowId}: ${(fault as Error).message}`);
    }
  }
  return expected;
}

interface Look {
  histories: Histories;
  orders: ExpectedOrder[];
  differences: Difference[];
  faults: string[];
}

async function look(db: Db, reader: HistoryReader): Promise<Look> {
  const histories = await reader.read();
  const faults = [...histories.faults];
  const orders = await ownOrders(db, histories, faults);
  return { histories, orders, faults, differences: await compareViews(db, orders, histories.since) };
}

async function lookUntilEqual(db: Db, reader: HistoryReader): Promise<Look> {
  for (let count = 1; ; count += 1) {
    const seen = await look(db, reader);
    const equal = seen.differences.length === 0 && seen.faults.length === 0;
    if (equal || count >= LOOKS_MAX) return seen;
    await new Promise((wake) => setTimeout(wake, LOOK_PAUSE_MS));
  }
}

function printHorizon({ histories, orders }: Look, retentionDays: number): void {
  const { since } = histories;
  say(`Temporal has ${orders.length} orders${since === undefined ? '' : `, the oldest of ${since}`}.`);
  say(`It keeps closed orders for ${retentionDays} days; views of older orders are left as they are.`);
}

function printDifferences({ differences, faults }: Look): void {
  for (const { collection: name, id, field, expected, actual } of differences.slice(
    0,
    DIFFERENCES_PRINTED_MAX,
  )) {
    const [wanted, found] = [expected, actual].map((value) => JSON.stringify(value) ?? 'absent');
    say(
      `DIFFERENT ${name} ${id}${field === '' ? '' : ` ${field}`}: histories say ${wanted}, the view has ${found}`,
    );
  }
  const unprinted = differences.length - DIFFERENCES_PRINTED_MAX;
  if (unprinted > 0) say(`… and ${unprinted} more`);
  for (const fault of faults) say(`FAULT ${fault}`);
  say(`${differences.length} differences, ${faults.length} histories unreadable`);
}

async function retentionDaysOf(connection: Connection, namespace: string): Promise<number> {
  const described = await connection.workflowService.describeNamespace({ namespace });
  const seconds = Number(described.config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  return Math.floor(seconds / 86_400);
}

async function main(): Promise<number> {
  const command = new Command('rebuild')
    .description('Rebuilds the views in MongoDB from the histories in Temporal. Needs a worker that runs.')
    .option('--check', 'only compare; exit 1 on any difference')
    .parse();
  const { check = false } = command.opts<{ check?: boolean }>();
  const config = loadConfig();
  const running = await readRunDescription(config.STEADFILL_HOME);
  const { address, namespace } = await connectionSettings();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const queryWorkers = new QueryWorkers({ client, address, namespace, config });
  const mongo = await openMongo({
    uri: running?.mongoUri ?? config.MONGODB_URI,
    database: config.MONGODB_DATABASE,
  });
  try {
    if (!mongo.ready()) throw new Error('MongoDB is not reachable');
    const reader = new HistoryReader(client, (runs) => queryWorkers.standIn(runs));
    let seen = check ? await lookUntilEqual(mongo.db, reader) : await look(mongo.db, reader);
    printHorizon(seen, await retentionDaysOf(connection, namespace));
    if (!check) {
      await writeViews(mongo.db, seen.orders);
      say(
        `Rebuilt the views of ${seen.orders.length} orders (${seen.differences.length} differences before).`,
      );
      seen = await lookUntilEqual(mongo.db, reader);
    }
    printDifferences(seen);
    return seen.differences.length > 0 || seen.faults.length > 0 ? 1 : 0;
  } finally {
    await queryWorkers.stop();
    await mongo.close();
    await connection.close();
  }
}

void main().then(
  (code) => {
    process.exitCode = code;
  },
  (fault: unknown) => {
    process.stderr.write(`${(fault as Error).message}\n`);
    process.exitCode = 1;
  },
);
