import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { traceFolderOf } from '../../observability/tracing';
import type { BuildRecord } from '../deploy/builds/build-record';
import { DEV_SERVER_ENVIRONMENT, devServerArgs } from '../../temporal-config/dev-server';
import type { Found } from '../provision/ladder';
import type { ChildSettings } from './child-settings';
import type { Home, Ports } from './home';
import { LIMITS } from './limits';
import type { ChildSpec } from './managed-child';
import { servingMetrics } from './metrics-targets';
import { mongoServerArgs, mongoUriOf } from './mongo-server';
import type { StartOptions } from './options';
import { WORKFLOW_THREAD } from '../support/workflow-thread';

export const ROOT = resolve(__dirname, '../..');
/** Preload (`--import`) of a process that is to end when the one that started it, with a channel to it, is gone. */
export const CHILD_GUARD = pathToFileURL(join(__dirname, 'child-guard.mjs')).href;
const HOST = '127.0.0.1';

/** Everything the description of the children depends on. */
export interface SystemPlan {
  home: Home;
  ports: Ports;
  temporal: Found;
  mongodb: Found;
  options: StartOptions;
  /** What single children get instead of what all get. */
  childSettings?: ChildSettings;
}

export const temporalAddressOf = ({ ports }: SystemPlan): string => `${HOST}:${ports.temporal}`;
export const temporalUiUrlOf = ({ ports }: SystemPlan): string => `http://${HOST}:${ports.temporalUi}`;
export const apiUrlOf = ({ ports }: SystemPlan): string => `http://${HOST}:${ports.api}`;
export const venueUrlOf = ({ ports }: SystemPlan): string => `http://${HOST}:${ports.venue}`;
export const mongoUriOfPlan = ({ mongodb, ports }: SystemPlan): string =>
  mongodb.flavour === 'external' ? mongodb.value : mongoUriOf(ports.mongodb);

/**
 * The environment of our processes. The user's own Temporal profile is kept away: with its TLS or API key they would
 * not reach the embedded server.
 */
export function childEnvironment(plan: SystemPlan, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { home, ports } = plan;
  return {
    ...withoutOwnProfile(env),
    STEADFILL_HOME: home.folder,
    MONGODB_URI: mongoUriOfPlan(plan),
    TEMPORAL_ADDRESS: temporalAddressOf(plan),
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: home.temporalConfigFile,
    STEADFILL_API_HOST: HOST,
    STEADFILL_API_PORT: String(ports.api),
    STEADFILL_VENUE_URL: venueUrlOf(plan),
    STEADFILL_VENUE_PORT: String(ports.venue),
    STEADFILL_VENUE_DATA_DIR: home.venueData,
    STEADFILL_VENUE_TRACE_DIR: traceFolderOf({ STEADFILL_HOME: home.folder }),
  };
}

function withoutOwnProfile(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(TEMPORAL_|npm_)/.test(name)));
}

/** The settings of one child; the workers of all builds go by the name of the current one. */
function settingsOf({ childSettings }: SystemPlan, name: string): Readonly<Record<string, string>> {
  return childSettings?.[name.startsWith('worker-orders-') ? 'worker-orders' : name] ?? {};
}

export function nodeChild(
  plan: SystemPlan,
  name: string,
  script: string,
  stopMs: number,
  args: string[] = [],
  root = ROOT,
): ChildSpec {
  return {
    name,
    command: process.execPath,
    args: ['--import', 'tsx', '--import', CHILD_GUARD, join(root, script), ...args],
    env: { ...childEnvironment(plan), ...settingsOf(plan, name) },
    cwd: root,
    logFile: join(plan.home.logs, `${name}.log`),
    stopMs,
    isNode: true,
  };
}

/** The two servers; MongoDB only where it is ours to run. */
export function databaseSpecs(plan: SystemPlan): ChildSpec[] {
  const { home, ports, temporal, mongodb } = plan;
  const base = {
    env: withoutOwnProfile(process.env),
    cwd: home.folder,
    stopMs: LIMITS.databaseStopMs,
    isNode: false,
  };
  const temporalArgs = devServerArgs({
    dbFile: home.temporalDbFile,
    port: ports.temporal,
    uiPort: ports.temporalUi,
    metricsPort: ports.temporalMetrics,
  });
  const specs: ChildSpec[] = [
    {
      ...base,
      env: { ...DEV_SERVER_ENVIRONMENT, ...base.env },
      name: 'temporal',
      command: temporal.value,
      args: temporalArgs,
      logFile: join(home.logs, 'temporal.log'),
      metricsUrl: `http://${HOST}:${ports.temporalMetrics}/metrics`,
    },
  ];
  if (mongodb.flavour !== 'external') {
    const args = mongoServerArgs({
      flavour: mongodb.flavour,
      dataFolder: home.mongoData,
      port: ports.mongodb,
    });
    specs.push({
      ...base,
      name: 'mongodb',
      command: mongodb.value,
      args,
      logFile: join(home.logs, 'mongodb.log'),
    });
  }
  return specs;
}

/** The one-time setup; a real `mongod` is made the primary of a set of one, which stand-ins are from the start. */
export function setupSpec(plan: SystemPlan): ChildSpec {
  const { instruments } = plan.options;
  const args = instruments === undefined ? [] : ['--instruments', instruments];
  const spec = nodeChild(plan, 'setup', 'tools/start/setup.ts', LIMITS.databaseStopMs, args);
  if (plan.mongodb.flavour !== 'mongod') return spec;
  return { ...spec, env: { ...spec.env, STEADFILL_REPLICA_SET_HOST: `${HOST}:${plan.ports.mongodb}` } };
}

export function venueSpec(plan: SystemPlan): ChildSpec {
  const { market, speed, from } = plan.options;
  const args = [
    ...(market === undefined ? [] : ['--market', market]),
    ...(speed === undefined ? [] : ['--speed', String(speed)]),
    ...(from === undefined ? [] : ['--from', from]),
  ];
  const spec = nodeChild(plan, 'venue-simulator', 'venues/simulator/main.ts', LIMITS.venueStopMs, args);
  return { ...spec, metricsUrl: `${venueUrlOf(plan)}/metrics` };
}

/** Makes the build of this checkout where one is needed. */
export const checkoutBuildSpec = (plan: SystemPlan): ChildSpec =>
  nodeChild(plan, 'build', 'tools/start/build-checkout.ts', LIMITS.databaseStopMs);

/**
 * The order worker of one build, from its snapshot and with its packages, so that edits of the checkout do not reach
 * it. Its workflow threads record no stack a promise: nearly half of their work (see the file that is preloaded).
 */
export function orderWorkerSpec(
  plan: SystemPlan,
  { buildId, dir }: BuildRecord,
  metricsPort: number,
): ChildSpec {
  const name = `worker-orders-${buildId}`;
  const spec = servingMetrics(
    nodeChild(plan, name, 'workers/main.ts', LIMITS.workerDrainMs, [], dir),
    metricsPort,
  );
  return {
    ...spec,
    buildId,
    args: ['--require', join(dir, WORKFLOW_THREAD), ...spec.args],
    env: { ...spec.env, STEADFILL_BUILD_ID: buildId },
  };
}

/** The child that owns the session with the venue; a second process of it stands by until the first has ended. */
export const GATEWAY = { name: 'worker-execution', script: 'workers/execution.ts' } as const;

/** The gateway runs from the checkout and without versions: it is one for each session with a venue. */
export const gatewaySpec = (plan: SystemPlan): ChildSpec =>
  servingMetrics(
    nodeChild(plan, GATEWAY.name, GATEWAY.script, LIMITS.workerDrainMs),
    plan.ports.workerExecutionMetrics,
  );

export const apiSpec = (plan: SystemPlan): ChildSpec => ({
  ...nodeChild(plan, 'api', 'api/main.ts', LIMITS.apiDrainMs),
  metricsUrl: `${apiUrlOf(plan)}/metrics`,
});
