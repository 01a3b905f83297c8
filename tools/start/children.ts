import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { devServerArgs } from '../../temporal-config/dev-server';
import type { Found } from '../provision/ladder';
import type { ChildSettings } from './child-settings';
import type { Home, Ports } from './home';
import { LIMITS } from './limits';
import type { ChildSpec } from './managed-child';
import { mongoServerArgs, mongoUriOf } from './mongo-server';
import type { StartOptions } from './options';

export const ROOT = resolve(__dirname, '../..');
const GUARD = pathToFileURL(join(__dirname, 'child-guard.mjs')).href;
const WORKFLOW_THREAD = join(ROOT, 'observability/workflow-thread.cjs');
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
  };
}

function withoutOwnProfile(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(TEMPORAL_|npm_)/.test(name)));
}

export function nodeChild(
  plan: SystemPlan,
  name: string,
  script: string,
  stopMs: number,
  args: string[] = [],
): ChildSpec {
  return {
    name,
    command: process.execPath,
    args: ['--import', 'tsx', '--import', GUARD, join(ROOT, script), ...args],
    env: { ...childEnvironment(plan), ...plan.childSettings?.[name] },
    cwd: ROOT,
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
  });
  const specs: ChildSpec[] = [
    {
      ...base,
      name: 'temporal',
      command: temporal.value,
      args: temporalArgs,
      logFile: join(home.logs, 'temporal.log'),
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
  const spec = nodeChild(plan, 'setup', 'tools/start/setup.ts', LIMITS.databaseStopMs);
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
  return nodeChild(plan, 'venue-simulator', 'venues/simulator/main.ts', LIMITS.venueStopMs, args);
}

/** Workflow threads that record no stack a promise: nearly half of their work (see the file that is preloaded). */
function withoutPromiseStacks(spec: ChildSpec): ChildSpec {
  return { ...spec, args: ['--require', WORKFLOW_THREAD, ...spec.args] };
}

export function workerSpecs(plan: SystemPlan): ChildSpec[] {
  return [
    withoutPromiseStacks(nodeChild(plan, 'worker-orders', 'workers/main.ts', LIMITS.workerDrainMs)),
    nodeChild(plan, 'worker-execution', 'workers/execution.ts', LIMITS.workerDrainMs),
  ];
}

export const apiSpec = (plan: SystemPlan): ChildSpec =>
  nodeChild(plan, 'api', 'api/main.ts', LIMITS.apiDrainMs);
