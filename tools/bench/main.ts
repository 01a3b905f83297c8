import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Command } from 'commander';
import { MongoClient } from 'mongodb';
import { workflowIdOf } from '../../domain/order/order-id';
import { openFloor, type Floor } from './floor';
import { OrderLoad } from './orders';
import { measureRisk } from './risk';
import { startSystemUnderTest, type SystemUnderTest } from './system-under-test';
import { median, percentilesOf, rounded, type Percentiles } from './statistics';
import type { RunDescription } from '../support/running-system';

const CLIENTS = 50;
const IN_FLIGHT_MAX = 200;
const PAIRS = 3;

interface Plan {
  /** Both sides work for so long before anything is measured. */
  beforeMs: number;
  warmUpMs: number;
  windowMs: number;
  emptyMs: number;
  halfMs: number;
  /** Single orders. The medians of 60 had a ratio that differed by 0.06 from one run to the next. */
  aloneSamples: number;
}
const FULL: Plan = {
  beforeMs: 45_000,
  warmUpMs: 4_000,
  windowMs: 15_000,
  emptyMs: 8_000,
  halfMs: 15_000,
  aloneSamples: 150,
};
const QUICK: Plan = {
  beforeMs: 5_000,
  warmUpMs: 2_000,
  windowMs: 5_000,
  emptyMs: 3_000,
  halfMs: 5_000,
  aloneSamples: 30,
};

/** The one object that `--json` prints. */
export interface BenchReport {
  ordersPerSecond: number;
  acknowledgementMs: Percentiles;
  acknowledgementHalfLoadMs: Percentiles;
  riskMs: Percentiles;
  historyEventsPerOrder: number;
  workflowTasksPerOrder: number;
  historyBytesPerOrder: number;
  floor: { emptyWorkflowsPerSecond: number; updateWithStartMs: Percentiles; mongoWriteMs: Percentiles };
  ratio: { ordersToEmptyWorkflows: number; acknowledgementToUpdateWithStart: number };
  pairs: { ordersPerSecond: number; emptyWorkflowsPerSecond: number; ratio: number }[];
}

async function historyCost(temporalAddress: string, workflowId: string) {
  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const handle = new Client({ connection }).workflow.getHandle(workflowId);
    await handle.result();
    const { events } = await handle.fetchHistory();
    const { historySize } = await handle.describe();
    const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes).length;
    return { events: events?.length ?? 0, tasks, bytes: historySize ?? 0 };
  } finally {
    await connection.close();
  }
}

async function traderKey(described: RunDescription): Promise<string> {
  const { keys } = JSON.parse(await readFile(described.credentialsFile, 'utf8')) as {
    keys: { name: string; role: string; accounts: string[]; key: string }[];
  };
  const trader = keys.find((key) => key.role === 'trader' && key.accounts.length > 1);
  if (trader === undefined) throw new Error('the credentials file has no trader for both accounts');
  return trader.key;
}

/**
 * What is measured is a system that has been at work: V8 goes on compiling what an order runs through for about a
 * minute, in six processes, and an empty workflow is compiled after some seconds.
 */
async function warmUp(load: OrderLoad, floor: Floor, { beforeMs, warmUpMs }: Plan): Promise<void> {
  await floor.emptyWorkflowsPerSecond(CLIENTS, beforeMs / 5);
  const coldOrdersPerSecond = await load.saturate(CLIENTS, IN_FLIGHT_MAX, warmUpMs, beforeMs - warmUpMs);
  process.stderr.write(`warmed up, with ${coldOrdersPerSecond} orders/s meanwhile\n`);
}

async function measurePairs(load: OrderLoad, floor: Floor, plan: Plan): Promise<BenchReport['pairs']> {
  const pairs: BenchReport['pairs'] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const emptyWorkflowsPerSecond = await floor.emptyWorkflowsPerSecond(CLIENTS, plan.emptyMs);
    const ordersPerSecond = await load.saturate(CLIENTS, IN_FLIGHT_MAX, plan.warmUpMs, plan.windowMs);
    const ratio = rounded(ordersPerSecond / emptyWorkflowsPerSecond, 3);
    pairs.push({ ordersPerSecond, emptyWorkflowsPerSecond, ratio });
    process.stderr.write(
      `pair ${pair + 1}: ${ordersPerSecond} orders/s, ${emptyWorkflowsPerSecond} empty workflows/s\n`,
    );
  }
  return pairs;
}

/** Latencies of single calls, interleaved with their floors so that a drift of the machine meets all alike. */
async function measureAlone(load: OrderLoad, floor: Floor, { aloneSamples }: Plan) {
  const samples = { ackMs: [] as number[], updateMs: [] as number[], mongoMs: [] as number[] };
  for (let sample = 0; sample < aloneSamples; sample += 1) {
    samples.updateMs.push(await floor.updateWithStartMs());
    samples.ackMs.push((await load.submit()).ackMs);
    // An order goes on after its acknowledgement; alone means that the one before has settled.
    await load.drain();
    samples.mongoMs.push(await floor.mongoWriteMs());
  }
  return samples;
}

async function bench(system: SystemUnderTest, plan: Plan): Promise<BenchReport> {
  const { described } = system;
  const mongo = await MongoClient.connect(described.mongoUri);
  const floor = await openFloor(described.temporalAddress, described.mongoUri);
  try {
    const load = OrderLoad.open(described, await traderKey(described), mongo);
    await warmUp(load, floor, plan);
    const pairs = await measurePairs(load, floor, plan);
    process.stderr.write('measuring single orders …\n');
    const alone = await measureAlone(load, floor, plan);
    const cost = await historyCost(described.temporalAddress, workflowIdOf(...load.lastOrder()));
    process.stderr.write('measuring the risk activity …\n');
    const riskMs = percentilesOf(await measureRisk(mongo.db('steadfill'), described.venueUrl));
    const ordersPerSecond = median(pairs.map((pair) => pair.ordersPerSecond));
    process.stderr.write('measuring acknowledgements at half load …\n');
    const halfLoad = await load.atRate(ordersPerSecond / 2, plan.halfMs);
    if (load.faults.length > 0)
      throw new Error(`${load.faults.length} orders were refused: ${load.faults.slice(0, 5).join(', ')}`);
    await load.verify();
    const acknowledgementMs = percentilesOf(alone.ackMs);
    const updateWithStartMs = percentilesOf(alone.updateMs);
    return {
      ordersPerSecond,
      acknowledgementMs,
      acknowledgementHalfLoadMs: percentilesOf(halfLoad),
      riskMs,
      historyEventsPerOrder: cost.events,
      workflowTasksPerOrder: cost.tasks,
      historyBytesPerOrder: cost.bytes,
      floor: {
        emptyWorkflowsPerSecond: median(pairs.map((pair) => pair.emptyWorkflowsPerSecond)),
        updateWithStartMs,
        mongoWriteMs: percentilesOf(alone.mongoMs),
      },
      ratio: {
        ordersToEmptyWorkflows: median(pairs.map((pair) => pair.ratio)),
        acknowledgementToUpdateWithStart: rounded(acknowledgementMs.p50 / updateWithStartMs.p50),
      },
      pairs,
    };
  } finally {
    await floor.close();
    await mongo.close();
  }
}

function table(report: BenchReport): string {
  const rows: [string, string, string][] = [
    [
      'filled and settled orders/s',
      String(report.ordersPerSecond),
      `${report.floor.emptyWorkflowsPerSecond} empty workflows/s (ratio ${report.ratio.ordersToEmptyWorkflows})`,
    ],
    [
      'acknowledgement alone, ms',
      `p50 ${report.acknowledgementMs.p50}  p99 ${report.acknowledgementMs.p99}`,
      `update-with-start p50 ${report.floor.updateWithStartMs.p50} (ratio ${report.ratio.acknowledgementToUpdateWithStart})`,
    ],
    [
      'acknowledgement at half load, ms',
      `p50 ${report.acknowledgementHalfLoadMs.p50}  p99 ${report.acknowledgementHalfLoadMs.p99}`,
      '',
    ],
    [
      'risk activity, ms',
      `p50 ${report.riskMs.p50}  p99 ${report.riskMs.p99}`,
      `MongoDB write p50 ${report.floor.mongoWriteMs.p50}`,
    ],
    [
      'history of an order alone',
      `${report.historyEventsPerOrder} events, ${report.workflowTasksPerOrder} workflow tasks`,
      `${report.historyBytesPerOrder} bytes`,
    ],
  ];
  return rows.map(([what, value, floor]) => `${what.padEnd(34)} ${value.padEnd(32)} ${floor}`).join('\n');
}

async function main(): Promise<void> {
  const command = new Command('bench')
    .description('Measures the embedded default: a system of its own, and the floors in the same run.')
    .option('--json', 'print one JSON object')
    .option('--quick', 'short windows: for a look, not for a figure to quote')
    .parse();
  const options = command.opts<{ json?: boolean; quick?: boolean }>();
  const home = await mkdtemp(join(tmpdir(), 'steadfill-bench-'));
  const system = await startSystemUnderTest(home);
  const cleanUp = async (): Promise<void> => {
    await system.stop();
    await rm(home, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  try {
    const report = await bench(system, options.quick === true ? QUICK : FULL);
    process.stdout.write(`${options.json === true ? JSON.stringify(report) : table(report)}\n`);
  } finally {
    await cleanUp();
  }
}

void main().then(
  () => process.exit(0),
  (fault: unknown) => {
    process.stderr.write(
      `bench: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`,
    );
    process.exit(1);
  },
);
