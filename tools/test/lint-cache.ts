import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';

/** Beside the packages whose versions decide as well: a new installation takes it away. */
const FOLDER = 'node_modules/.cache/steadfill/lint';
const INSTALLED = 'node_modules/.package-lock.json';
const NO_SOURCES = ['node_modules', 'coverage', 'dist'];
const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];

/**
 * Arguments that let ESLint skip files that it passed before. Rules that know types judge a file by others that it
 * imports, and rules of this repository are files themselves, so a verdict counts only while nothing of all this has
 * changed: the cache goes by a digest of every source, the installed packages and the version of Node.
 */
export function lintCacheArgs(root: string): string[] {
  const folder = join(root, FOLDER);
  const name = `${digestOf(root)}.json`;
  mkdirSync(folder, { recursive: true });
  for (const other of readdirSync(folder)) if (other !== name) rmSync(join(folder, other), { force: true });
  return ['--cache', '--cache-strategy', 'content', '--cache-location', join(folder, name)];
}

function digestOf(root: string): string {
  const digest = createHash('sha256').update(process.version);
  for (const file of [INSTALLED, ...sourcesBelow(root, '')]) {
    const content = createHash('sha256').update(readFileSync(join(root, file)));
    digest.update(`\n${file} ${content.digest('hex')}`);
  }
  return digest.digest('hex');
}

/** Everything that a linter may read, relative to `root`, in the order of names. */
function sourcesBelow(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return entry.isFile() && EXTENSIONS.includes(extname(path)) ? [path] : [];
    return entry.name.startsWith('.') || NO_SOURCES.includes(entry.name) ? [] : sourcesBelow(root, path);
  });
}
