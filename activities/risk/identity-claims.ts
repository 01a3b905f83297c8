import type { ClientSession, Db } from 'mongodb';
import { collection, type IdentityDoc } from '../../storage/collections';
import type { Write } from '../../storage/write-all';

/**
 * Identities that the orders of one batch want, each of them for ever (see IdentityDoc). They are written with the
 * reservations, so that nothing is ever reserved in the name of an order that another run owns.
 */
export class IdentityClaims {
  /** Those that are claimed, in their order. */
  readonly claimed: IdentityDoc[] = [];
  private readonly owners: Map<string, IdentityDoc>;

  /** `known`: owners of identities that are wanted. Any other is taken to be free, which its insert proves. */
  constructor(known: readonly IdentityDoc[] = []) {
    this.owners = new Map(known.map((owner) => [owner._id, owner]));
  }

  /** The owner of the identity when it is another run than the one that wants it. */
  claim(wanted: IdentityDoc): IdentityDoc | undefined {
    const owner = this.owners.get(wanted._id);
    if (owner !== undefined) return owner.firstRunId === wanted.firstRunId ? undefined : owner;
    this.owners.set(wanted._id, wanted);
    this.claimed.push(wanted);
    return undefined;
  }

  writes(): Write[] {
    return this.claimed.map((document) => ({ kind: 'insert', into: 'orderIdentities', document }));
  }
}

/** Owners of those of the identities that somebody has, as MongoDB has them in the caller's transaction. */
export async function ownersOf(
  db: Db,
  session: ClientSession,
  wanted: readonly IdentityDoc[],
): Promise<IdentityDoc[]> {
  if (wanted.length === 0) return [];
  const ids = wanted.map(({ _id }) => _id);
  return await collection<IdentityDoc>(db, 'orderIdentities')
    .find({ _id: { $in: ids } }, { session })
    .toArray();
}
