import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { Runtime, Worker } from '@temporalio/worker';
import { createExecutionActivities } from '../activities/execution/execution-activities';
import { ExecutionGateway } from '../activities/execution/gateway';
import { createReportSignals, createTriggerSignals } from '../activities/execution/temporal-signals';
import { TriggerRegistry } from '../activities/execution/trigger-registry';
import { TriggerWatch } from '../activities/execution/trigger-watch';
import { loadConfig } from '../config/config';
import { logProcessFaults } from '../observability/process-faults';
import { watchWorkerProcess } from '../observability/metrics/worker-process';
import { Afterwards } from '../observability/afterwards';
import { createLogger, type Logger } from '../observability/logger';
import { installRuntime } from '../observability/temporal-logger';
import { tracingPlugins } from '../observability/temporal-tracing';
import { startTracing, traceFolderOf } from '../observability/tracing';
import { openMongo } from '../storage/mongo';
import { EXECUTION_WORKER_SIZE } from '../temporal-config/worker-sizes';
import { createSimulatorAdapter } from '../venues/simulator/adapter';
import { createSimulatorTicks } from '../venues/market-data/simulator-ticks';
import { activityLogPlugin } from './activity-log';
import { lightenWorkers } from './lighter-worker';
import { measuredAdapter, watchSession } from './measured';
import { SessionClaim } from '../venues/journal/session-claim';
import { onShutdown } from './shutdown';
import { connectToTemporal } from './temporal-connection';
import { sharedWorkerOptions } from './worker-options';

const COMPONENT = 'worker-execution';

/** Tells the supervisor, if there is one, how far this gateway is. */
function tell(kind: 'standingBy' | 'owning'): void {
  if (process.connected) process.send?.({ kind }, undefined, undefined, () => undefined);
}

/**
 * The gateway of the venue XSIM: owns its session and runs the activities of its task queue. While another process
 * owns the session it stands by, with everything open that takes time to open.
 */
async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(COMPONENT);
  logProcessFaults(logger);
  installRuntime({ component: COMPONENT, config, logger, shutdownSignals: [] });
  const traceFolder = traceFolderOf(config);
  const meter = Runtime.instance().metricMeter;
  watchWorkerProcess(meter);
  const tracing = startTracing({ component: COMPONENT, config, logger, traceFolder });
  const mongo = await openMongo({ uri: config.MONGODB_URI, database: config.MONGODB_DATABASE, logger });
  const { connection, namespace } = await connectToTemporal(logger);
  const plugins = tracingPlugins(tracing);
  const client = new Client({ connection, namespace, plugins });
  const url = config.STEADFILL_VENUE_URL;
  const journalDir = join(config.STEADFILL_HOME, 'gateway', 'XSIM');
  const adapter = measuredAdapter(createSimulatorAdapter({ url, journalDir, logger }), meter);
  const signal = createReportSignals(client, config.STEADFILL_ORDERS_TASK_QUEUE);
  const onFatal = (fault: unknown): void => {
    logger.error('The gateway cannot go on', { fault });
    process.exit(1);
  };
  const gateway = new ExecutionGateway({ adapter, signal, journalDir, db: mongo.db, logger, onFatal });
  const taskQueue = `${config.STEADFILL_VENUE_TASK_QUEUE_PREFIX}${adapter.venue}`;
  const afterwards = Afterwards.ofProcess();
  lightenWorkers(logger);
  const worker = await Worker.create({
    ...sharedWorkerOptions(config, config.STEADFILL_BUILD_ID),
    ...EXECUTION_WORKER_SIZE,
    connection,
    namespace,
    taskQueue,
    plugins: [...plugins, activityLogPlugin(logger, afterwards)],
    activities: { ...createExecutionActivities({ adapter, gateway }) },
  });
  const claim = await claimSession(journalDir, logger, () => worker.shutdown());
  if (claim === undefined) return;
  claim.watch(() => onFatal(new Error('another process has claimed the venue session')));
  await gateway.start();
  const watch = new TriggerWatch({
    market: createSimulatorTicks({ url, logger }),
    registry: new TriggerRegistry(mongo.db, adapter.venue),
    signal: createTriggerSignals(client),
    logger,
  });
  await watch.start();
  watchSession({ adapter, waitingCount: () => gateway.waitingCount() }, meter);
  tell('owning');
  logger.info('Polling', { taskQueue, venueUrl: url });
  await worker.run();
  afterwards.doAll();
  await watch.stop();
  await gateway.stop();
  await claim.release();
  await mongo.close();
  await connection.close();
  await tracing.stop();
}

/**
 * Waits for the session, and from then on drains the worker when this process is asked to end. Answers undefined when
 * it was asked to end while it stood by.
 */
async function claimSession(
  folder: string,
  logger: Logger,
  drain: () => void,
): Promise<SessionClaim | undefined> {
  const waiting = new AbortController();
  let owned = false;
  onShutdown(logger, () => (owned ? drain() : waiting.abort()));
  const claim = await SessionClaim.acquire(folder, {
    signal: waiting.signal,
    onWait: ({ pid }) => {
      logger.info('Standing by: another process owns the venue session', { ownerPid: pid });
      tell('standingBy');
    },
  });
  owned = claim !== undefined;
  if (claim === undefined || !waiting.signal.aborted) return claim;
  await claim.release();
  return undefined;
}

void main().then(
  () => process.exit(0),
  (fault: unknown) => {
    createLogger(COMPONENT).error('The gateway stopped on a fault', { fault });
    process.exit(1);
  },
);
