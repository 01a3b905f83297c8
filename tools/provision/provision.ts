import { cacheFolder } from './cache';
import { chromiumPart } from './chromium.part';
import type { ArchiveSource } from './download-archive';
import type { DownloadLimits } from './download';
import { k6Part } from './k6.part';
import { climb, type Found, type LadderResult, type Part } from './ladder';
import { mongodbPart } from './mongodb.part';
import type { Platform } from './platform';
import { showProgress, standardOutput, type ProgressOutput } from './progress';
import { failureText } from './failure-text';
import { promtoolPart } from './promtool.part';
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
    prometheus?: ArchiveSource;
    k6?: ArchiveSource;
    toxiproxy?: ArchiveSource;
    limits?: DownloadLimits;
  };
}

export const PART_NAMES = [
  'temporal',
  'mongodb',
  'test-server',
  'k6',
  'toxiproxy',
  'promtool',
  'chromium',
] as const;
export type PartName = (typeof PART_NAMES)[number];

/** Parts that only some tests need: without one those tests are skipped, and say so. */
const OPTIONAL_PARTS: ReadonlySet<string> = new Set<PartName>(['promtool', 'chromium']);

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
  if (name === 'promtool') return promtoolPart(where);
  if (name === 'chromium') return chromiumPart(where);
  if (name === 'k6') return k6Part(where);
  if (name === 'toxiproxy') return toxiproxyPart(where);
  return mongodbPart({
    ...where,
    acceptUri: options.acceptMongodbUri ?? true,
    ...(options.mongodbFlavour !== undefined && { flavour: options.mongodbFlavour }),
  });
}

/**
 * Finds, fetches or builds the parts, all at once. An optional part that cannot be had is undefined, and the user is
 * told why. Throws ProvisioningError naming every other part that failed.
 */
export async function provision(options: ProvisionOptions): Promise<Record<PartName, Found | undefined>> {
  const signal = options.signal ?? new AbortController().signal;
  const parts = options.parts.map((name) => partOf(name, options));
  const results = await showProgress(parts, (part, say) => climb(part, say, signal), options.output);
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  const missing = failed.filter(({ part }) => !OPTIONAL_PARTS.has(part.name));
  if (missing.length > 0) throw new ProvisioningError(missing);
  if (failed.length > 0) (options.output ?? standardOutput).line(failureText(failed));
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
