import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Files that run in one mocha process. */
export interface Shard {
  name: string;
  files: readonly string[];
  /** Runs while nothing else does: whole systems, kills and load want the machine for themselves. */
  isExclusive: boolean;
}

const EXCLUSIVE = ['e2e', 'chaos', 'load'];
/** One process for all: they are quick, and starting a process costs more than running them. */
const TOGETHER = ['unit'];
/** Except these, which run linters over the repository. */
const APART = ['unit/repository'];

/** Every test file below `root`/test, relative to `root`, sorted. */
export function listTestFiles(root: string): string[] {
  return readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** The files that one of the patterns names: a file, a folder, or a part of a path. No pattern names all. */
export function selectFiles(files: readonly string[], patterns: readonly string[]): string[] {
  if (patterns.length === 0) return [...files];
  return files.filter((file) => patterns.some((pattern) => file.includes(pattern.replace(/^\.\//, ''))));
}

/** Deals files out: `unit` together, whole systems one file at a time, everything else by its folder. */
export function planShards(files: readonly string[]): Shard[] {
  const shards = new Map<string, string[]>();
  for (const file of files) {
    const name = shardName(file);
    shards.set(name, [...(shards.get(name) ?? []), file]);
  }
  return [...shards].map(([name, own]) => ({
    name,
    files: own,
    isExclusive: EXCLUSIVE.includes(kindOf(name)),
  }));
}

const kindOf = (path: string): string => path.split('/')[0] ?? '';

function shardName(file: string): string {
  const path = file.replace(/^test\//, '');
  const [kind = '', second = ''] = path.split('/');
  if (TOGETHER.includes(kind) && !APART.includes(`${kind}/${second}`)) return kind;
  if (EXCLUSIVE.includes(kind)) return path.replace(/\.test\.ts$/, '');
  return second.endsWith('.ts') ? kind : `${kind}/${second}`;
}
