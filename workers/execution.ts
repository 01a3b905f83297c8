import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { createExecutionActivities } from '../activities/execution/execution-activities';
import { ExecutionGateway } from '../activities/execution/gateway';
import { createReportSignals } from '../activities/execution/temporal-signals';
import { loadConfig } from '../config/config';
import { createLogger } from '../observability/logger';
import { installRuntime } from '../observability/temporal-logger';
import { tracingPlugins } from '../observability/temporal-tracing';
import { startTracing } from '../observability/tracing';
import { openMongo } from '../storage/mongo';
import { EXECUTION_WORKER_SIZE } from '../temporal-config/worker-sizes';
import { createSimulatorAdapter } from '../venues/simulator/adapter';
import { onShutdown } from './shutdown';
import { connectToTemporal } from './temporal-connection';
import { sharedWorkerOptions } from './worker-options';

const COMPONENT = 'worker-execution';

/** The gateway of the venue XSIM: owns its session and runs the activities of its task queue. */
async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(COMPONENT);
  installRuntime({ component: COMPONENT, config, logger, shutdownSignals: [] });
  const tracing = startTracing({ component: COMPONENT, config, logger });
  const mongo = await openMongo({ uri: config.MONGODB_URI, database: config.MONGODB_DATABASE, logger });
  const { connection, namespace } = await connectToTemporal(logger);
  const plugins = tracingPlugins(tracing);
  const client = new Client({ connection, namespace, plugins });
  const url = config.STEADFILL_VENUE_URL;
  const journalDir = join(config.STEADFILL_HOME, 'gateway', 'XSIM');
  const adapter = createSimulatorAdapter({ url, journalDir, logger });
  const signal = createReportSignals(client);
  const onFatal = (fault: unknown): void => {
    logger.error('The gateway cannot go on', { fault });
    process.exit(1);
  };
  const gateway = new ExecutionGateway({ adapter, signal, journalDir, db: mongo.db, logger, onFatal });
  const taskQueue = `${config.STEADFILL_VENUE_TASK_QUEUE_PREFIX}${adapter.venue}`;
  const worker = await Worker.create({
    ...sharedWorkerOptions(config, config.STEADFILL_BUILD_ID),
    ...EXECUTION_WORKER_SIZE,
    connection,
    namespace,
    taskQueue,
    plugins,
    activities: { ...createExecutionActivities({ adapter, gateway }) },
  });
  await gateway.start();
  onShutdown(logger, () => worker.shutdown());
  logger.info('Polling', { taskQueue, venueUrl: url });
  await worker.run();
  await gateway.stop();
  await mongo.close();
  await connection.close();
  await tracing.stop();
}

void main().then(
  () => process.exit(0),
  (fault: unknown) => {
    createLogger(COMPONENT).error('The gateway stopped on a fault', { fault });
    process.exit(1);
  },
);
