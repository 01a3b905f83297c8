import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadConfig } from '../config/config';
import { createLogger, type Logger } from '../observability/logger';
import { logProcessFaults } from '../observability/process-faults';
import { promProcess } from '../observability/metrics/prom-meters';
import { tracingPlugins } from '../observability/temporal-tracing';
import { startTracing, traceFolderOf } from '../observability/tracing';
import { openMongo } from '../storage/mongo';
import { createSimulatorMarketData } from '../venues/market-data/simulator-market-data';
import { createApp } from './app';
import { systemClock } from './clock';
import { Lifecycle } from './lifecycle';
import { ApiMetrics } from './ops/metrics';
import { connectLazily } from './temporal/temporal-client';

const COMPONENT = 'api';
/** Longer than the longest answer; what is not done by then is cut off. */
const DRAIN_MS_MAX = 12_000;
const EXIT_MS_MAX = 3_000;
const IDLE_SWEEP_MS = 50;
const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 30_000;
/** Longer than what clients keep, so that we do not close a connection that a client just reuses. */
const KEEP_ALIVE_MS = 65_000;

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
  const app = createApp(
    { config, logger, temporal, mongo, marketData, clock: systemClock },
    { lifecycle, metrics, sampling: true },
  );
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS_MAX }, app);
  server.headersTimeout = HEADERS_MS_MAX;
  await listen(server, config.STEADFILL_API_HOST, config.STEADFILL_API_PORT);
  logger.info('listening', { port: (server.address() as AddressInfo).port });

  await askedToStop(logger);
  lifecycle.drain();
  await closeWithin(server, DRAIN_MS_MAX, logger);
  const closing = Promise.allSettled([
    marketData.stop(),
    mongo.close(),
    temporal.connection.close(),
    tracing.stop(),
  ]);
  await Promise.race([closing, new Promise((expire) => setTimeout(expire, EXIT_MS_MAX).unref())]);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Settles on the first SIGTERM or SIGINT, or when the supervisor that started this process is gone. */
function askedToStop(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    const stop = (why: string) => (): void => {
      logger.info('draining', { why });
      resolve();
    };
    process.once('SIGTERM', stop('SIGTERM'));
    process.once('SIGINT', stop('SIGINT'));
    if (process.channel !== undefined) process.once('disconnect', stop('the supervisor is gone'));
  });
}

/** Takes no new connection; requests in flight finish within `limitMs`, idle connections close at once. */
async function closeWithin(server: Server, limitMs: number, logger: Logger): Promise<void> {
  const timer = setTimeout(() => {
    logger.warn('requests were cut off at the end of the drain');
    server.closeAllConnections();
  }, limitMs);
  // A connection that is busy now becomes idle later, and a client may keep it open for longer than we want to wait.
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearInterval(sweep);
  clearTimeout(timer);
}

void main().then(
  () => process.exit(0),
  (fault: unknown) => {
    createLogger(COMPONENT).error('the API stopped on a fault', { fault });
    process.exit(1);
  },
);
