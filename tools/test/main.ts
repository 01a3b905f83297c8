import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { provision, ProvisioningError } from '../provision/provision';
import { CHECKS, runCheck, runShard, type JobContext, type JobResult } from './job';
import { listTestFiles, planShards, selectFiles, type Shard } from './plan';
import { runPool, type PoolJob } from './pool';
import { closing, jobText } from './summary';
import { ThrowawayServers } from './throwaway-servers';

const ROOT = resolve(__dirname, '../..');
const WIDTH_MIN = 2;
const WIDTH_MAX = 4;
const EXIT_INTERRUPTED = 130;
/** Built where they cannot be found, which takes minutes: only for those who put load on something. */
const LOAD_PARTS = ['k6', 'toxiproxy'] as const;

interface Options {
  checks: boolean;
  tests: boolean;
  e2e: boolean;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function parse(): { options: Options; patterns: string[] } {
  const command = new Command('npm test --')
    .description('Provisions, then type-checks, lints and runs every test.')
    .argument('[files...]', 'only tests whose path contains one of these (and no static checks)')
    .option('--no-checks', 'leaves out type check, lint, import rules and format')
    .option('--no-tests', 'runs the static checks only, and provisions nothing')
    .option('--no-e2e', 'leaves out whole systems (test/e2e, test/chaos, test/load)')
    .parse();
  return { options: command.opts<Options>(), patterns: command.args };
}

/** The settings of whoever runs the tests must not decide how they end, so only ours reach them. */
function cleanEnvironment(): void {
  for (const name of Object.keys(process.env)) {
    if (/^(STEADFILL_|TEMPORAL_|MONGODB_)/.test(name)) delete process.env[name];
  }
}

/** Finds the programs, starts the servers that the suites share, and says so in the environment of the shards. */
async function startServers(
  servers: ThrowawayServers,
  withLoad: boolean,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const found = await provision({
    parts: ['temporal', 'mongodb', 'test-server', 'promtool', 'chromium', ...(withLoad ? LOAD_PARTS : [])],
    acceptMongodbUri: false,
    signal,
    output: { isTTY: false, line: say },
  });
  cleanEnvironment();
  const { temporal, mongodb, 'test-server': testServer, k6, toxiproxy, promtool, chromium } = found;
  if (temporal === undefined || mongodb === undefined || testServer === undefined) {
    throw new Error('provisioning left a part out');
  }
  const [mongo, server] = await Promise.all([servers.mongo(mongodb), servers.temporal(temporal)]);
  return {
    STEADFILL_TEMPORAL_CLI: temporal.value,
    STEADFILL_MONGOD: mongodb.value,
    STEADFILL_TEST_SERVER: testServer.value,
    // Absent means not to be had, which was said; a suite then does not try again.
    STEADFILL_TEST_PROMTOOL: promtool?.value ?? 'none',
    STEADFILL_TEST_CHROMIUM: chromium?.value ?? 'none',
    ...(k6 !== undefined && { STEADFILL_K6: k6.value }),
    ...(toxiproxy !== undefined && { STEADFILL_TOXIPROXY: toxiproxy.value }),
    STEADFILL_TEST_MONGODB_URI: mongo.uri,
    STEADFILL_TEST_TEMPORAL_ADDRESS: server.address,
  };
}

const isHeavy = ({ load }: Shard): boolean => load === 'heavy';

/** Runs everything; the checks use the time in which the servers are provisioned. */
async function runAll(servers: ThrowawayServers, signal: AbortSignal, results: JobResult[]): Promise<void> {
  const { options, patterns } = parse();
  const files = options.tests ? selectFiles(listTestFiles(ROOT), patterns) : [];
  const shards = planShards(files).filter(({ isSystem }) => options.e2e || !isSystem);
  const checks = options.checks && patterns.length === 0 ? CHECKS : [];
  const withLoad = shards.some(({ name }) => name.startsWith('load/'));
  const env = shards.length === 0 ? Promise.resolve({}) : startServers(servers, withLoad, signal);
  const width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, availableParallelism()));
  const finish = (result: JobResult): void => {
    results.push(result);
    say(jobText(result));
  };
  const check = (name: string): PoolJob => ({
    load: 'light',
    run: async () => finish(await runCheck(name, { root: ROOT, env: {}, signal })),
  });
  const shard = (one: Shard): PoolJob => ({
    load: one.load,
    run: async () => {
      const context: JobContext = { root: ROOT, env: await env, signal };
      finish(await runShard(one, context));
    },
  });
  const [heavy, others] = [shards.filter(isHeavy), shards.filter((one) => !isHeavy(one))];
  // One lane is busy with heavy shards nearly to the end, so these begin at once; the other lanes check while the servers come.
  const jobs = [...heavy.map(shard), ...checks.map(check), ...others.map(shard)];
  await Promise.all([env, runPool(jobs, width)]);
}

async function main(): Promise<number> {
  const startedAtMs = Date.now();
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => interrupted.abort(new Error(name)));
  const servers = new ThrowawayServers();
  const results: JobResult[] = [];
  let crashes = 0;
  try {
    await runAll(servers, interrupted.signal, results);
  } catch (fault) {
    crashes = 1;
    const text =
      fault instanceof ProvisioningError
        ? fault.message
        : fault instanceof Error
          ? fault.stack
          : String(fault);
    say(text ?? String(fault));
  } finally {
    await servers.stop();
  }
  const { line, isGood } = closing(results, crashes);
  say(`All of it took ${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s.`);
  say(line);
  if (interrupted.signal.aborted) return EXIT_INTERRUPTED;
  return isGood ? 0 : 1;
}

main().then(
  (exitCode) => process.exit(exitCode),
  (fault: unknown) => {
    process.stderr.write(`${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`);
    process.exit(1);
  },
);
