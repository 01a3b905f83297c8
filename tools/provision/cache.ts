import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { currentPlatform, platformKey, type Platform } from './platform';
import { acquireLock } from './process-lock.mjs';

/** One cached program: a folder named by part, version and platform, so that a shared home serves many machines. */
export interface CacheEntry {
  name: string;
  /** Path of the program inside the folder. */
  program: string;
}

/** The cache of this user; all clones share it. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'steadfill');
}

export function cacheEntry(
  part: string,
  version: string,
  program: string,
  platform: Platform = currentPlatform(),
): CacheEntry {
  return { name: `${part}-${version}-${platformKey(platform)}`, program };
}

export const programPath = (cache: string, entry: CacheEntry): string =>
  join(cache, entry.name, entry.program);

/** True when `file` exists and may be executed. */
export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

export interface InstallOptions {
  cache: string;
  entry: CacheEntry;
  /** How long to wait for another process that installs the same entry. */
  waitMs: number;
  say: (text: string) => void;
  /** Fills an empty folder; throws when it cannot. */
  build: (folder: string) => Promise<void>;
}

/**
 * Installs an entry once: the folder is built aside and renamed into place, so it is complete or absent; of two
 * processes one builds and the other finds the result. Returns the program's path. Throws what `build` throws.
 */
export async function installIntoCache({
  cache,
  entry,
  waitMs,
  say,
  build,
}: InstallOptions): Promise<string> {
  const program = programPath(cache, entry);
  const onWait = ({ pid }: { pid: number }): void =>
    say(`waiting for process ${pid}, which is installing the same`);
  const lock = await acquireLock(join(cache, 'locks', `${entry.name}.lock`), { waitMs, onWait });
  if ('heldBy' in lock) throw new Error(`process ${lock.heldBy.pid} held the lock for too long`);
  try {
    if (await isExecutable(program)) return program;
    const staging = join(cache, 'staging');
    await removeLeftovers(staging, entry.name);
    const folder = join(staging, `${entry.name}.${randomUUID()}`);
    await mkdir(folder, { recursive: true });
    try {
      await build(folder);
      if (!(await isExecutable(join(folder, entry.program))))
        throw new Error(`left no program ${entry.program}`);
      await rm(join(cache, entry.name), { recursive: true, force: true });
      await rename(folder, join(cache, entry.name));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return program;
  } finally {
    await lock.release();
  }
}

/** Whoever holds the lock of an entry may remove what a killed process left of it. */
async function removeLeftovers(staging: string, name: string): Promise<void> {
  const left = await readdir(staging).catch(() => [] as string[]);
  const ours = left.filter((folder) => folder.startsWith(`${name}.`));
  await Promise.all(ours.map((folder) => rm(join(staging, folder), { recursive: true, force: true })));
}
