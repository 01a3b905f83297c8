import type { Db } from 'mongodb';
import { collection, type HaltDoc, type RiskLimitsRecord } from '../../storage/collections';
import { fromStored } from '../../storage/decimal128';
import { KeptFresh } from '../../storage/kept-fresh';
import { LruMap } from '../../storage/lru-map';
import type { ActiveHalt } from '../../domain/risk/halts';
import type { RiskLimits } from '../../domain/risk/risk-limits';

/** How old what we know of limits and halts may be; a halt acts within this time everywhere. */
export const CONTROLS_AGE_MS_MAX = 250;
/** While orders come they are read again before they are too old, so that no order waits for them. */
const REFRESH_MS = 150;
const ACCOUNTS_CACHED_MAX = 1_000;
const DEFAULT_LIMITS_ID = '*';

export interface Controls {
  /** Undefined when neither the account nor `*` has limits: then risk fails closed. */
  limits: RiskLimits | undefined;
  halts: ActiveHalt[];
}

interface Known {
  readAtMs: number;
  controls: Promise<Controls>;
}

/** Limits and halts of accounts, never older than CONTROLS_AGE_MS_MAX. */
export class RiskControls {
  private readonly known = new LruMap<Known>(ACCOUNTS_CACHED_MAX);
  private readonly fresh: KeptFresh;
  private readonly db: Db;
  private readonly nowMs: () => number;

  constructor(db: Db, nowMs: () => number) {
    this.db = db;
    this.nowMs = nowMs;
    this.fresh = new KeptFresh({
      everyMs: REFRESH_MS,
      keysMax: ACCOUNTS_CACHED_MAX,
      read: (accounts) => this.readAgain(accounts),
      nowMs,
    });
  }

  /** Throws when they are too old and MongoDB does not answer. */
  async read(account: string): Promise<Controls> {
    const now = this.nowMs();
    this.fresh.note(account);
    const known = this.known.get(account);
    if (known !== undefined && Math.abs(now - known.readAtMs) < CONTROLS_AGE_MS_MAX)
      return await known.controls;
    // The age counts from before the read, so that a halt set meanwhile is not missed for longer than the bound.
    const controls = this.load([account]).then(([loaded]) => loaded as Controls);
    this.known.set(account, { readAtMs: now, controls });
    try {
      return await controls;
    } catch (fault) {
      this.known.delete(account);
      throw fault;
    }
  }

  private async readAgain(accounts: readonly string[]): Promise<void> {
    const readAtMs = this.nowMs();
    const loaded = await this.load(accounts);
    accounts.forEach((account, index) => {
      const controls = loaded[index];
      if (controls !== undefined) this.known.set(account, { readAtMs, controls: Promise.resolve(controls) });
    });
  }

  /** In the order of `accounts`. */
  private async load(accounts: readonly string[]): Promise<Controls[]> {
    const [limits, halts] = await Promise.all([
      collection<RiskLimitsRecord>(this.db, 'riskLimits')
        .find({ _id: { $in: [...accounts, DEFAULT_LIMITS_ID] } })
        .toArray(),
      collection<HaltDoc>(this.db, 'halts').find({ halted: true }).toArray(),
    ]);
    const active = halts.map(({ scope, id }) => ({ scope, id }));
    const limitsOf = new Map(limits.map((record) => [record._id, record]));
    return accounts.map((account) => {
      const own = limitsOf.get(account) ?? limitsOf.get(DEFAULT_LIMITS_ID);
      return { limits: own === undefined ? undefined : fromStored<RiskLimitsRecord>(own), halts: active };
    });
  }
}
