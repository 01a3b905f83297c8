import { createServer, type Server } from 'node:http';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createExecutionActivities } from '../../../activities/execution/execution-activities';
import { ExecutionGateway } from '../../../activities/execution/gateway';
import { createReportSignals } from '../../../activities/execution/temporal-signals';
import { seedDemoWorld } from '../../../activities/order-entry/demo-seed';
import { createTriggerActivities } from '../../../activities/execution/trigger-store';
import { createOrderDesk } from '../../../activities/order-entry/order-desk';
import { createCorrectionActivities } from '../../../activities/corrections';
import { createOrderSteps } from '../../../activities/order-steps';
import { createOrderEntryActivities } from '../../../activities/order-entry/order-entry.activities';
import { createReportingActivities } from '../../../activities/reporting/reporting.activities';
import { createRisk } from '../../../activities/risk/risk.activities';
import { createSettlementActivities } from '../../../activities/settlement/settlement.activities';
import { loadConfig } from '../../../config/config';
import { createLogger } from '../../../observability/logger';
import { replayPlugins } from '../../../observability/temporal-tracing';
import { ensureIndexes } from '../../../storage/indexes';
import { openMongo } from '../../../storage/mongo';
import { seedDemoRisk } from '../../../storage/seed-demo-risk';
import { createSimulatorAdapter } from '../../../venues/simulator/adapter';
import { createSimulatorMarketData } from '../../../venues/market-data/simulator-market-data';
import { bundleWorkflows } from '../../../workers/workflow-bundle';
import { prepareNamespace } from '../../../tools/start/temporal-namespace';
import { apiContract } from '../../../tools/deploy/contract/api-contract';
import { VenueProcess } from '../../conformance/venues/venue-process';
import { eventually } from '../../support/eventually';
import { testMongo, testTemporal, uniqueName } from '../../support/servers';
import { quietTemporal } from '../../support/temporal-harness';
import { workflowBundle } from '../../support/order-harness';
import { sourceTree } from '../../support/build-tree';
import type { BuildRecord } from '../../../tools/deploy/builds/build-record';
import type { DeployContext } from '../../../tools/deploy/context';

const ROOT = resolve(__dirname, '../../..');
/** Workflow code of builds, by the file that exports it. */
const CODES = {
  plain: undefined,
  altered: resolve(ROOT, 'test/replay/altered/altered-workflows.ts'),
  stuck: resolve(__dirname, 'stuck-workflows.ts'),
};
const NAMESPACE_RETENTION_MS = 86_400_000;
const NAMESPACE_MS_MAX = 30_000;
const QUOTE = { bid: '182', bidSize: '100000', ask: '182.06', askSize: '100000' };

export type RealActivities = Record<string, unknown>;

export interface BuildOptions {
  /** Activities in place of the real ones: a build that behaves otherwise. */
  activities?: Record<string, (...args: never[]) => unknown>;
  /** `altered` has a step that no history has; the first task of `stuck` fails for ever. */
  code?: keyof typeof CODES;
}

/** Everything that gates and figures look at, real and of its own: venue, gateway, MongoDB, Temporal, versioned workers. */
export interface DeployWorld {
  context: DeployContext;
  said: string[];
  taskQueue: string;
  real: RealActivities;
  /** Makes the record and the snapshot of a build in this home. */
  makeBuild(buildId: string, options?: Pick<BuildOptions, 'code'> & { dir?: string }): Promise<BuildRecord>;
  /** Runs a versioned worker of the build until the world is closed. */
  startBuild(buildId: string, options?: BuildOptions): Promise<void>;
  setCurrent(buildId: string): Promise<void>;
  setRamp(buildId: string, percentage: number): Promise<void>;
  close(): Promise<void>;
}

export async function openDeployWorld(): Promise<DeployWorld> {
  quietTemporal();
  const home = await mkdtemp(join(tmpdir(), 'steadfill-deploy-'));
  const deploymentName = uniqueName('deployment');
  const [{ address }, { uri }] = await Promise.all([testTemporal(), testMongo()]);
  const venue = await VenueProcess.start({ dataDir: join(home, 'venue') });
  await venue.call('PUT', '/quotes/IBM', QUOTE);
  const config = loadConfig({
    STEADFILL_HOME: home,
    STEADFILL_VENUE_URL: venue.url,
    STEADFILL_ORDERS_TASK_QUEUE: uniqueName('orders'),
    STEADFILL_VENUE_TASK_QUEUE_PREFIX: uniqueName('venue'),
    STEADFILL_DEPLOYMENT_NAME: deploymentName,
    STEADFILL_SETTLEMENT_DELAY_MS: '100',
    STEADFILL_LOG_LEVEL: 'error',
  });
  const logger = createLogger('deploy-test', 'error');
  const mongo = await openMongo({ uri, database: uniqueName('deploy') });
  await ensureIndexes(mongo.db);
  await seedDemoWorld(mongo.db);
  await seedDemoRisk(mongo.db);
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const namespace = await ownNamespace(clientConnection);
  const client = new Client({ connection: clientConnection, namespace });
  const marketData = createSimulatorMarketData({ url: venue.url, logger });
  await marketData.start();
  await eventually(() => marketData.latest('IBM'), { timeoutMs: 30_000, what: 'a quote of IBM' });
  const { db } = mongo;
  const desk = createOrderDesk({ db, config });
  const risk = createRisk({ db, marketData, logger });
  const reporting = createReportingActivities({ db, logger });
  const settlement = createSettlementActivities({ db });
  const real = {
    ...createOrderEntryActivities({ db, config, desk }),
    ...risk.activities,
    ...reporting,
    ...settlement,
    ...createCorrectionActivities({ db, reporting, logger }),
    ...createOrderSteps({ desk, risk, reporting, settlement, triggers: createTriggerActivities({ db }) }),
  };
  const journalDir = join(home, 'gateway');
  const adapter = createSimulatorAdapter({ url: venue.url, journalDir, logger });
  const onFatal = (fault: unknown): void => {
    throw fault;
  };
  const gateway = new ExecutionGateway({
    adapter,
    signal: createReportSignals(client, config.STEADFILL_ORDERS_TASK_QUEUE),
    journalDir,
    db: mongo.db,
    logger,
    onFatal,
  });
  await gateway.start();
  const workers: { worker: Worker; running: Promise<void> }[] = [];
  const run = (worker: Worker): void => void workers.push({ worker, running: worker.run() });
  run(
    await Worker.create({
      connection,
      namespace,
      taskQueue: `${config.STEADFILL_VENUE_TASK_QUEUE_PREFIX}XSIM`,
      activities: { ...createExecutionActivities({ adapter, gateway }) },
    }),
  );
  const api = await serveApi();
  const said: string[] = [];
  const context: DeployContext = {
    config,
    client,
    namespace,
    deploymentName,
    home,
    db: mongo.db,
    run: {
      apiUrl: api.url,
      temporalAddress: address,
      temporalUiUrl: '',
      mongoUri: uri,
      venueUrl: venue.url,
      credentialsFile: '',
      processes: [],
      metricsTargets: [],
      supervisorPid: process.pid,
    },
    say: (line) => said.push(line),
    nowMs: () => Date.now(),
    dryRun: false,
    by: 'tester',
  };
  const bundles = {
    plain: workflowBundle,
    altered: once(() => bundleWorkflows(CODES.altered)),
    stuck: once(() => bundleWorkflows(CODES.stuck)),
  };
  const routed = routing(context);
  return {
    context,
    said,
    taskQueue: config.STEADFILL_ORDERS_TASK_QUEUE,
    real,
    makeBuild: async (buildId, { code = 'plain', dir = sourceTree() } = {}) => {
      const bundlePath = join(home, `bundle-${buildId}.js`);
      await writeFile(bundlePath, (await bundles[code]()).code);
      const record = { buildId, sourceDigest: '', createdAt: new Date().toISOString(), from: ROOT };
      await mkdir(join(home, 'builds'), { recursive: true });
      await writeFile(join(dir, 'build.json'), JSON.stringify(record));
      await symlink(dir, join(home, 'builds', buildId), 'dir');
      return { ...record, dir, bundlePath };
    },
    startBuild: async (buildId, { activities = {}, code = 'plain' } = {}) => {
      run(
        await Worker.create({
          connection,
          namespace,
          taskQueue: config.STEADFILL_ORDERS_TASK_QUEUE,
          workflowBundle: await bundles[code](),
          activities: { ...real, ...activities },
          plugins: replayPlugins(),
          workerDeploymentOptions: {
            version: { deploymentName, buildId },
            useWorkerVersioning: true,
            defaultVersioningBehavior: 'PINNED',
          },
        }),
      );
      await routed.untilKnown(buildId);
    },
    setCurrent: routed.setCurrent,
    setRamp: routed.setRamp,
    close: async () => {
      for (const { worker } of workers) worker.shutdown();
      await Promise.all(workers.map(({ running }) => running));
      await gateway.stop();
      await marketData.stop();
      await venue.stop();
      await api.close();
      await clientConnection.close();
      await connection.close();
      await mongo.db.dropDatabase();
      await mongo.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Gates and figures look at every order of a namespace, and other suites have orders of their own kind in theirs. */
async function ownNamespace(connection: Connection): Promise<string> {
  const namespace = uniqueName('deploy');
  const workflowExecutionRetentionPeriod = msNumberToTs(NAMESPACE_RETENTION_MS);
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  await prepareNamespace(connection, namespace, NAMESPACE_MS_MAX);
  const client = new Client({ connection, namespace });
  const isServed = async (): Promise<boolean> =>
    await client.workflow.count("OrderState = 'routed'").then(
      () => true,
      () => false,
    );
  await eventually(isServed, { timeoutMs: NAMESPACE_MS_MAX, what: `namespace ${namespace}` });
  return namespace;
}

/** The routing of one deployment, each change waited for. */
function routing({ client, namespace, deploymentName }: DeployContext) {
  const describe = async () =>
    (await client.workflowService.describeWorkerDeployment({ namespace, deploymentName }))
      .workerDeploymentInfo;
  const until = (what: string, is: (info: Awaited<ReturnType<typeof describe>>) => boolean) =>
    eventually(async () => is(await describe().catch(() => undefined)), { timeoutMs: 30_000, what });
  return {
    untilKnown: (buildId: string) =>
      until(`build ${buildId} in Temporal`, (info) =>
        (info?.versionSummaries ?? []).some(
          ({ deploymentVersion }) => deploymentVersion?.buildId === buildId,
        ),
      ),
    setCurrent: async (buildId: string): Promise<void> => {
      const current = { namespace, deploymentName, buildId };
      await whenPolled(() => client.workflowService.setWorkerDeploymentCurrentVersion(current));
      await until(
        `${buildId} as current`,
        (info) => info?.routingConfig?.currentDeploymentVersion?.buildId === buildId,
      );
    },
    setRamp: async (buildId: string, percentage: number): Promise<void> => {
      const ramp = { namespace, deploymentName, buildId, percentage };
      await whenPolled(() => client.workflowService.setWorkerDeploymentRampingVersion(ramp));
      await until(
        `${buildId} as ramping`,
        (info) => info?.routingConfig?.rampingDeploymentVersion?.buildId === buildId,
      );
    },
  };
}

/** Temporal refuses a version until it knows the task queues of its worker, which is a moment after that polls. */
async function whenPolled(change: () => Promise<unknown>): Promise<void> {
  await eventually(async () => {
    await change();
    return true;
  });
}

/** The description of the API of this tree, as the running API serves it. */
async function serveApi(): Promise<{ url: string; close: () => Promise<void> }> {
  const body = JSON.stringify(apiContract(ROOT));
  const server: Server = createServer((request, response) => {
    response.statusCode = request.url === '/openapi.json' ? 200 : 404;
    response.setHeader('content-type', 'application/json').end(body);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  return { url: `http://127.0.0.1:${port}`, close };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
