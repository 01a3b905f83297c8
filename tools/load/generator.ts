import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseOperations, type Operation } from './operation';

const SCRIPT = join(__dirname, 'orders.k6.mjs');
/** k6 takes whole numbers: a tenth of an arrival a second is as fine as a base load needs. */
const TIME_UNIT_SECONDS = 10;
const ANSWER_SECONDS_MAX = 20;
/** Orders in the mix, in per cent; the rest are resting orders that are cancelled without an amendment. */
const MARKET_SHARE = 60;
const AMEND_SHARE = 15;
const GRACE_SECONDS = 45;
const OUTPUT_CHARS_MAX = 4_000;

/** The arrival rate moves in a straight line to `ratePerSecond` within `seconds`. */
export interface Stage {
  ratePerSecond: number;
  seconds: number;
}

/** One run of the generator. */
export interface PhasePlan {
  name: string;
  startRatePerSecond: number;
  stages: readonly Stage[];
  /** Reads that arrive for each order. */
  readsPerOrder: number;
  /** Most orders and reads that may wait for their answers; arrivals beyond it are counted as dropped. */
  waitingMax: number;
}

export interface Target {
  apiUrl: string;
  key: string;
  accounts: readonly string[];
}

export interface Generated {
  /** Begins every client order id of this phase. */
  prefix: string;
  operations: Operation[];
  startedAtMs: number;
  endedAtMs: number;
  /** Arrivals that the generator could not start. */
  droppedArrivals: number;
}

export const secondsOf = ({ stages }: PhasePlan): number =>
  stages.reduce((total, { seconds }) => total + seconds, 0);

/** An arrival rate that stays. */
export function constantly(
  name: string,
  ratePerSecond: number,
  seconds: number,
  waitingMax = 200,
): PhasePlan {
  return {
    name,
    startRatePerSecond: ratePerSecond,
    stages: [{ ratePerSecond, seconds }],
    readsPerOrder: 1,
    waitingMax,
  };
}

function scenario(plan: PhasePlan, factor: number, exec: string): Record<string, unknown> {
  const rate = (perSecond: number): number => Math.max(1, Math.round(perSecond * factor * TIME_UNIT_SECONDS));
  return {
    executor: 'ramping-arrival-rate',
    exec,
    startRate: rate(plan.startRatePerSecond),
    timeUnit: `${TIME_UNIT_SECONDS}s`,
    stages: plan.stages.map(({ ratePerSecond, seconds }) => ({
      target: rate(ratePerSecond),
      duration: `${Math.round(seconds * 1_000)}ms`,
    })),
    // Made beforehand: making one in the middle of a peak would take time from the system under load.
    preAllocatedVUs: plan.waitingMax,
    maxVUs: plan.waitingMax,
    gracefulStop: `${GRACE_SECONDS}s`,
  };
}

function scenariosOf(plan: PhasePlan): Record<string, unknown> {
  const orders = scenario(plan, 1, 'trade');
  return plan.readsPerOrder === 0
    ? { orders }
    : { orders, reads: scenario(plan, plan.readsPerOrder, 'read') };
}

interface Summary {
  metrics: Record<string, { values: { count?: number } } | undefined>;
}

/**
 * Runs k6 on one phase and reads what it did. `onPid` gets the id of its process. Throws with what it said when it
 * fails; slow or refused orders are results, not failures.
 */
export async function generate(
  k6: string,
  plan: PhasePlan,
  target: Target,
  prefix: string,
  onPid: (pid: number) => void = () => undefined,
): Promise<Generated> {
  const folder = await mkdtemp(join(tmpdir(), 'steadfill-load-'));
  try {
    const files = {
      plan: join(folder, 'plan.json'),
      operations: join(folder, 'operations.jsonl'),
      summary: join(folder, 'summary.json'),
    };
    const content = {
      ...target,
      prefix,
      scenarios: scenariosOf(plan),
      summaryFile: files.summary,
      timeout: `${ANSWER_SECONDS_MAX}s`,
      marketShare: MARKET_SHARE,
      amendShare: AMEND_SHARE,
    };
    await writeFile(files.plan, JSON.stringify(content), { mode: 0o600 });
    await runK6(k6, files.plan, files.operations, (secondsOf(plan) + 2 * GRACE_SECONDS) * 1_000, onPid);
    const endedAtMs = Date.now();
    const summary = JSON.parse(await readFile(files.summary, 'utf8')) as Summary;
    const operations = parseOperations(await readFile(files.operations, 'utf8'));
    return {
      prefix,
      operations,
      // Making itself ready takes k6 a while; the load began with its first request.
      startedAtMs: operations.reduce((first, { at }) => Math.min(first, at), endedAtMs),
      endedAtMs,
      droppedArrivals: summary.metrics['dropped_iterations']?.values.count ?? 0,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runK6(
  k6: string,
  planFile: string,
  operationsFile: string,
  timeLimitMs: number,
  onPid: (pid: number) => void,
): Promise<void> {
  const options = ['--quiet', '--no-color', '--no-usage-report', '--log-format', 'raw', '--address', ''];
  const args = ['run', ...options, '--console-output', operationsFile, SCRIPT];
  const child = spawn(k6, args, {
    env: { PATH: process.env['PATH'], HOME: tmpdir(), GOMAXPROCS: '1', STEADFILL_LOAD_PLAN: planFile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) onPid(child.pid);
  let output = '';
  const take = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-OUTPUT_CHARS_MAX));
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeLimitMs);
  const how = await new Promise<string | number>((done) => {
    child.once('error', (fault) => done(fault.message));
    child.once('close', (code, signal) => done(code ?? signal ?? 'unknown'));
  });
  clearTimeout(timer);
  if (how !== 0) throw new Error(`k6 ended with ${how}:\n${output}`);
}
