import { userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Client, Connection } from '@temporalio/client';
import { loadConfig, type Config } from '../../config/config';
import { openMongo, type Mongo } from '../../storage/mongo';
import { readRunDescription, type RunDescription } from '../support/running-system';
import { sendAudit } from './audit';
import { Refusal } from './outcome';
import type { DeployContext, RoutingContext } from './context';

const CONNECT_MS_MAX = 5_000;
const CLOSE_MS_MAX = 2_000;

export interface ContextOptions {
  dryRun?: boolean;
  by?: string;
  /** False for a command that puts nothing on record. */
  isRecorded?: boolean;
}

export interface OpenContext {
  routing: RoutingContext;
  run: RunDescription | undefined;
  /** Adds the views. Throws Refusal when MongoDB is away. */
  full(): Promise<DeployContext>;
  /** Brings the record of this command to MongoDB when it is there. */
  close(): Promise<void>;
}

/** Connects to the Temporal of the running system, or of the environment. Nothing here needs MongoDB. */
export async function openContext({
  dryRun = false,
  by,
  isRecorded = true,
}: ContextOptions): Promise<OpenContext> {
  const config = loadConfig();
  const run = await readRunDescription(config.STEADFILL_HOME);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const isOurs = run !== undefined && process.env['TEMPORAL_ADDRESS'] === undefined;
  const connection = await Connection.connect({
    ...(isOurs ? { address: run.temporalAddress } : connectionOptions),
    connectTimeout: CONNECT_MS_MAX,
  });
  const routing: RoutingContext = {
    config,
    client: new Client({ connection, namespace }),
    namespace,
    deploymentName: config.STEADFILL_DEPLOYMENT_NAME,
    home: config.STEADFILL_HOME,
    say: (line) => void process.stderr.write(`${line}\n`),
    nowMs: () => Date.now(),
    dryRun,
    by: by ?? userInfo().username,
  };
  let mongo: Mongo | undefined;
  return {
    routing,
    run,
    full: async () => {
      mongo ??= await openViews(config, run);
      return { ...routing, db: mongo.db, run: run ?? describeFromConfig(config, connectionOptions.address) };
    },
    close: async () => {
      const closing = async (): Promise<void> => {
        await connection.close();
        if (isRecorded && !dryRun) mongo ??= await openViews(config, run).catch(() => undefined);
        await sendWhatIsNotSent(routing, mongo);
        await mongo?.close();
      };
      await Promise.race([closing(), pause(CLOSE_MS_MAX)]);
    },
  };
}

async function openViews(config: Config, run: RunDescription | undefined): Promise<Mongo> {
  const uri = process.env['MONGODB_URI'] ?? run?.mongoUri ?? config.MONGODB_URI;
  const mongo = await openMongo({ uri, database: config.MONGODB_DATABASE });
  if (mongo.ready()) return mongo;
  await mongo.close();
  throw new Refusal('MongoDB is not reachable; this step needs it. Rollback does not.');
}

/** The file has every step already; MongoDB gets what it missed with the next command that reaches it. */
async function sendWhatIsNotSent({ home, say }: RoutingContext, mongo: Mongo | undefined): Promise<void> {
  if (mongo === undefined) return;
  try {
    await sendAudit(home, mongo.db);
  } catch (fault) {
    say(`The record of this step is on disk; MongoDB gets it later (${(fault as Error).message}).`);
  }
}

/** Where a system runs whose processes `npm start` does not keep. */
function describeFromConfig(config: Config, temporalAddress = '127.0.0.1:7233'): RunDescription {
  return {
    apiUrl: `http://${config.STEADFILL_API_HOST}:${config.STEADFILL_API_PORT}`,
    temporalAddress,
    temporalUiUrl: '',
    mongoUri: config.MONGODB_URI,
    venueUrl: config.STEADFILL_VENUE_URL,
    credentialsFile: `${config.STEADFILL_HOME}/credentials.json`,
    processes: [],
    metricsTargets: [],
    supervisorPid: 0,
  };
}
