import type { Document, IndexDescription } from 'mongodb';
import type { CollectionName } from '../../storage/collections';
import { ORDERS_BY_BUILD } from '../../storage/indexes';

/** Documents of one collection that are behind, and how they are raised. Both must hold at any time, also twice. */
export interface Backfill {
  collection: CollectionName;
  /** Finds what is behind; a document that was raised is no longer found. */
  behind: Document;
  /** Applied only to a document that is still behind, so that it never undoes what a newer build wrote. */
  raise: Document;
}

export interface MigrationIndex {
  collection: CollectionName;
  index: IndexDescription & { name: string };
}

/**
 * A change of the stored data in three phases. *Expand*, before the ramp, adds what the new build needs and the old
 * one does not mind. *Backfill*, during the ramp, raises old documents while both builds write. *Contract*, once no
 * old build can write any more, takes away what only the old one or the backfill needed: the point of no return.
 */
export interface Migration {
  id: string;
  title: string;
  /** Builds that write views of this version need no backfill of theirs. */
  viewVersion: number;
  indexes: readonly MigrationIndex[];
  /** Indexes that are there for the time of the migration only. */
  helpers: readonly MigrationIndex[];
  backfills: readonly Backfill[];
}

const VERSION_2 = 2;
const behind = { $or: [{ schemaVersion: { $exists: false } }, { schemaVersion: { $lt: VERSION_2 } }] };
const raise = { $set: { schemaVersion: VERSION_2 } };
const bySchemaVersion = { name: 'bySchemaVersion', key: { schemaVersion: 1 } };

export const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-view-version',
    title: 'views name the version that they were written in, and orders the build that took them',
    viewVersion: VERSION_2,
    indexes: [{ collection: 'orders', index: { ...ORDERS_BY_BUILD } }],
    helpers: [
      { collection: 'orders', index: bySchemaVersion },
      { collection: 'fills', index: bySchemaVersion },
    ],
    backfills: [
      { collection: 'orders', behind, raise },
      { collection: 'fills', behind, raise },
    ],
  },
];
