import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSystemUnderTest } from '../bench/system-under-test';
import { provision } from '../provision/provision';
import { choosePorts } from '../start/ports';
import { readRunDescription, type RunDescription } from '../support/running-system';
import type { Target } from './generator';
import { LINKS, settingThrough } from './links';
import { Toxiproxy } from './toxiproxy';

/** The demo account has few orders a second by default; what limits here must be the system. */
const SETTINGS = { STEADFILL_RATE_LIMIT_PER_SECOND: '100000', STEADFILL_LOG_LEVEL: 'warn' };

/** A system to put load on. */
export interface LoadedSystem {
  home: string;
  described: RunDescription;
  target: Target;
  k6: string;
  /** Stands in every connection of LINKS; undefined for a system that was started by somebody else. */
  proxies: Toxiproxy | undefined;
  /** Where the order worker serves the metrics of the Temporal SDK, when it does. */
  workerMetricsUrl: string | undefined;
  /** Stops what was started here, and removes its data. */
  stop(): Promise<void>;
}

/** The programs of load tests. Throws ProvisioningError. */
async function loadTools(): Promise<{ k6: string; toxiproxy: string }> {
  const found = await provision({ parts: ['k6', 'toxiproxy'] });
  if (found.k6 === undefined || found.toxiproxy === undefined)
    throw new Error('provisioning left a part out');
  return { k6: found.k6.value, toxiproxy: found.toxiproxy.value };
}

async function targetOf(described: RunDescription): Promise<Target> {
  const { keys } = JSON.parse(await readFile(described.credentialsFile, 'utf8')) as {
    keys: { role: string; accounts: string[]; key: string }[];
  };
  const trader = keys.find(({ role, accounts }) => role === 'trader' && accounts.length > 1);
  if (trader === undefined) throw new Error('the credentials file has no trader for both accounts');
  return { apiUrl: described.apiUrl, key: trader.key, accounts: trader.accounts };
}

/** The system that runs in `home`, as it is. Throws when none does. */
export async function attach(home: string): Promise<LoadedSystem> {
  const described = await readRunDescription(home);
  if (described === undefined) throw new Error(`no system runs in ${home}; leave --home out to start one`);
  const { k6 } = await loadTools();
  const target = await targetOf(described);
  const workerMetricsUrl = metricsUrlOf(described);
  return { home, described, target, k6, proxies: undefined, workerMetricsUrl, stop: () => Promise.resolve() };
}

/** Starts a system of its own through `npm start`, with a proxy in every connection that load tests delay or cut. */
export async function startLoadedSystem(
  settings: Readonly<Record<string, string>> = {},
): Promise<LoadedSystem> {
  const tools = await loadTools();
  const home = await mkdtemp(join(tmpdir(), 'steadfill-loaded-'));
  const proxies = await Toxiproxy.start(tools.toxiproxy);
  const cleanUp = async (): Promise<void> => {
    await proxies.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    const { file, metricsPort } = await prepareHome(home, proxies);
    const system = await startSystemUnderTest(home, {
      ...SETTINGS,
      ...settings,
      STEADFILL_CHILD_SETTINGS_FILE: file,
    });
    const { described } = system;
    return {
      home,
      described,
      target: await targetOf(described),
      k6: tools.k6,
      proxies,
      workerMetricsUrl: metricsUrlOf(described) ?? `http://127.0.0.1:${metricsPort}/metrics`,
      stop: async () => {
        await system.stop();
        await cleanUp();
      },
    };
  } catch (fault) {
    await cleanUp();
    throw fault;
  }
}

/** Chooses every port beforehand, because the proxies must know where they lead before anything listens there. */
async function prepareHome(home: string, proxies: Toxiproxy): Promise<{ file: string; metricsPort: number }> {
  const servers = { api: 0, temporal: 0, temporalUi: 0, venue: 0, mongodb: 0, metrics: 0 };
  const listeners = Object.fromEntries(LINKS.map(({ name }) => [name, 0])) as Record<string, number>;
  const chosen = await choosePorts<string>({ ...servers, ...listeners });
  const portOf = (name: string): number => chosen[name]?.port ?? 0;
  const settings: Record<string, Record<string, string>> = {
    'worker-orders': { STEADFILL_METRICS_ADDRESS: `127.0.0.1:${portOf('metrics')}` },
  };
  for (const link of LINKS) {
    await proxies.addProxy(link.name, portOf(link.name), portOf(link.port));
    (settings[link.child] ??= {})[link.setting] = settingThrough(link, portOf(link.name));
  }
  const { metrics: _metrics, ...own } = servers;
  const ports = Object.fromEntries(Object.keys(own).map((name) => [name, portOf(name)]));
  const file = join(home, 'child-settings.json');
  await writeFile(join(home, 'state.json'), JSON.stringify({ ports }));
  await writeFile(file, JSON.stringify(settings));
  return { file, metricsPort: portOf('metrics') };
}

/** A system that names its metrics in run.json is believed. */
function metricsUrlOf(described: RunDescription): string | undefined {
  const { metricsTargets } = described as { metricsTargets?: { name: string; url: string }[] };
  return metricsTargets?.find(({ name }) => name === 'worker-orders')?.url;
}
