import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';

export const HISTORIES_DIR = resolve(__dirname, '../../test/replay/histories');
const MANIFEST = 'manifest.json';

/** One stored history: which path of which workflow type it proves, and the digest that keeps it from being edited. */
const entrySchema = z.strictObject({
  file: z.string(),
  workflowType: z.string(),
  /** The path through the workflow, such as `filled-settled`. */
  path: z.string(),
  workflowId: z.string(),
  sha256: z.string().length(64),
});
export type ManifestEntry = z.infer<typeof entrySchema>;

function sha256Of(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

export async function readManifest(dir = HISTORIES_DIR): Promise<ManifestEntry[]> {
  if (!existsSync(join(dir, MANIFEST))) return [];
  return z.array(entrySchema).parse(JSON.parse(await readFile(join(dir, MANIFEST), 'utf8')));
}

/**
 * Faults of the stored histories, one sentence each: a listed file that is missing or was edited, a file that is not
 * listed, or a workflow type without any history. An empty list means that the store can be trusted.
 */
export async function checkManifest(
  workflowTypes: readonly string[],
  dir = HISTORIES_DIR,
): Promise<string[]> {
  const entries = await readManifest(dir);
  const faults: string[] = [];
  for (const entry of entries) {
    const content = await readFile(join(dir, entry.file)).catch(() => undefined);
    if (content === undefined) faults.push(`${entry.file} is listed but missing`);
    else if (sha256Of(content) !== entry.sha256)
      faults.push(`${entry.file} was edited after it was recorded`);
  }
  const listed = new Set(entries.map((entry) => entry.file));
  for (const file of await readdir(dir)) {
    if (file.endsWith('.json') && file !== MANIFEST && !listed.has(file))
      faults.push(`${file} is not listed`);
  }
  for (const type of workflowTypes) {
    if (!entries.some((entry) => entry.workflowType === type))
      faults.push(`no history of workflow type ${type}`);
  }
  return faults;
}

/** Stores one history and lists it. Refuses to replace one: a history once stored is a promise. */
export async function storeHistory(
  entry: Omit<ManifestEntry, 'sha256'>,
  historyJson: string,
  dir = HISTORIES_DIR,
): Promise<void> {
  const entries = await readManifest(dir);
  if (entries.some((known) => known.file === entry.file)) throw new Error(`${entry.file} is stored already`);
  await writeFile(join(dir, entry.file), historyJson);
  entries.push({ ...entry, sha256: sha256Of(historyJson) });
  entries.sort((a, b) => (a.file < b.file ? -1 : 1));
  await writeFile(join(dir, MANIFEST), `${JSON.stringify(entries, null, 2)}\n`);
}
