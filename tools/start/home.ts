import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { metricsTargetsFileOf } from '../../config/home-files';

export type PortName =
  | 'api'
  | 'temporal'
  | 'temporalUi'
  | 'venue'
  | 'mongodb'
  | 'temporalMetrics'
  | 'workerOrdersMetrics'
  | 'workerExecutionMetrics';
export type Ports = Record<PortName, number>;

export const DEFAULT_PORTS: Ports = {
  api: 8080,
  temporal: 7233,
  temporalUi: 8233,
  venue: 8090,
  mongodb: 27017,
  temporalMetrics: 0,
  workerOrdersMetrics: 0,
  workerExecutionMetrics: 0,
};

/** Where everything of one installation lies. */
export interface Home {
  folder: string;
  lockFile: string;
  runFile: string;
  childrenFile: string;
  stateFile: string;
  credentialsFile: string;
  temporalConfigFile: string;
  /** Where each process serves its metrics, for Prometheus and for the page of operations. */
  metricsTargetsFile: string;
  logs: string;
  temporalDbFile: string;
  mongoData: string;
  venueData: string;
}

/** Names the places and makes the folders. */
export async function openHome(folder: string): Promise<Home> {
  const home: Home = {
    folder,
    lockFile: join(folder, 'start.lock'),
    runFile: join(folder, 'run.json'),
    childrenFile: join(folder, 'children.json'),
    stateFile: join(folder, 'state.json'),
    credentialsFile: join(folder, 'credentials.json'),
    temporalConfigFile: join(folder, 'temporal.toml'),
    metricsTargetsFile: metricsTargetsFileOf(folder),
    logs: join(folder, 'logs'),
    temporalDbFile: join(folder, 'data/temporal/temporal.db'),
    mongoData: join(folder, 'data/mongodb'),
    venueData: join(folder, 'data/venue'),
  };
  const folders = [home.logs, join(folder, 'data/temporal'), home.mongoData, home.venueData];
  await Promise.all(folders.map((each) => mkdir(each, { recursive: true })));
  return home;
}

/** What the next start on this home must know. */
export interface HomeState {
  ports?: Partial<Ports>;
  /** The program whose files lie under `data/mongodb`; no other program can read them. */
  mongodbFlavour?: string;
}

/** The JSON in `file`; undefined when there is none or it is not JSON. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (fault) {
    if (fault instanceof SyntaxError || (fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fault;
  }
}

/** Replaces `file` in one step: a reader sees the old content or the new one. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const draft = `${file}.${randomUUID()}.new`;
  await writeFile(draft, `${JSON.stringify(value, undefined, 2)}\n`);
  await rename(draft, file);
}
