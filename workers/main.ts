import { join } from 'node:path';
import type { NativeConnection } from '@temporalio/worker';
import { Runtime, Worker } from '@temporalio/worker';
import { createTriggerActivities } from '../activities/execution/trigger-store';
import { createOrderDesk } from '../activities/order-entry/order-desk';
import { createOrderEntryActivities } from '../activities/order-entry/order-entry.activities';
import { createCorrectionActivities } from '../activities/corrections';
import { createOrderSteps } from '../activities/order-steps';
import { createListRecordActivities } from '../activities/reporting/list-record.activities';
import { createReportingActivities } from '../activities/reporting/reporting.activities';
import { createRisk } from '../activities/risk/risk.activities';
import { createSettlementActivities } from '../activities/settlement/settlement.activities';
import { loadConfig, type Config } from '../config/config';
import { Afterwards } from '../observability/afterwards';
import { createLogger, type Logger } from '../observability/logger';
import { logProcessFaults } from '../observability/process-faults';
import { flowCountsPlugin } from '../observability/metrics/flow-counts';
import { watchWorkerProcess } from '../observability/metrics/worker-process';
import { installRuntime } from '../observability/temporal-logger';
import { tracingPlugins } from '../observability/temporal-tracing';
import { startTracing, traceFolderOf, type Tracing } from '../observability/tracing';
import { openMongo, type Mongo } from '../storage/mongo';
import { ORDER_WORKER_SIZE } from '../temporal-config/worker-sizes';
import { createSimulatorMarketData } from '../venues/market-data/simulator-market-data';
import { activityLogPlugin } from './activity-log';
import { measuredReporting, measuredRisk } from './measured';
import { EarlySteps } from './early-steps';
import { expectOrder } from './coming-order';
import { lightenWorkers } from './lighter-worker';
import { connectToTemporal } from './temporal-connection';
import { saveThreadMessages } from './thread-messages';
import { tracedSteps } from './traced-steps';
import { onShutdown } from './shutdown';
import { buildWorkerOptions, sharedWorkerOptions } from './worker-options';
import { loadWorkflowBundle } from './workflow-bundle';
import type { Risk } from '../activities/risk/risk.port';

const COMPONENT = 'worker-orders';

interface Parts {
  config: Config;
  logger: Logger;
  tracing: Tracing;
  mongo: Mongo;
  risk: Risk;
  earlySteps: EarlySteps;
  afterwards: Afterwards;
}

/** The capabilities whose activities the order workflow calls, in one process with the workflow itself. */
function activitiesOf({ config, logger, mongo, risk, earlySteps }: Parts) {
  const { db } = mongo;
  const desk = createOrderDesk({ db, config });
  const meter = Runtime.instance().metricMeter;
  const reporting = measuredReporting(createReportingActivities({ db, logger }), meter);
  const settlement = createSettlementActivities({ db });
  const triggers = createTriggerActivities({ db });
  const steps = createOrderSteps(tracedSteps({ desk, risk, reporting, settlement, triggers }));
  return {
    ...createOrderEntryActivities({ db, config, desk }),
    ...risk.activities,
    ...reporting,
    ...createListRecordActivities({ db }),
    ...settlement,
    ...createCorrectionActivities({ db, reporting, logger }),
    ...steps,
    admitOrder: earlySteps.activity('admitOrder', steps.admitOrder),
  };
}

async function createWorker(parts: Parts, connection: NativeConnection, namespace: string): Promise<Worker> {
  const { config, logger, tracing } = parts;
  const { codePath, buildId, isBuild } = await loadWorkflowBundle(join(config.STEADFILL_HOME, 'bundles'));
  logger.info('The workflow bundle is ready', { buildId, isBuild });
  // Several builds may run side by side, and each line says which of them speaks.
  logger.defaultMeta = { component: COMPONENT, buildId };
  return await Worker.create({
    ...sharedWorkerOptions(config, buildId),
    ...(isBuild && buildWorkerOptions(config, buildId)),
    ...ORDER_WORKER_SIZE,
    connection,
    namespace,
    taskQueue: config.STEADFILL_ORDERS_TASK_QUEUE,
    workflowBundle: { codePath },
    activities: activitiesOf(parts),
    plugins: [
      ...tracingPlugins(tracing),
      activityLogPlugin(logger, parts.afterwards),
      flowCountsPlugin(Runtime.instance().metricMeter),
    ],
  });
}

/** What fails here the next transaction of the account does. */
async function fileLeftovers({ risk, logger }: Parts): Promise<void> {
  await risk.fileLeftovers().catch((fault: unknown) => logger.warn('Orders are left to be filed', { fault }));
}

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(COMPONENT);
  logProcessFaults(logger);
  installRuntime({ component: COMPONENT, config, logger, shutdownSignals: [] });
  const traceFolder = traceFolderOf(config);
  const tracing = startTracing({ component: COMPONENT, config, logger, traceFolder });
  watchWorkerProcess(Runtime.instance().metricMeter);
  const mongo = await openMongo({ uri: config.MONGODB_URI, database: config.MONGODB_DATABASE, logger });
  const marketData = createSimulatorMarketData({ url: config.STEADFILL_VENUE_URL, logger });
  await marketData.start();
  const earlySteps = new EarlySteps();
  const afterwards = Afterwards.ofProcess();
  const risk = measuredRisk(createRisk({ db: mongo.db, marketData, logger }), Runtime.instance().metricMeter);
  const parts: Parts = { config, logger, tracing, mongo, risk, earlySteps, afterwards };
  const { connection, namespace } = await connectToTemporal(logger);
  saveThreadMessages({
    onAsked: (runId, completion) => earlySteps.begin(runId, completion),
    onNew: ({ workflowId }) => expectOrder(risk.entry, workflowId),
  });
  lightenWorkers(logger);
  const worker = await createWorker(parts, connection, namespace);
  onShutdown(logger, () => worker.shutdown());
  logger.info('Polling', { taskQueue: config.STEADFILL_ORDERS_TASK_QUEUE });
  void fileLeftovers(parts);
  await worker.run();
  await fileLeftovers(parts);
  afterwards.doAll();
  await marketData.stop();
  await mongo.close();
  await connection.close();
  await tracing.stop();
}

void main().then(
  () => process.exit(0),
  (fault: unknown) => {
    createLogger(COMPONENT).error('The worker stopped on a fault', { fault });
    process.exit(1);
  },
);
