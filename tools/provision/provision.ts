import { cacheFolder } from './cache';
import type { ArchiveSource } from './download-archive';
import type { DownloadLimits } from './download';
import { k6Part } from './k6.part';
import { climb, type Found, type LadderResult, type Part } from './ladder';
import { mongodbPart } from './mongodb.part';
import type { Platform } from './platform';
import { showProgress, type ProgressOutput } from './progress';
import { failureText } from './failure-text';
import { temporalCliPart } from './temporal-cli.part';
import { testServerPart } from './test-server.part';
import { toxiproxyPart } from './toxiproxy.part';

/** Where parts look. Tests give other downloads, caches and environments. */
export interface PartOptions {
  cache: string;
  env: NodeJS.ProcessEnv;
  platform?: Platform;
  downloads?: {
    temporal?: ArchiveSource;
    mongodb?: ArchiveSource;
    testServer?: ArchiveSource;
    k6?: ArchiveSource;
    toxiproxy?: ArchiveSource;
    limits?: DownloadLimits;
  };
}

export const PART_NAMES = ['temporal', 'mongodb', 'test-server', 'k6', 'toxiproxy'] as const;
export type PartName = (typeof PART_NAMES)[number];

export interface ProvisionOptions {
  parts: readonly PartName[];
  env?: NodeJS.ProcessEnv;
  /** The MongoDB program whose data must be read; see mongodbPart. */
  mongodbFlavour?: string;
  /** False where a user's own MongoDB must not be used, as in tests. */
  acceptMongodbUri?: boolean;
  output?: ProgressOutput;
  signal?: AbortSignal;
}

/** Thrown when a part cannot be provisioned; the message says what was tried and what the user can do. */
export class ProvisioningError extends Error {
  readonly failed: readonly string[];
  constructor(results: readonly LadderResult[]) {
    super(failureText(results));
    this.name = 'ProvisioningError';
    this.failed = results.filter(({ outcome }) => outcome === 'failed').map(({ part }) => part.name);
  }
}

function partOf(name: PartName, options: ProvisionOptions): Part {
  const env = options.env ?? process.env;
  const where: PartOptions = { cache: cacheFolder(env), env };
  if (name === 'temporal') return temporalCliPart(where);
  if (name === 'test-server') return testServerPart(where);
  if (name === 'k6') return k6Part(where);
  if (name === 'toxiproxy') return toxiproxyPart(where);
  return mongodbPart({
    ...where,
    acceptUri: options.acceptMongodbUri ?? true,
    ...(options.mongodbFlavour !== undefined && { flavour: options.mongodbFlavour }),
  });
}

/** Finds, fetches or builds the parts, all at once. Throws ProvisioningError naming every part that failed. */
export async function provision(options: ProvisionOptions): Promise<Record<PartName, Found | undefined>> {
  const signal = options.signal ?? new AbortController().signal;
  const parts = options.parts.map((name) => partOf(name, options));
  const results = await showProgress(parts, (part, say) => climb(part, say, signal), options.output);
  if (results.some(({ outcome }) => outcome === 'failed')) throw new ProvisioningError(results);
  const found = Object.fromEntries(PART_NAMES.map((name) => [name, undefined])) as Record<
    PartName,
    Found | undefined
  >;
  options.parts.forEach((name, index) => {
    const result = results[index];
    if (result?.outcome === 'found') found[name] = result.found;
  });
  return found;
}
