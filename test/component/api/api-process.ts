import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Worker } from '@temporalio/worker';
import { RollFiles, type RollState } from '../../../api/cluster/roll-files';
import { generateKey } from '../../../api/auth/api-key';
import { insertKey } from '../../../api/auth/key-store';
import { createLogger } from '../../../observability/logger';
import { openMongo, type Mongo } from '../../../storage/mongo';
import type { RunDescription } from '../../../tools/support/running-system';
import { eventually } from '../../support/eventually';
import { testMongo, testTemporal, uniqueName } from '../../support/servers';
import { isThere } from '../../support/system';
import { openHarness } from '../../support/temporal-harness';

const ROOT = resolve(__dirname, '../../..');
const UP_MS_MAX = 90_000;

/** Real servers, a worker that runs the stub order, and somebody who polls for the venue: all that readiness asks. */
export interface ApiWorld {
  home: string;
  url: string;
  key: string;
  mongo: Mongo;
  files: RollFiles;
  /** What a roll is told about the running system. */
  run: RunDescription;
  state(): Promise<RollState>;
  /** Starts the process `api` of this world; the same port each time. */
  start(): Promise<ApiProcess>;
  close(): Promise<void>;
}

export interface ApiProcess {
  readonly pid: number;
  output(): string;
  hasEnded(): boolean;
  signal(name: NodeJS.Signals): void;
  exited: Promise<number | NodeJS.Signals>;
}

export async function openApiWorld(env: Record<string, string>): Promise<ApiWorld> {
  const home = await mkdtemp(join(tmpdir(), 'steadfill-roll-'));
  const [{ uri }, { address }, port] = [await testMongo(), await testTemporal(), await freePort()];
  const database = uniqueName('roll').slice(0, 38);
  const taskQueue = uniqueName('roll-orders');
  const prefix = `${taskQueue}-venue-`;
  const mongo = await openMongo({ uri, database, logger: createLogger('roll-test', 'error') });
  const key = generateKey();
  await insertKey(mongo.db, { name: 'trader', role: 'trader', accounts: ['ACC-1', 'ACC-2'], key });
  const workers = await startWorkers(taskQueue, `${prefix}XSIM`);
  const url = `http://127.0.0.1:${port}`;
  const files = new RollFiles(home, 'api');
  const started: ChildProcess[] = [];
  const settings = {
    STEADFILL_API_PORT: String(port),
    STEADFILL_HOME: home,
    STEADFILL_ORDERS_TASK_QUEUE: taskQueue,
    STEADFILL_VENUE_TASK_QUEUE_PREFIX: prefix,
    MONGODB_URI: uri,
    MONGODB_DATABASE: database,
    TEMPORAL_ADDRESS: address,
    STEADFILL_VENUE_URL: 'http://127.0.0.1:9',
    ...env,
  };
  return {
    home,
    url,
    key,
    mongo,
    files,
    run: { credentialsFile: join(home, 'credentials.json') } as RunDescription,
    state: async () => {
      const state = await files.state();
      if (state === undefined) throw new Error('the API has written no state');
      return state;
    },
    start: async () => {
      const child = spawnApi(settings);
      started.push(child);
      return await whenUp(child, url);
    },
    close: async () => {
      for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
      const pids = (await files.state())?.processes.map(({ pid }) => pid) ?? [];
      await eventually(() => !pids.some(isThere), {
        timeoutMs: UP_MS_MAX,
        what: 'the end of all API workers',
      });
      await workers.stop();
      await mongo.db.dropDatabase();
      await mongo.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

function spawnApi(settings: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'api/main.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...settings },
  });
}

async function whenUp(child: ChildProcess, url: string): Promise<ApiProcess> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)));
  const exited = new Promise<number | NodeJS.Signals>((done) =>
    child.once('exit', (code, signal) => done(code ?? signal ?? 0)),
  );
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`the API ended:\n${output}`);
    return (await fetch(`${url}/readyz`)).status === 200;
  };
  await eventually(isReady, { timeoutMs: UP_MS_MAX, what: 'a ready API' });
  return {
    pid: child.pid ?? 0,
    output: () => output,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    signal: (name) => void child.kill(name),
    exited,
  };
}

async function startWorkers(taskQueue: string, venueQueue: string): Promise<{ stop(): Promise<void> }> {
  const harness = await openHarness();
  const { connection } = harness;
  const workflowsPath = require.resolve('./order-stub.workflow');
  const workers = [
    await Worker.create({ connection, taskQueue, workflowsPath, maxCachedWorkflows: 200 }),
    await Worker.create({ connection, taskQueue: venueQueue, activities: { idle: () => Promise.resolve() } }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await harness.close();
    },
  };
}
