import { createHash, randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { copySources, digestSources, withoutPlace } from './build-sources';
import { BUILD_FILE, BuildError, BUNDLE_FILE, buildsFolder, listBuilds, readBuild } from './build-store';
import type { BuildRecord } from './build-record';

const run = promisify(execFile);
const ROOT = resolve(__dirname, '../../..');
const BUNDLE_MS_MAX = 180_000;
const GIT_MS_MAX = 5_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const BUILD_ID_DIGITS = 16;

export interface BuildOptions {
  home: string;
  /** The source tree; the checkout that this command belongs to when left out. */
  from?: string;
}

/**
 * Makes a build of a source tree, or finds the one that was made of the same sources before. The build is complete
 * when its folder appears: it is prepared beside it and renamed. Throws BuildError when the tree does not bundle.
 */
export async function makeBuild({ home, from = ROOT }: BuildOptions): Promise<BuildRecord> {
  const sourceDigest = await digestSources(from).catch((fault: unknown) => {
    throw new BuildError(`${from} is not a source tree of Steadfill.`, { cause: fault });
  });
  const known = (await listBuilds(home)).find((build) => build.sourceDigest === sourceDigest);
  if (known !== undefined) return known;
  const staging = join(buildsFolder(home), `.staging-${randomUUID()}`);
  await mkdir(staging, { recursive: true });
  try {
    await copySources(from, staging);
    await linkPackages(from, staging);
    await bundle(staging);
    const buildId = await digestBuild(staging, sourceDigest);
    const commit = await commitOf(from);
    const createdAt = new Date().toISOString();
    const record = { buildId, sourceDigest, createdAt, from, ...(commit !== undefined && { commit }) };
    await writeFile(join(staging, BUILD_FILE), `${JSON.stringify(record, undefined, 2)}\n`);
    await moveIntoPlace(staging, join(buildsFolder(home), buildId));
    const made = await readBuild(home, buildId);
    if (made === undefined) throw new BuildError(`Build ${buildId} vanished from ${buildsFolder(home)}.`);
    return made;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function linkPackages(from: string, staging: string): Promise<void> {
  const modules = join(from, 'node_modules');
  const target = await realpath(modules).catch(() => undefined);
  if (target === undefined)
    throw new BuildError(`${from} has no packages; run "npm ci --ignore-scripts" there.`);
  await symlink(target, join(staging, 'node_modules'), 'dir');
}

/** The tree bundles itself, by its own code: what this checkout would make of it is not the point. */
async function bundle(staging: string): Promise<void> {
  const args = ['--import', 'tsx', join(staging, 'workers/write-bundle.ts'), join(staging, BUNDLE_FILE)];
  const options = { cwd: staging, timeout: BUNDLE_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX };
  try {
    await run(process.execPath, args, options);
  } catch (fault) {
    const { stderr = '', message } = fault as Error & { stderr?: string };
    throw new BuildError(`The workflows do not bundle:\n${stderr.trim() || message}`, { cause: fault });
  }
}

async function digestBuild(dir: string, sourceDigest: string): Promise<string> {
  const text = withoutPlace(await readFile(join(dir, BUNDLE_FILE), 'utf8'));
  return createHash('sha256').update(sourceDigest).update(text).digest('hex').slice(0, BUILD_ID_DIGITS);
}

/** Two commands may have made the same build at once: the first one stays. */
async function moveIntoPlace(staging: string, place: string): Promise<void> {
  try {
    await rename(staging, place);
  } catch (fault) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((fault as NodeJS.ErrnoException).code ?? '')) throw fault;
  }
}

/** The commit of the tree, when it is the top of a Git working tree. */
async function commitOf(from: string): Promise<string | undefined> {
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', ['-C', from, ...args], { timeout: GIT_MS_MAX })).stdout.trim();
  try {
    if ((await git('rev-parse', '--show-toplevel')) !== (await realpath(from))) return undefined;
    const commit = await git('rev-parse', 'HEAD');
    return (await git('status', '--porcelain')) === '' ? commit : `${commit}+`;
  } catch {
    // Not a working tree, or no Git on this machine: the digest names the code all the same.
    return undefined;
  }
}
