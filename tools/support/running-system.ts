import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { loadConfig } from '../../config/config';

/** Where one process serves its metrics. */
export interface MetricsTarget {
  name: string;
  url: string;
  buildId?: string;
}

/** The public description of a running system, written by `npm start` when it is ready to trade. */
export interface RunDescription {
  apiUrl: string;
  temporalAddress: string;
  temporalUiUrl: string;
  mongoUri: string;
  venueUrl: string;
  credentialsFile: string;
  processes: { name: string; pid: number }[];
  metricsTargets: MetricsTarget[];
  /** The `npm start` that keeps the processes alive. */
  supervisorPid: number;
}

/** The system that runs in this home, or undefined when none does. */
export async function readRunDescription(
  home = loadConfig().STEADFILL_HOME,
): Promise<RunDescription | undefined> {
  const text = await readFile(join(home, 'run.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as RunDescription);
}

/** Where Temporal is: an explicit TEMPORAL_ADDRESS wins, then the running system of this home, then the profile. */
export async function connectionSettings(): Promise<{ address: string; namespace: string }> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const explicit = process.env['TEMPORAL_ADDRESS'];
  const running = explicit === undefined ? await readRunDescription() : undefined;
  return { address: running?.temporalAddress ?? connectionOptions.address ?? '127.0.0.1:7233', namespace };
}
