import type { Db } from 'mongodb';
import { collection, type MigrationDoc } from '../../storage/collections';
import { DECIDES } from '../../storage/write-concern';

/** How far each migration is, by its id. */
export async function readMigrations(db: Db): Promise<Map<string, MigrationDoc>> {
  const found = await collection<MigrationDoc>(db, 'migrations').find({}).toArray();
  return new Map(found.map((doc) => [doc._id, doc]));
}

/** Notes progress; durable before anything is built on it. */
export async function noteMigration(db: Db, doc: MigrationDoc): Promise<void> {
  const { _id, ...fields } = doc;
  await collection<MigrationDoc>(db, 'migrations').replaceOne({ _id }, fields as MigrationDoc, {
    upsert: true,
    writeConcern: DECIDES,
  });
}

/** The least version of views that a build may write: 1 until a migration is contracted. */
export async function schemaFloor(db: Db): Promise<number> {
  const migrations = await readMigrations(db);
  return [...migrations.values()].reduce((floor, { viewFloor = 1 }) => Math.max(floor, viewFloor), 1);
}
