import type { Db } from 'mongodb';
import { assertMongoUp, isMongoUnavailable, noteUnavailable } from '../../storage/availability';
import { collection, type IdentityDoc } from '../../storage/collections';
import { withDeadline } from '../../storage/deadline';
import { GroupCommit } from '../../storage/group-commit';
import { insertNew } from '../../storage/insert-new';

const IDENTITIES_PER_WRITE_MAX = 200;
const IDENTITIES_WAITING_MAX = 5_000;

/**
 * Keeps who owns a pair (account, clientOrderId), for ever. The record outlives Temporal's retention, so that an id of
 * years ago is still taken. One insert registers all orders that arrive together.
 */
export class IdentityDesk {
  private readonly db: Db;
  private readonly group: GroupCommit<IdentityDoc, IdentityDoc>;

  constructor(db: Db) {
    this.db = db;
    this.group = new GroupCommit({
      commit: (wanted) => this.commit(wanted),
      batchMax: IDENTITIES_PER_WRITE_MAX,
      queueMax: IDENTITIES_WAITING_MAX,
      isForeign: isMongoUnavailable,
    });
  }

  /** Registers `wanted` unless the pair is taken, and returns its owner. Throws while MongoDB cannot be reached. */
  register(wanted: IdentityDoc): Promise<IdentityDoc> {
    return this.group.submit(wanted);
  }

  private async commit(wanted: IdentityDoc[]): Promise<IdentityDoc[]> {
    assertMongoUp(this.db);
    try {
      const identities = collection<IdentityDoc>(this.db, 'orderIdentities');
      const taken = await insertNew(identities, wanted);
      if (taken.size === 0) return wanted;
      const ids = [...taken].map((index) => wanted[index]?._id ?? '');
      const owners = new Map<string, IdentityDoc>();
      const found = await withDeadline(identities.find({ _id: { $in: ids } }).toArray());
      for (const owner of found) owners.set(owner._id, owner);
      return wanted.map((identity, index) => (taken.has(index) ? ownerOf(identity, owners) : identity));
    } catch (fault) {
      if (isMongoUnavailable(fault)) noteUnavailable(this.db.client, fault);
      throw fault;
    }
  }
}

function ownerOf({ _id }: IdentityDoc, owners: ReadonlyMap<string, IdentityDoc>): IdentityDoc {
  const owner = owners.get(_id);
  if (owner === undefined) throw new Error(`identity ${_id} is taken but cannot be read`);
  return owner;
}
