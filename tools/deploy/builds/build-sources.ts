import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The code that the order worker runs, and what decides which packages and compiler settings it runs with. */
const FOLDERS = [
  'domain',
  'workflows',
  'activities',
  'venues',
  'workers',
  'storage',
  'observability',
  'config',
  'temporal-config',
];
const FILES = ['package-lock.json', 'tsconfig.json'];
/** Needed to run, but its scripts and texts change without changing what the worker does. */
const FILES_BESIDE = ['package.json'];
const CODE = /\.(ts|mjs|cjs|js|json)$/;

async function codeFilesIn(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && CODE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** Paths relative to `root`, sorted, of everything that makes a build. Throws when a folder is missing. */
export async function buildSources(root: string): Promise<string[]> {
  const found = await Promise.all(FOLDERS.map((folder) => codeFilesIn(root, folder)));
  return [...found.flat(), ...FILES].sort();
}

/** Digest over names and contents of the sources of a build, in hex. */
export async function digestSources(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await buildSources(root)) {
    hash.update(`${file}\n`);
    hash.update(await readFile(join(root, file)));
  }
  return hash.digest('hex');
}

/** Copies the sources of a build. */
export async function copySources(root: string, target: string): Promise<void> {
  for (const file of [...(await buildSources(root)), ...FILES_BESIDE]) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await copyFile(join(root, file), join(target, file));
  }
}

/**
 * The bundle without what says where it was made: the source map, and the way from its folder to the packages. Two
 * machines that bundle the same code then see the same text.
 */
export function withoutPlace(bundle: string): string {
  return bundle
    .replace(/\n\/\/# sourceMappingURL=[^\n]*/g, '')
    .replace(/[^\s"'`(!]*\/node_modules\//g, 'node_modules/')
    .replace(/"\?[0-9a-f]{4}"/g, '"?"')
    .replace(/\*{4,}/g, '***');
}
