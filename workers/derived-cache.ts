import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A bundle or a contract each; the oldest go when there are more. */
const FILES_MAX = 60;
/** Two gates may ask for the same at once. */
const beingMade = new Map<string, Promise<string>>();

function folder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  const cache = base !== undefined && base !== '' ? base : join(homedir(), '.cache');
  return join(cache, 'steadfill', 'derived');
}

/**
 * What `make` makes, from the user's cache when it was made there before. `name` must hold a digest of everything that
 * decides about it. A cache that cannot be read or written costs time, nothing else.
 */
export async function derived(name: string, make: () => Promise<string>): Promise<string> {
  const shared = beingMade.get(name);
  if (shared !== undefined) return await shared;
  const made = findOrMake(name, make).finally(() => beingMade.delete(name));
  beingMade.set(name, made);
  return await made;
}

async function findOrMake(name: string, make: () => Promise<string>): Promise<string> {
  const file = join(folder(), name);
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined && known !== '') return known;
  const made = await make();
  try {
    await keep(file, made);
  } catch (fault) {
    process.emitWarning(`${file} was not kept: ${(fault as Error).message}`);
  }
  return made;
}

/** Renamed into place, so that nobody reads the half of it. */
async function keep(file: string, text: string): Promise<void> {
  await mkdir(folder(), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, file);
  await forgetOldest();
}

async function forgetOldest(): Promise<void> {
  const names = await readdir(folder());
  if (names.length <= FILES_MAX) return;
  const files = names.map((name) => join(folder(), name));
  // Another process may forget the same file at the same time.
  const aged = await Promise.all(
    files.map(async (path) => ({
      path,
      atMs: await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    })),
  );
  aged.sort((one, other) => other.atMs - one.atMs);
  await Promise.all(aged.slice(FILES_MAX).map(({ path }) => rm(path, { force: true })));
}
