import type { ClientSession, Db } from 'mongodb';
import { collection, type IdentityDoc } from '../../storage/collections';
import type { Write } from '../../storage/write-all';

/**
 * Identities that the orders of one batch want, each of them for ever (see IdentityDoc). They are written with the
 * reservations, so that nothing is ever reserved in the name of an order that another run owns.
 */
export class IdentityClaims {
  private readonly owners: Map<string, IdentityDoc>;
  private readonly claimed: IdentityDoc[] = [];

  /** `stored`: what MongoDB has of the identities that are wanted; none when each is taken to be free, which its insert proves. */
  constructor(stored: readonly IdentityDoc[] = []) {
    this.owners = new Map(stored.map((owner) => [owner._id, owner]));
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

/** Claims on what MongoDB has, read in the caller's transaction. */
export async function claimsOn(
  db: Db,
  session: ClientSession,
  wanted: readonly IdentityDoc[],
): Promise<IdentityClaims> {
  if (wanted.length === 0) return new IdentityClaims();
  const ids = wanted.map(({ _id }) => _id);
  const stored = await collection<IdentityDoc>(db, 'orderIdentities')
    .find({ _id: { $in: ids } }, { session })
    .toArray();
  return new IdentityClaims(stored);
}
