import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
/** What the snapshot of a build holds. */
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
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json'];

/** Replaces the first text by the second, in one file of the tree. */
export interface Edit {
  file: string;
  from: string;
  to: string;
}

const trees: string[] = [];

/** A copy of this source tree with some edits, as another build would have it. Removed when the process ends. */
export function sourceTree(edits: readonly Edit[] = [], extraFolders: readonly string[] = []): string {
  const dir = mkdtempSync(join(tmpdir(), 'steadfill-tree-'));
  trees.push(dir);
  for (const name of [...FOLDERS, ...FILES, ...extraFolders])
    cpSync(join(ROOT, name), join(dir, name), { recursive: true });
  if (!existsSync(join(dir, 'node_modules')))
    symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  for (const { file, from, to } of edits) {
    const path = join(dir, file);
    const before = readFileSync(path, 'utf8');
    if (!before.includes(from)) throw new Error(`${file} does not hold ${from}`);
    writeFileSync(
      path,
      before.replace(from, () => to),
    );
  }
  return dir;
}

process.once('exit', () => {
  for (const dir of trees) rmSync(dir, { recursive: true, force: true });
});
