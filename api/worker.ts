import { createServer } from 'node:http';
import { AggregatorRegistry } from 'prom-client';
import { loadConfig } from '../config/config';
import { createLogger } from '../observability/logger';
import { promProcess } from '../observability/metrics/prom-meters';
import { logProcessFaults } from '../observability/process-faults';
import { tracingPlugins } from '../observability/temporal-tracing';
import { startTracing, traceFolderOf } from '../observability/tracing';
import { openMongo } from '../storage/mongo';
import { createSimulatorMarketData } from '../venues/market-data/simulator-market-data';
import { createApp, createReadiness } from './app';
import { systemClock } from './clock';
import { Connections } from './cluster/connections';
import { Departure } from './cluster/departure';
import { PrimaryLink } from './cluster/primary-link';
import { SharedHits } from './cluster/shared-hits';
import { RATE_WINDOW_MS } from './http/rate-limits';
import { Lifecycle } from './lifecycle';
import { ApiMetrics } from './ops/metrics';
import { connectLazily } from './temporal/temporal-client';

const COMPONENT = 'api';
const EXIT_MS_MAX = 3_000;
const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 30_000;
/**
 * Longer than what clients keep, so that we do not close a connection that a client just reuses: most keep one for a
 * minute, those in Go for 90 seconds.
 */
const KEEP_ALIVE_MS = 95_000;

/** One worker of the API: answers the requests on the connections that its primary hands over. */
async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(COMPONENT, config.STEADFILL_LOG_LEVEL);
  logProcessFaults(logger);
  const traceFolder = traceFolderOf(config);
  const tracing = startTracing({ component: COMPONENT, config, logger, traceFolder });
  const mongo = await openMongo({ uri: config.MONGODB_URI, database: config.MONGODB_DATABASE, logger });
  const temporal = connectLazily({ plugins: tracingPlugins(tracing) });
  const marketData = createSimulatorMarketData({ url: config.STEADFILL_VENUE_URL, logger });
  await marketData.start();
  const lifecycle = new Lifecycle();
  const metrics = new ApiMetrics();
  promProcess(metrics.registry);
  const hits = new SharedHits(RATE_WINDOW_MS);
  const dependencies = { config, logger, temporal, mongo, marketData, clock: systemClock };
  const readiness = createReadiness(dependencies);
  const app = createApp(dependencies, {
    lifecycle,
    metrics,
    hits,
    readiness,
    expose: () => expose(),
    sampling: true,
  });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS_MAX }, app);
  server.headersTimeout = HEADERS_MS_MAX;
  const connections = new Connections(server);
  const departure = new Departure({ lifecycle, connections, logger });
  const link = new PrimaryLink({
    registry: metrics.registry,
    hits,
    handlers: {
      connection: (socket) => connections.accept(socket),
      handOver: () =>
        departure.handOver((openConnections) => link.send({ kind: 'answered', openConnections })),
      stop: (why) => departure.stop(why),
      probe: async () => {
        const { ready, checks } = await readiness.check();
        const missing = Object.entries(checks).filter(([, { ok }]) => !ok);
        return { ready, detail: missing.map(([name, { detail = '' }]) => `${name}: ${detail}`).join(', ') };
      },
    },
  });
  const expose = async (): Promise<string> => {
    const parts = await link.metrics();
    return await AggregatorRegistry.aggregate(parts).metrics();
  };
  // The guard of the supervisor lets a process end that only waits for messages; this one waits for connections.
  process.channel?.ref();
  process.once('SIGTERM', () => departure.stop('SIGTERM'));
  process.once('SIGINT', () => departure.stop('SIGINT'));
  link.send({ kind: 'built' });

  await departure.over;
  await link.leaveMetrics();
  const closing = Promise.allSettled([
    marketData.stop(),
    mongo.close(),
    temporal.connection.close(),
    tracing.stop(),
  ]);
  await Promise.race([closing, new Promise((expire) => setTimeout(expire, EXIT_MS_MAX).unref())]);
}

void main().then(
  () => process.exit(0),
  (fault: unknown) => {
    createLogger(COMPONENT).error('an API worker stopped on a fault', { fault });
    process.exit(1);
  },
);
