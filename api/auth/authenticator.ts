import type { Db } from 'mongodb';
import { hashKey } from './api-key';
import type { CredentialsFile } from './credentials-file';
import { findKeys, type ApiKeyRecord } from './key-store';
import type { Principal } from './permissions';
import { KeptFresh } from '../../storage/kept-fresh';

/** A verdict is used this long without asking again, so a revoked key stops within this time. */
const FRESH_MS = 3_000;
/** While MongoDB is away a key seen valid stays valid this long, so that open orders can be cancelled. */
const STALE_MS_MAX = 15 * 60_000;
/** Keys in use are looked up again before a request has to wait for that, so many of them in one question. */
const REFRESH_MS = 1_500;
const REFRESHED_MAX = 500;
const VERDICTS_MAX = 10_000;
const LOOKUP_MS_MAX = 1_500;

export type Authentication =
  | { outcome: 'valid'; principal: Principal }
  | { outcome: 'invalid' }
  /** The keys cannot be read and this one was not seen before. */
  | { outcome: 'unavailable' };

export interface AuthenticatorDependencies {
  db: Db;
  /** False while MongoDB is known to be away. */
  ready: () => boolean;
  credentials?: CredentialsFile;
  nowMs: () => number;
}

interface Verdict {
  principal: Principal | undefined;
  checkedAtMs: number;
}

/**
 * Tells who holds a key. The work does not depend on how much of a key is right: it is hashed and the hash is looked
 * up whole.
 */
export class Authenticator {
  private readonly dependencies: AuthenticatorDependencies;
  private readonly verdicts = new Map<string, Verdict>();
  private readonly lookups = new Map<string, Promise<Principal | undefined>>();
  private readonly fresh: KeptFresh;

  constructor(dependencies: AuthenticatorDependencies) {
    this.dependencies = dependencies;
    this.fresh = new KeptFresh({
      everyMs: REFRESH_MS,
      keysMax: REFRESHED_MAX,
      read: (keyHashes) => this.lookUpAgain(keyHashes),
      nowMs: dependencies.nowMs,
    });
  }

  /** Settles `key`. A verdict younger than three seconds costs nothing but a hash. */
  async authenticate(key: string): Promise<Authentication> {
    const keyHash = hashKey(key);
    const known = this.verdicts.get(keyHash);
    const ageMs = known === undefined ? Infinity : this.dependencies.nowMs() - known.checkedAtMs;
    if (known?.principal !== undefined) this.fresh.note(keyHash);
    if (known !== undefined && ageMs < FRESH_MS) return toAuthentication(known.principal);
    if (this.dependencies.ready()) {
      try {
        return toAuthentication(await this.lookUp(keyHash));
      } catch {
        return this.withoutDatabase(keyHash, known, ageMs);
      }
    }
    return this.withoutDatabase(keyHash, known, ageMs);
  }

  private async withoutDatabase(
    keyHash: string,
    known: Verdict | undefined,
    ageMs: number,
  ): Promise<Authentication> {
    if (known !== undefined && (known.principal === undefined || ageMs < STALE_MS_MAX)) {
      return toAuthentication(known.principal);
    }
    const own = await this.dependencies.credentials?.find(keyHash);
    return own === undefined ? { outcome: 'unavailable' } : { outcome: 'valid', principal: own };
  }

  /** One question to MongoDB a key at a time, however many requests wait for it. */
  private lookUp(keyHash: string): Promise<Principal | undefined> {
    const running = this.lookups.get(keyHash);
    if (running !== undefined) return running;
    const lookup = this.lookUpAll([keyHash])
      .then((principals) => principals.get(keyHash))
      .finally(() => this.lookups.delete(keyHash));
    this.lookups.set(keyHash, lookup);
    return lookup;
  }

  /** Asks nothing while MongoDB is away: what is known has to serve then. */
  private async lookUpAgain(keyHashes: readonly string[]): Promise<void> {
    if (this.dependencies.ready()) await this.lookUpAll(keyHashes);
  }

  /** Who holds the keys that are good, by their hashes; remembers what it finds of each, as of when it asked. */
  private async lookUpAll(keyHashes: readonly string[]): Promise<Map<string, Principal>> {
    const askedAtMs = this.dependencies.nowMs();
    const records = await findKeys(this.dependencies.db, keyHashes, LOOKUP_MS_MAX);
    const good = records.filter(({ revokedAt }) => revokedAt === undefined);
    const principals = new Map(good.map((record) => [record._id, toPrincipal(record)]));
    for (const keyHash of keyHashes) this.remember(keyHash, principals.get(keyHash), askedAtMs);
    return principals;
  }

  private remember(keyHash: string, principal: Principal | undefined, checkedAtMs: number): void {
    this.verdicts.delete(keyHash);
    this.verdicts.set(keyHash, { principal, checkedAtMs });
    if (this.verdicts.size <= VERDICTS_MAX) return;
    const oldest = this.verdicts.keys().next();
    if (!oldest.done) this.verdicts.delete(oldest.value);
  }
}

function toAuthentication(principal: Principal | undefined): Authentication {
  return principal === undefined ? { outcome: 'invalid' } : { outcome: 'valid', principal };
}

function toPrincipal({ _id, name, role, accounts }: ApiKeyRecord): Principal {
  return { name, role, accounts, keyHash: _id };
}
