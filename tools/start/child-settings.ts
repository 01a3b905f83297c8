import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError } from '../../config/config';

/** Settings of single children by the name of the process in run.json; they win over what all children get. */
export type ChildSettings = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The children of `npm start` that read settings. */
const CHILDREN = ['api', 'worker-orders', 'worker-execution', 'venue-simulator', 'setup'] as const;

const schema = z.partialRecord(z.enum(CHILDREN), z.record(z.string(), z.string()));

/**
 * Reads STEADFILL_CHILD_SETTINGS_FILE, for example `{ "api": { "TEMPORAL_ADDRESS": "127.0.0.1:9000" } }`; nothing when
 * it is not set. Load tests use it to put a proxy between two processes. Throws ConfigError when the file cannot be
 * read or names a process that is not there.
 */
export async function readChildSettings(file: string | undefined): Promise<ChildSettings> {
  if (file === undefined) return {};
  const about = (what: string): string => `STEADFILL_CHILD_SETTINGS_FILE: ${file} ${what}`;
  const text = await readFile(file, 'utf8').catch((fault: NodeJS.ErrnoException) => {
    throw new ConfigError([about(`cannot be read (${fault.code ?? fault.message})`)]);
  });
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data as ChildSettings;
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => about(`${path.join('.')}: ${message}`)),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema says what was expected.
    return undefined;
  }
}
