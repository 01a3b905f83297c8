import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Files that run in one mocha process. */
export interface Shard {
  name: string;
  files: readonly string[];
  load: ShardLoad;
  /** Starts a whole system: `--no-e2e` leaves it out. */
  isSystem: boolean;
}

/**
 * What a shard asks of the machine. `alone`: its figures are judged, so nothing runs beside it. `heavy`: minutes of hundreds
 * of orders, which keep a core busy, so no other of its kind runs beside it. `light`: waits half of its time, or is soon over.
 */
export type ShardLoad = 'light' | 'heavy' | 'alone';

const SYSTEMS = ['e2e', 'chaos', 'load'];
const ALONE = ['load'];
/** The longest first, because they follow one another: what is left at the end is short. */
const HEAVY = ['e2e/release', 'chaos/kill'];
/** One process for all: they are quick, and starting a process costs more than running them. */
const TOGETHER = ['unit'];
/** Begin of the paths of what is no part of the shard of its folder: linters over the repository, and what takes long. */
const APART = [
  'unit/repository',
  'component/api/overload',
  'component/api/roll',
  'component/deploy/canary',
  'component/deploy/commands',
  'component/deploy/gates',
  'workflow/long-life',
  'workflow/order-stories',
];
/** Those that would otherwise be what everybody waits for at the end, the longest first. */
const LONG = [
  'workflow',
  'component/execution',
  'component/api',
  'component/deploy/commands',
  'component/api/roll',
  'component/deploy/canary',
  'chaos/mongo-outage',
  'workflow/order-stories',
  'workflow/long-life',
  'component/matrix',
  'component/deploy/gates',
  'component/deploy',
  'e2e/operations',
  'e2e/start',
];

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

/** Deals files out: `unit` together, whole systems and long files one at a time, the others by folder. Long ones first. */
export function planShards(files: readonly string[]): Shard[] {
  const shards = new Map<string, string[]>();
  for (const file of files) {
    const name = shardName(file);
    shards.set(name, [...(shards.get(name) ?? []), file]);
  }
  return [...shards]
    .map(([name, own]) => ({
      name,
      files: own,
      load: loadOf(name),
      isSystem: SYSTEMS.includes(kindOf(name)),
    }))
    .sort((one, other) => rankOf(one.name) - rankOf(other.name));
}

function loadOf(name: string): ShardLoad {
  if (ALONE.includes(kindOf(name))) return 'alone';
  return HEAVY.includes(name) ? 'heavy' : 'light';
}

function rankOf(name: string): number {
  const order = [...HEAVY, ...LONG];
  return order.includes(name) ? order.indexOf(name) : order.length;
}

const kindOf = (path: string): string => path.split('/')[0] ?? '';

function shardName(file: string): string {
  const path = file.replace(/^test\//, '').replace(/\.test\.ts$/, '');
  const [kind = '', second = '', third] = path.split('/');
  const apart = APART.find((name) => path === name || path.startsWith(`${name}/`));
  if (apart !== undefined) return apart;
  if (TOGETHER.includes(kind)) return kind;
  if (SYSTEMS.includes(kind)) return path;
  return third === undefined ? kind : `${kind}/${second}`;
}
