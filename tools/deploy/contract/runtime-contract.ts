import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { JsonShape } from './json-shape';

/** The descriptor that the answer is written to: a tree may print what it likes when it is loaded. */
const ANSWER = 3;

/** What a source tree says about itself only when it is loaded. */
export interface RuntimeContract {
  /** The environment that it takes: what is required, and the form of each setting. */
  configuration: JsonShape;
  /** Search attributes by name. */
  searchAttributes: Record<string, string>;
  /** Signals, updates and queries of orders, as `kind name`. */
  messages: string[];
  /** Version of the events that it writes, and the oldest version of a reader that understands them. */
  eventVersion: number;
  eventReadableFrom: number;
  /** Version of the view documents that it writes. */
  viewVersion: number;
}

interface SchemaTool {
  toJSONSchema(schema: unknown, options: { io: 'input' | 'output'; unrepresentable: 'any' }): JsonShape;
}

/** A module of the tree, or an empty one when an older tree does not have it. */
function load(dir: string, file: string): Record<string, unknown> {
  const path = join(dir, file);
  return existsSync(path) ? (createRequire(path)(path) as Record<string, unknown>) : {};
}

/** What is required is told by what goes in, the form of a value by what comes out of it. */
function configurationOf(dir: string): JsonShape {
  const { configSchema } = load(dir, 'config/config.ts');
  const tool = createRequire(join(dir, 'config/config.ts'))('zod') as { z: SchemaTool };
  const options = { unrepresentable: 'any' } as const;
  const { required = [] } = tool.z.toJSONSchema(configSchema, { ...options, io: 'input' });
  const { properties = {} } = tool.z.toJSONSchema(configSchema, { ...options, io: 'output' });
  return { type: 'object', properties, required };
}

function messagesOf(dir: string): string[] {
  const all = Object.values(load(dir, 'workflows/order-entry/order-messages.ts'));
  return all
    .filter((value): value is { type: string; name: string } => typeof value === 'object' && value !== null)
    .filter(({ type, name }) => ['signal', 'update', 'query'].includes(type) && typeof name === 'string')
    .map(({ type, name }) => `${type} ${name}`)
    .sort();
}

/** Loads the tree in `dir` into this process: call it in a process of its own. */
export function runtimeContract(dir: string): RuntimeContract {
  const events = load(dir, 'domain/order/order-events.ts');
  const attributes = load(dir, 'temporal-config/search-attributes.ts')['SEARCH_ATTRIBUTES'];
  const version = (value: unknown): number => (typeof value === 'number' ? value : 1);
  return {
    configuration: configurationOf(dir),
    searchAttributes: (attributes ?? {}) as Record<string, string>,
    messages: messagesOf(dir),
    eventVersion: version(events['ORDER_EVENT_VERSION']),
    eventReadableFrom: version(events['ORDER_EVENT_READABLE_FROM']),
    viewVersion: version(load(dir, 'storage/collections.ts')['VIEW_VERSION']),
  };
}

if (require.main === module) {
  const dir = resolve(process.argv[2] ?? '.');
  writeFileSync(ANSWER, JSON.stringify(runtimeContract(dir)));
}
