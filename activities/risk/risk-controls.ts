import type { Db } from 'mongodb';
import { collection, type HaltDoc, type RiskLimitsRecord } from '../../storage/collections';
import { fromStored } from '../../storage/decimal128';
import { LruMap } from '../../storage/lru-map';
import type { ActiveHalt } from '../../domain/risk/halts';
import type { RiskLimits } from '../../domain/risk/risk-limits';

/** How old what we know of limits and halts may be; a halt acts within this time everywhere. */
export const CONTROLS_AGE_MS_MAX = 250;
const ACCOUNTS_CACHED_MAX = 1_000;
const DEFAULT_LIMITS_ID = '*';

export interface Controls {
  /** Undefined when neither the account nor `*` has limits: then risk fails closed. */
  limits: RiskLimits | undefined;
  halts: ActiveHalt[];
}

interface Cached {
  readAtMs: number;
  controls: Promise<Controls>;
}

/** Limits and halts, read at most once in CONTROLS_AGE_MS_MAX for each account. */
export class RiskControls {
  private readonly cache = new LruMap<Cached>(ACCOUNTS_CACHED_MAX);
  private readonly db: Db;
  private readonly nowMs: () => number;

  constructor(db: Db, nowMs: () => number) {
    this.db = db;
    this.nowMs = nowMs;
  }

  /** Throws when they are too old and MongoDB does not answer. */
  async read(account: string): Promise<Controls> {
    const cached = this.cache.get(account);
    const now = this.nowMs();
    if (cached !== undefined && Math.abs(now - cached.readAtMs) < CONTROLS_AGE_MS_MAX)
      return await cached.controls;
    // The age counts from before the read, so that a halt set meanwhile is not missed for longer than the bound.
    const controls = this.load(account);
    this.cache.set(account, { readAtMs: now, controls });
    try {
      return await controls;
    } catch (fault) {
      this.cache.delete(account);
      throw fault;
    }
  }

  private async load(account: string): Promise<Controls> {
    const [limits, halts] = await Promise.all([
      collection<RiskLimitsRecord>(this.db, 'riskLimits')
        .find({ _id: { $in: [account, DEFAULT_LIMITS_ID] } })
        .toArray(),
      collection<HaltDoc>(this.db, 'halts').find({ halted: true }).toArray(),
    ]);
    const own =
      limits.find(({ _id }) => _id === account) ?? limits.find(({ _id }) => _id === DEFAULT_LIMITS_ID);
    return {
      limits: own === undefined ? undefined : fromStored<RiskLimitsRecord>(own),
      halts: halts.map(({ scope, id }) => ({ scope, id })),
    };
  }
}
