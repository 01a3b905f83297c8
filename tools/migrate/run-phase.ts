import { setTimeout as pause } from 'node:timers/promises';
import { MongoServerError, type Db, type Document } from 'mongodb';
import { COLLECTIONS, type MigrationDoc } from '../../storage/collections';
import { DECIDES } from '../../storage/write-concern';
import { noteMigration, readMigrations } from './migration-store';
import type { Backfill, Migration, MigrationIndex } from './migrations';

export const MIGRATION_PHASES = ['expand', 'backfill', 'contract'] as const;
export type MigrationPhase = (typeof MIGRATION_PHASES)[number];

export interface PhaseOptions {
  /** Documents in one write. */
  batchSize: number;
  /** Milliseconds between two batches, so that trading comes first. */
  pauseMs: number;
  dryRun: boolean;
  nowMs: () => number;
  say: (line: string) => void;
  /** Builds that may still write old documents, one sentence each; asked before contracting. */
  oldWriters: (viewVersion: number) => Promise<string[]>;
  /** Called after each batch; a test stops a backfill here as a crash would. */
  onBatch?: () => void;
}

export interface MigrationStatus {
  id: string;
  title: string;
  phase: MigrationDoc['phase'] | 'pending';
  changed: number;
  /** Documents that are behind, by collection. */
  remaining: Record<string, number>;
}

/** Thrown when a phase may not run now; the message says what is missing. */
export class MigrationRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MigrationRefused';
  }
}

type Doc = Document & { _id: string };

const NAMESPACE_NOT_FOUND = 26;
const INDEX_NOT_FOUND = 27;

export async function migrationStatus(db: Db, migration: Migration): Promise<MigrationStatus> {
  const known = (await readMigrations(db)).get(migration.id);
  const remaining: Record<string, number> = {};
  for (const backfill of migration.backfills)
    remaining[backfill.collection] = await countBehind(db, backfill);
  const { id, title } = migration;
  return { id, title, phase: known?.phase ?? 'pending', changed: known?.changed ?? 0, remaining };
}

/**
 * Runs one phase. Each can be run again at any time, and goes on where it was interrupted. Throws MigrationRefused
 * when an earlier phase is missing, or when contracting would leave old documents or old builds behind.
 */
export async function runPhase(
  db: Db,
  migration: Migration,
  phase: MigrationPhase,
  options: PhaseOptions,
): Promise<MigrationStatus> {
  const known = (await readMigrations(db)).get(migration.id);
  switch (phase) {
    case 'expand':
      await expand(db, migration, known, options);
      break;
    case 'backfill':
      await backfillAll(db, migration, known, options);
      break;
    case 'contract':
      await contract(db, migration, known, options);
      break;
  }
  return await migrationStatus(db, migration);
}

async function expand(
  db: Db,
  migration: Migration,
  known: MigrationDoc | undefined,
  { dryRun, say, nowMs }: PhaseOptions,
): Promise<void> {
  const contracted = known?.phase === 'contracted';
  for (const { collection, index } of [...migration.indexes, ...(contracted ? [] : migration.helpers)]) {
    say(`${dryRun ? 'would create' : 'creating'} index ${index.name} of ${collection}`);
    if (!dryRun) await db.collection(COLLECTIONS[collection]).createIndexes([index]);
  }
  if (dryRun || known !== undefined) return;
  const updatedAt = new Date(nowMs()).toISOString();
  await noteMigration(db, { _id: migration.id, phase: 'expanded', cursors: {}, changed: 0, updatedAt });
}

async function backfillAll(
  db: Db,
  migration: Migration,
  known: MigrationDoc | undefined,
  options: PhaseOptions,
): Promise<void> {
  if (known === undefined) throw new MigrationRefused(`${migration.id} must be expanded first`);
  let progress = known;
  for (const backfill of migration.backfills) progress = await backfillOne(db, backfill, progress, options);
  if (options.dryRun) return;
  const { remaining } = await migrationStatus(db, migration);
  const left = Object.values(remaining).reduce((sum, count) => sum + count, 0);
  if (left > 0) options.say(`${left} documents are behind again: an older build still writes`);
  // A pass that ended begins anew next time, because older builds may write behind it until they are drained.
  const phase = progress.phase === 'contracted' ? 'contracted' : left === 0 ? 'backfilled' : 'expanded';
  await noteMigration(db, {
    ...progress,
    phase,
    cursors: {},
    updatedAt: new Date(options.nowMs()).toISOString(),
  });
}

async function backfillOne(
  db: Db,
  backfill: Backfill,
  before: MigrationDoc,
  { batchSize, pauseMs, dryRun, nowMs, say, onBatch }: PhaseOptions,
): Promise<MigrationDoc> {
  const { collection: name } = backfill;
  if (dryRun) {
    say(`would raise ${await countBehind(db, backfill)} documents of ${name}`);
    return before;
  }
  let progress = before;
  for (;;) {
    const ids = await nextBehind(db, backfill, progress.cursors[name], batchSize);
    const last = ids.at(-1);
    if (last === undefined) return progress;
    const changed = progress.changed + (await raiseAll(db, backfill, ids));
    const cursors = { ...progress.cursors, [name]: last };
    progress = { ...progress, changed, cursors, updatedAt: new Date(nowMs()).toISOString() };
    await noteMigration(db, progress);
    say(`${name}: ${changed} documents raised`);
    onBatch?.();
    await pause(pauseMs);
  }
}

async function nextBehind(
  db: Db,
  { collection, behind }: Backfill,
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  const beyond = after === undefined ? {} : { _id: { $gt: after } };
  const found = await db
    .collection<Doc>(COLLECTIONS[collection])
    .find({ $and: [beyond, behind] }, { projection: { _id: 1 } })
    .sort({ _id: 1 })
    .limit(limit)
    .toArray();
  return found.map(({ _id }) => _id);
}

async function raiseAll(
  db: Db,
  { collection, behind, raise }: Backfill,
  ids: readonly string[],
): Promise<number> {
  const models = ids.map((_id) => ({ updateOne: { filter: { $and: [{ _id }, behind] }, update: raise } }));
  const target = db.collection<Doc>(COLLECTIONS[collection]);
  const { modifiedCount } = await target.bulkWrite(models, { ordered: false, writeConcern: DECIDES });
  return modifiedCount;
}

async function contract(
  db: Db,
  migration: Migration,
  known: MigrationDoc | undefined,
  options: PhaseOptions,
): Promise<void> {
  if (known === undefined) throw new MigrationRefused(`${migration.id} must be expanded first`);
  const writers = await options.oldWriters(migration.viewVersion);
  const { remaining } = await migrationStatus(db, migration);
  const left = Object.entries(remaining).filter(([, count]) => count > 0);
  const faults = [...writers, ...left.map(([name, count]) => `${count} documents of ${name} are behind`)];
  if (faults.length > 0)
    throw new MigrationRefused(`${migration.id} cannot be contracted: ${faults.join('; ')}`);
  for (const helper of migration.helpers) {
    options.say(
      `${options.dryRun ? 'would drop' : 'dropping'} index ${helper.index.name} of ${helper.collection}`,
    );
    if (!options.dryRun) await dropIndex(db, helper);
  }
  if (options.dryRun) return;
  const updatedAt = new Date(options.nowMs()).toISOString();
  await noteMigration(db, { ...known, phase: 'contracted', viewFloor: migration.viewVersion, updatedAt });
}

async function dropIndex(db: Db, { collection, index }: MigrationIndex): Promise<void> {
  try {
    await db.collection(COLLECTIONS[collection]).dropIndex(index.name);
  } catch (fault) {
    // Gone already: contracting again is contracting once.
    const code = fault instanceof MongoServerError ? fault.code : undefined;
    if (code !== INDEX_NOT_FOUND && code !== NAMESPACE_NOT_FOUND) throw fault;
  }
}

async function countBehind(db: Db, { collection, behind }: Backfill): Promise<number> {
  return await db.collection(COLLECTIONS[collection]).countDocuments(behind);
}
