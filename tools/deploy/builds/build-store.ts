import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { digestSources } from './build-sources';
import type { BuildRecord } from './build-record';

const run = promisify(execFile);
const INSTALL_MS_MAX = 10 * 60_000;

export const BUILD_FILE = 'build.json';
export const BUNDLE_FILE = 'workflow-bundle.js';
export const BUILD_ID_PATTERN = /^[0-9a-f]{16}$/;

export const buildsFolder = (home: string): string => join(home, 'builds');

/** Thrown when a build cannot be made, found or run; the message says what to do. */
export class BuildError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BuildError';
  }
}

/** The builds that lie in this home, oldest first. */
export async function listBuilds(home: string): Promise<BuildRecord[]> {
  const names = await readdir(buildsFolder(home)).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => BUILD_ID_PATTERN.test(name)).map((name) => readBuild(home, name)),
  );
  return found
    .filter((build) => build !== undefined)
    .sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
}

/** The build with this id, or undefined when it is not in this home. */
export async function readBuild(home: string, buildId: string): Promise<BuildRecord | undefined> {
  const dir = join(buildsFolder(home), buildId);
  const text = await readFile(join(dir, BUILD_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as Omit<BuildRecord, 'dir' | 'bundlePath'>;
  return { ...record, dir, bundlePath: join(dir, BUNDLE_FILE) };
}

/** The build with this id or unique beginning of one. Throws BuildError when there is none, or more than one. */
export async function findBuild(home: string, idOrPrefix: string): Promise<BuildRecord> {
  const builds = await listBuilds(home);
  const matching = builds.filter(({ buildId }) => buildId.startsWith(idOrPrefix));
  const [only] = matching;
  if (matching.length === 1 && only !== undefined) return only;
  const known = builds.map(({ buildId }) => buildId).join(', ') || 'none';
  const what = matching.length === 0 ? 'No build is' : 'More than one build is';
  throw new BuildError(`${what} called ${idOrPrefix}. Builds in ${buildsFolder(home)}: ${known}.`);
}

/**
 * Makes sure that the snapshot is what it was when it was made and has the packages that its lock file names: they
 * are linked from the tree it came from, and installed into the build once that tree has moved on. Throws BuildError.
 */
export async function ensureRunnable(build: BuildRecord, say: (line: string) => void): Promise<void> {
  const { buildId, dir, sourceDigest } = build;
  if ((await digestSources(dir)) !== sourceDigest) {
    throw new BuildError(`The files of build ${buildId} in ${dir} were changed after it was made.`);
  }
  if (await hasItsPackages(dir)) return;
  say(`Installing the packages of build ${buildId}, whose lock file is not the one of the checkout …`);
  const modules = join(dir, 'node_modules');
  await rm(modules, { recursive: true, force: true });
  const args = ['ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    await run('npm', args, { cwd: dir, timeout: INSTALL_MS_MAX });
  } catch (fault) {
    throw new BuildError(`The packages of build ${buildId} could not be installed in ${dir}.`, {
      cause: fault,
    });
  }
}

/** The installation notes which lock file it came from; one made by hand has no note until a command of ours ran. */
async function hasItsPackages(dir: string): Promise<boolean> {
  const modules = join(dir, 'node_modules');
  if ((await readdir(modules).catch(() => [])).length === 0) return false;
  const stamp = await readFile(join(modules, '.steadfill-install'), 'utf8').catch(() => undefined);
  if (stamp === undefined) return true;
  const lock = await readFile(join(dir, 'package-lock.json'));
  return stamp.startsWith(createHash('sha256').update(lock).digest('hex'));
}
