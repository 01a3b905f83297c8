import type { Client } from '@temporalio/client';
import type { Config } from '../config/config';
import type { Logger } from '../observability/logger';
import type { Mongo } from '../storage/mongo';
import type { MarketDataPort } from '../venues/venue-port';
import type { Clock } from './clock';
import type { AcknowledgementObserver } from './order-entry/acknowledgement';
import { OrderChanges } from './order-entry/change-order';
import { OrderLocator } from './order-entry/order-locator';
import { OrderReader } from './order-entry/order-reader';
import { SubmitGate } from './order-entry/submit-gate';
import { turnWindows } from './order-entry/loop-lag';
import { ListEntry } from './order-entry/lists/list-entry';
import { ListReader } from './order-entry/lists/list-reader';
import { OrderEntry } from './order-entry/submit-order';
import { createReads, type Reads } from './reads';
import { OrderFeed } from './reporting/order-feed';
import { ListGateway } from './temporal/list-gateway';
import { OrderGateway } from './temporal/order-gateway';

/** What the API stands on. Nothing here is reached by any other way. */
export interface ApiDependencies {
  config: Config;
  logger: Logger;
  /** Made by `connectLazily`: a client that repeats calls by itself hides whether an order may have been started. */
  temporal: Client;
  mongo: Mongo;
  marketData: MarketDataPort;
  clock: Clock;
}

/** The parts that routes are made of, built once. */
export interface Services {
  config: Config;
  logger: Logger;
  temporal: Client;
  mongo: Mongo;
  marketData: MarketDataPort;
  clock: Clock;
  reads: Reads;
  gateway: OrderGateway;
  locator: OrderLocator;
  reader: OrderReader;
  changes: OrderChanges;
  entry: OrderEntry;
  lists: ListGateway;
  listEntry: ListEntry;
  listReader: ListReader;
  gate: SubmitGate;
  feed: OrderFeed;
}

/** `acknowledged` hears how each submit was answered. */
export function createServices(
  dependencies: ApiDependencies,
  acknowledged: AcknowledgementObserver = () => undefined,
): Services {
  const { config, logger, temporal, mongo } = dependencies;
  const reads = createReads(mongo);
  const gateway = new OrderGateway(temporal, config.STEADFILL_ORDERS_TASK_QUEUE);
  const lists = new ListGateway(
    temporal,
    config.STEADFILL_ORDERS_TASK_QUEUE,
    config.STEADFILL_HISTORY_EVENTS_MAX,
  );
  const locator = new OrderLocator(reads, gateway);
  const reader = new OrderReader(reads, gateway);
  const gate = new SubmitGate({
    // The setting is for the whole API, whose workers do not know of each other's orders.
    inFlightMax: Math.ceil(config.STEADFILL_SUBMITS_IN_FLIGHT_MAX / config.STEADFILL_API_WORKERS),
    waitMsMax: config.STEADFILL_SUBMIT_WAIT_MS_MAX,
  });
  turnWindows(gate);
  return {
    ...dependencies,
    reads,
    gateway,
    locator,
    reader,
    changes: new OrderChanges(gateway, reader),
    gate,
    entry: new OrderEntry({
      reads,
      gateway,
      locator,
      reader,
      gate,
      historyEventsMax: config.STEADFILL_HISTORY_EVENTS_MAX,
      acknowledged,
    }),
    lists,
    listEntry: new ListEntry({ reads, lists, locator, gate }),
    listReader: new ListReader(reads, lists, reader),
    feed: new OrderFeed({ db: mongo.db, ready: () => mongo.ready(), logger }),
  };
}
