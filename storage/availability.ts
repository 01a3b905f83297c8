import { MongoBulkWriteError, MongoError } from 'mongodb';
import type { Db, MongoClient, TopologyDescription } from 'mongodb';
import type { Logger } from '../observability/logger';

/** Thrown at once, without waiting for the network, while MongoDB is known to be unreachable. Retry later. */
export class MongoUnavailableError extends Error {
  readonly code = 'SERVICE_UNAVAILABLE';
  constructor(cause?: unknown) {
    super('MongoDB is not reachable', cause === undefined ? undefined : { cause });
    this.name = 'MongoUnavailableError';
  }
}

export interface Availability {
  isUp(): boolean;
}

interface Watched {
  up: boolean;
  /** What the driver believes; `up` may be ahead of it after {@link noteUnavailable}. */
  writable: boolean;
}

/** By client, so that code that only holds a `Db` can ask; a client that nobody watches counts as up. */
const watched = new WeakMap<MongoClient, Watched>();

const WRITABLE = new Set<string>(['RSPrimary', 'Standalone', 'Mongos', 'LoadBalancer']);

/** Follows the driver's view of the topology, which heartbeats and failed operations both keep up to date. */
export function watchAvailability(client: MongoClient, logger?: Logger): Availability {
  const state: Watched = { up: false, writable: false };
  watched.set(client, state);
  const setUp = (up: boolean): void => {
    if (up === state.up) return;
    state.up = up;
    if (up) logger?.info('MongoDB is reachable');
    else logger?.warn('MongoDB is not reachable');
  };
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    state.writable = hasWritableServer(newDescription);
    setUp(state.writable);
  });
  client.on('serverHeartbeatSucceeded', () => setUp(state.writable));
  client.on('topologyClosed', () => {
    state.writable = false;
    setUp(false);
  });
  return { isUp: () => state.up };
}

function hasWritableServer(description: TopologyDescription): boolean {
  return [...description.servers.values()].some((server) => WRITABLE.has(server.type));
}

/** Opens the circuit at once, before the driver has noticed; the next heartbeat decides anew. */
export function noteUnavailable(client: MongoClient, fault?: unknown): void {
  if (fault instanceof MongoError && LOCAL_ERRORS.has(fault.name)) return;
  const state = watched.get(client);
  if (state !== undefined) state.up = false;
}

/** The circuit breaker: call it before work that must not wait for a server that is down. */
export function assertMongoUp(db: Db): void {
  if (!isMongoUp(db)) throw new MongoUnavailableError();
}

export function isMongoUp(db: Db): boolean {
  return watched.get(db.client)?.up ?? true;
}

const NETWORK_ERRORS = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'PoolClosedError',
  'MongoOperationTimeoutError',
]);
/** The server may be well when only our own pool is exhausted. */
const LOCAL_ERRORS = new Set(['MongoWaitQueueTimeoutError']);
/** Server codes that say "not me, not now": stepping down, shutting down, not primary. */
const NOT_NOW_CODES = new Set<unknown>([91, 11600, 11602, 10107, 13435, 13436, 189]);

/** True when `fault` says that the server could not be asked, so that the same call may succeed later. */
export function isMongoUnavailable(fault: unknown): boolean {
  if (fault instanceof MongoUnavailableError) return true;
  if (!(fault instanceof MongoError)) return false;
  if (NETWORK_ERRORS.has(fault.name) || NOT_NOW_CODES.has(fault.code)) return true;
  if (fault instanceof MongoBulkWriteError) return !hasAnswer(fault);
  return fault.cause instanceof MongoError && isMongoUnavailable(fault.cause);
}

/** The driver wraps a connection lost during a bulk write in a fault that carries no answer of the server at all. */
function hasAnswer(fault: MongoBulkWriteError): boolean {
  return fault.code !== undefined || [fault.writeErrors].flat().length > 0;
}
