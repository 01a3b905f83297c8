import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { createListRecordActivities } from '../../../activities/reporting/list-record.activities';
import { createApp } from '../../../api/app';
import { generateKey } from '../../../api/auth/api-key';
import { writeCredentials } from '../../../api/auth/credentials-file';
import { insertKey } from '../../../api/auth/key-store';
import type { Role } from '../../../api/auth/permissions';
import { systemClock } from '../../../api/clock';
import { Lifecycle } from '../../../api/lifecycle';
import { connectLazily } from '../../../api/temporal/temporal-client';
import { loadConfig, type Config } from '../../../config/config';
import { createLogger, type Logger } from '../../../observability/logger';
import { openMongo, type Mongo } from '../../../storage/mongo';
import type { MarketDataPort, Quote } from '../../../venues/venue-port';
import { ApiClient } from '../../support/api-client';
import { openHarness } from '../../support/temporal-harness';
import { AnswerCheck, CheckedClient } from './checked-client';
import { testMongo, testTemporal, uniqueName } from '../../support/servers';

const ROLES_AND_ACCOUNTS: readonly [string, Role, string[]][] = [
  ['trader', 'trader', ['ACC-1', 'ACC-2']],
  ['trader1', 'trader', ['ACC-1']],
  ['risk', 'risk', ['*']],
  ['approver', 'approver', ['*']],
  ['ops', 'ops', ['*']],
  ['auditor', 'auditor', ['*']],
  ['admin', 'admin', ['*']],
];

export interface ApiUnderTest {
  url: string;
  mongo: Mongo;
  temporal: Client;
  clients: Record<string, ApiClient>;
  keys: Record<string, string>;
  lifecycle: Lifecycle;
  /** Ends in the order of the real process. */
  stop(): Promise<void>;
  config: Config;
  logger: Logger;
  database: string;
  taskQueue: string;
}

export interface ApiOptions {
  env?: Record<string, string>;
  /** Where Temporal and MongoDB are said to be; the test servers by default. */
  temporalAddress?: string;
  mongoUri?: string;
  /** Without a worker, updates are not answered. */
  worker?: boolean;
}

const QUOTE = {
  symbol: 'IBM',
  venue: 'XSIM',
  bid: '182.4' as Quote['bid'],
  bidSize: '300' as Quote['bidSize'],
  ask: '182.5' as Quote['ask'],
  askSize: '200' as Quote['askSize'],
  asOf: '2026-01-05T14:30:00.000Z',
  receivedAt: '2026-01-05T14:30:00.010Z',
} as Quote & { receivedAt: string };

const marketData: MarketDataPort = {
  latest: (symbol) => (symbol === 'IBM' ? QUOTE : undefined),
  all: () => [QUOTE],
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

/** The API in this process over real servers, with a worker that runs the stub workflow. */
export async function startApi(options: ApiOptions = {}): Promise<ApiUnderTest> {
  const temporalAddress = options.temporalAddress ?? (await testTemporal()).address;
  const mongoUri = options.mongoUri ?? (await testMongo()).uri;
  const database = uniqueName('api').slice(0, 38);
  const taskQueue = uniqueName('api-orders');
  const config = loadConfig({
    MONGODB_URI: mongoUri,
    MONGODB_DATABASE: database,
    STEADFILL_ORDERS_TASK_QUEUE: taskQueue,
    STEADFILL_VENUE_TASK_QUEUE_PREFIX: `${taskQueue}-venue-`,
    ...options.env,
  });
  const logger = createLogger('api-test', 'error');
  const mongo = await openMongo({ uri: mongoUri, database, logger });
  const temporal = connectLazily({ address: temporalAddress });
  const lifecycle = new Lifecycle();
  const app = createApp(
    { config, logger, temporal, mongo, marketData, clock: systemClock },
    { lifecycle, credentialsFile: false },
  );
  const server = createServer(app);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answers = new AnswerCheck(await (await fetch(`${url}/openapi.json`)).json());
  const keys: Record<string, string> = {};
  const clients: Record<string, ApiClient> = {};
  for (const [name, role, accounts] of ROLES_AND_ACCOUNTS) {
    const key = generateKey();
    if (mongo.ready()) await insertKey(mongo.db, { name, role, accounts, key });
    keys[name] = key;
    clients[name] = new CheckedClient(url, key, answers);
  }
  const worker = options.worker === false ? undefined : await startWorker(taskQueue, mongo);
  const stop = async (): Promise<void> => {
    lifecycle.drain();
    await closeServer(server);
    await worker?.stop();
    if (mongo.ready()) await mongo.db.dropDatabase();
    await mongo.close();
    await temporal.connection.close();
  };
  return { url, mongo, temporal, clients, keys, lifecycle, stop, config, logger, database, taskQueue };
}

/** A second API process over the same servers: it remembers nothing and gets the trader's key from a file. */
export async function startTwin(
  api: ApiUnderTest,
  ready: () => boolean,
): Promise<{ url: string; client: ApiClient; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'steadfill-api-'));
  const credentialsFile = join(folder, 'credentials.json');
  const key = api.keys['trader'] ?? '';
  await writeCredentials(credentialsFile, {
    keys: [{ name: 'trader', role: 'trader', accounts: ['ACC-1', 'ACC-2'], key }],
  });
  const { config, logger, temporal } = api;
  const lifecycle = new Lifecycle();
  const app = createApp(
    { config, logger, temporal, mongo: { ...api.mongo, ready }, marketData, clock: systemClock },
    { credentialsFile, lifecycle },
  );
  const server = createServer(app);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    lifecycle.drain();
    await closeServer(server);
    await rm(folder, { recursive: true });
  };
  return { url, client: new ApiClient(url, key), stop };
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

async function startWorker(taskQueue: string, { db }: Mongo): Promise<{ stop(): Promise<void> }> {
  const harness = await openHarness();
  const worker = await Worker.create({
    connection: harness.connection,
    taskQueue,
    workflowsPath: require.resolve('./order-stub.workflow'),
    activities: createListRecordActivities({ db }),
    maxCachedWorkflows: 200,
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      await harness.close();
    },
  };
}
