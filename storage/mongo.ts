import { MongoClient, type Db } from 'mongodb';
import { noteUnavailable, watchAvailability } from './availability';
import type { Logger } from '../observability/logger';

/** No operation may hang: each step of reaching the server has a bound, and the sum stays within some seconds. */
export const MONGO_TIMEOUTS = {
  serverSelectionTimeoutMS: 800,
  connectTimeoutMS: 1_000,
  socketTimeoutMS: 5_000,
  waitQueueTimeoutMS: 1_500,
  heartbeatFrequencyMS: 1_000,
} as const;
const POOL_SIZE_MAX = 40;
const RECONNECT_INTERVAL_MS = 500;
const CLOSE_WAIT_MS = 2_000;

export interface MongoOptions {
  uri: string;
  database: string;
  logger?: Logger;
}

export interface Mongo {
  readonly client: MongoClient;
  readonly db: Db;
  /** False from the moment the server is known to be unreachable until it has answered again. */
  ready(): boolean;
  close(): Promise<void>;
}

/**
 * Opens a client that never blocks its owner: when the server is down, the client is returned all the same, not
 * ready, and connects in the background; after a loss it reconnects by itself. Throws only when `uri` is malformed.
 */
export async function openMongo({ uri, database, logger }: MongoOptions): Promise<Mongo> {
  const client = new MongoClient(uri, {
    ...MONGO_TIMEOUTS,
    minHeartbeatFrequencyMS: 250,
    maxPoolSize: POOL_SIZE_MAX,
    appName: 'steadfill',
  });
  const db = client.db(database);
  const availability = watchAvailability(client, logger);
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let attempt: Promise<void> = Promise.resolve();

  const connect = async (): Promise<void> => {
    try {
      await client.connect();
    } catch (fault) {
      noteUnavailable(client);
      if (closed) return;
      logger?.warn('MongoDB is not reachable yet', { reason: (fault as Error).message });
      timer = setTimeout(() => void (attempt = connect()), RECONNECT_INTERVAL_MS);
      timer.unref();
    }
  };
  attempt = connect();
  await attempt;

  return {
    client,
    db,
    ready: () => !closed && availability.isUp(),
    close: async () => {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      noteUnavailable(client);
      await withinMs(CLOSE_WAIT_MS, attempt);
      await withinMs(CLOSE_WAIT_MS, client.close());
    },
  };
}

/** A server that hangs must not keep us from leaving. */
async function withinMs(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((done) => (timer = setTimeout(done, limitMs)));
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
