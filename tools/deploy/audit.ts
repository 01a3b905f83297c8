import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { collection, type DeployAuditRecord } from '../../storage/collections';
import { insertNew } from '../../storage/insert-new';
import type { RoutingContext } from './context';

/** Lines that are looked at to find those that MongoDB does not have yet. */
const UNSENT_LINES_MAX = 1_000;

export const auditFile = (home: string): string => join(home, 'deploy-audit.jsonl');

/**
 * Puts a step on record, on disk before this resolves. The file is the record, because a rollback must not need
 * MongoDB; {@link sendAudit} brings it there. A dry run leaves no trace.
 */
export async function recordStep(
  context: Pick<RoutingContext, 'home' | 'by' | 'nowMs' | 'dryRun'>,
  step: Omit<DeployAuditRecord, '_id' | 'at' | 'by'>,
): Promise<void> {
  if (context.dryRun) return;
  const at = new Date(context.nowMs()).toISOString();
  const record: DeployAuditRecord = { _id: randomUUID(), at, by: context.by, ...step };
  await mkdir(context.home, { recursive: true });
  const file = await open(auditFile(context.home), 'a');
  try {
    await file.write(`${JSON.stringify(record)}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** The last `max` lines of the record, oldest first. */
export async function readAudit(home: string, max = UNSENT_LINES_MAX): Promise<DeployAuditRecord[]> {
  const text = await readFile(auditFile(home), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.slice(-max).map((line) => JSON.parse(line) as DeployAuditRecord);
}

/** Writes what MongoDB does not have yet to the collection `deployAudit`. Throws when MongoDB is away. */
export async function sendAudit(home: string, db: Db): Promise<void> {
  await insertNew(collection<DeployAuditRecord>(db, 'deployAudit'), await readAudit(home));
}
