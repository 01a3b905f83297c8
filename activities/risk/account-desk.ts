import { setTimeout as pause } from 'node:timers/promises';
import type { ClientSession, Db } from 'mongodb';
import { assertMongoUp, isMongoUnavailable } from '../../storage/availability';
import {
  collection,
  type AccountRecord,
  type ExposureRecord,
  type IdentityDoc,
  type RiskAccountRecord,
} from '../../storage/collections';
import { fromStored } from '../../storage/decimal128';
import { GroupCommit, UNHURRIED_MS } from '../../storage/group-commit';
import { LruMap } from '../../storage/lru-map';
import { inTransaction, isConflict, STALE } from '../../storage/transaction';
import { READ_AND_DECIDE, WRITE_GUARDED } from '../../storage/write-concern';
import { writeAll } from '../../storage/write-all';
import { AccountDraft, type AccountImage } from './account-draft';
import { decideApply, decideReserve, type DecisionContext } from './decide-exposure';
import { claimsOn, IdentityClaims } from './identity-claims';
import { ZERO } from '../../domain/money/decimal';
import type { AdmissionResult, ApplyExposureInput, ReserveInput } from './risk.port';

export type ExposureRequest =
  /** `identity`: what the order has to be the first to claim. */
  { reserve: ReserveInput; identity?: IdentityDoc } | { apply: ApplyExposureInput };
export type ExposureAnswer = AdmissionResult | 'applied';

const BATCH_MAX = 100;
const QUEUE_MAX = 5_000;
const EXPOSURES_CACHED_MAX = 5_000;
const ATTEMPTS_MAX = 12;
const BACKOFF_MS_MAX = 40;

/**
 * All exposure of one account goes through its desk: requests that arrive while a transaction is under way are
 * decided together in the next one, each on the outcome of the one before, so no headroom is ever shared. The desk
 * remembers what it committed and writes with a guard on the account's version, which makes a decision two round
 * trips; when another process was faster the guard fails and the desk reads everything again, in the transaction.
 */
export class AccountDesk {
  private readonly group: GroupCommit<ExposureRequest, ExposureAnswer>;
  private readonly exposures = new LruMap<ExposureRecord>(EXPOSURES_CACHED_MAX);
  private account: RiskAccountRecord | undefined;
  private readonly db: Db;
  private readonly accountId: string;
  private readonly contextOf: (account: string) => Promise<DecisionContext>;

  constructor(db: Db, accountId: string, contextOf: (account: string) => Promise<DecisionContext>) {
    this.db = db;
    this.accountId = accountId;
    this.contextOf = contextOf;
    this.group = new GroupCommit({
      commit: (requests) => this.commit(requests),
      batchMax: BATCH_MAX,
      queueMax: QUEUE_MAX,
      beginsAtOnce: true,
      everyMsMin: UNHURRIED_MS,
      // A client waits for a reservation; what an order gives back goes along with the next one.
      isUrgent: (request) => 'reserve' in request,
      isForeign: isMongoUnavailable,
    });
  }

  /** Throws, retryably, when the request could not be decided. */
  async submit(request: ExposureRequest): Promise<ExposureAnswer> {
    assertMongoUp(this.db);
    return await this.group.submit(request);
  }

  isIdle(): boolean {
    return this.group.isIdle();
  }

  private async commit(requests: ExposureRequest[]): Promise<ExposureAnswer[]> {
    for (let attempt = 1; ; attempt += 1) {
      assertMongoUp(this.db);
      const answers = await this.tryCommit(requests, attempt);
      if (answers !== STALE) return answers;
      if (attempt > 1) await pause(Math.random() * Math.min(BACKOFF_MS_MAX, 2 ** attempt));
    }
  }

  private async tryCommit(
    requests: ExposureRequest[],
    attempt: number,
  ): Promise<ExposureAnswer[] | typeof STALE> {
    try {
      const context = await this.contextOf(this.accountId);
      const known = attempt === 1 ? this.recall(requests) : undefined;
      const done =
        known === undefined
          ? await this.decideAfresh(requests, context)
          : await this.decide(known, new IdentityClaims(), requests, context);
      if (done === STALE) this.forget();
      return done;
    } catch (fault) {
      this.forget();
      if (isConflict(fault) && attempt < ATTEMPTS_MAX) return STALE;
      throw fault;
    }
  }

  /** What the desk remembers, when that is enough: a new order is taken to have no exposure, which its insert proves. */
  private recall(requests: ExposureRequest[]): AccountImage | undefined {
    if (this.account === undefined) return undefined;
    const exposures = new Map<string, ExposureRecord>();
    for (const request of requests) {
      const orderId = orderIdOf(request);
      const exposure = this.exposures.get(orderId);
      if (exposure !== undefined) exposures.set(orderId, exposure);
      else if (!('reserve' in request) || request.reserve.riskVersion > 1) return undefined;
    }
    return { account: this.account, isNew: false, exposures };
  }

  private async decide(
    image: AccountImage,
    claims: IdentityClaims,
    requests: ExposureRequest[],
    context: DecisionContext,
    session?: ClientSession,
  ): Promise<ExposureAnswer[] | typeof STALE> {
    const draft = new AccountDraft(image);
    const answers = requests.map((request): ExposureAnswer => {
      if ('reserve' in request) {
        const owner = request.identity && claims.claim(request.identity);
        return owner === undefined
          ? decideReserve(draft, request.reserve, context)
          : { outcome: 'taken', owner };
      }
      decideApply(draft, request.apply);
      return 'applied';
    });
    const { writes, account } = draft.writes();
    const all = [...claims.writes(), ...writes];
    if (all.length === 0) return answers;
    const write = (within: ClientSession) => writeAll(this.db, within, all);
    const written =
      session === undefined ? await inTransaction(this.db, WRITE_GUARDED, write) : await write(session);
    if (written === STALE) return STALE;
    // Inside a caller's transaction nothing is committed yet; a failed commit makes the desk forget all of it.
    this.account = account;
    for (const record of draft.changed.values()) this.exposures.set(record._id, record);
    return answers;
  }

  private async decideAfresh(
    requests: ExposureRequest[],
    context: DecisionContext,
  ): Promise<ExposureAnswer[] | typeof STALE> {
    return await inTransaction(this.db, READ_AND_DECIDE, async (session) => {
      const image = await this.load([...new Set(requests.map(orderIdOf))], session);
      const claims = await claimsOn(this.db, session, requests.flatMap(identityOf));
      return await this.decide(image, claims, requests, context, session);
    });
  }

  private async load(orderIds: string[], session: ClientSession): Promise<AccountImage> {
    const stored = await collection<RiskAccountRecord>(this.db, 'riskAccounts').findOne(
      { _id: this.accountId },
      { session },
    );
    const found = await collection<ExposureRecord>(this.db, 'orderExposures')
      .find({ _id: { $in: orderIds } }, { session })
      .toArray();
    const exposures = new Map(found.map((doc) => [doc._id, fromStored<ExposureRecord>(doc)]));
    if (stored !== null) return { account: fromStored<RiskAccountRecord>(stored), isNew: false, exposures };
    const opened = await this.openAccount(session);
    return { account: opened, isNew: opened !== undefined, exposures };
  }

  /** An account that risk has not seen yet begins with the opening cash of its reference data. */
  private async openAccount(session: ClientSession): Promise<RiskAccountRecord | undefined> {
    const stored = await collection<AccountRecord>(this.db, 'accounts').findOne(
      { _id: this.accountId },
      { session },
    );
    if (stored === null) return undefined;
    const { currency, openingCash } = fromStored<AccountRecord>(stored);
    return { _id: this.accountId, currency, cash: openingCash, reserved: ZERO, positions: {}, version: 0 };
  }

  private forget(): void {
    this.account = undefined;
    this.exposures.clear();
  }
}

function orderIdOf(request: ExposureRequest): string {
  return 'reserve' in request ? request.reserve.orderId : request.apply.orderId;
}

function identityOf(request: ExposureRequest): IdentityDoc[] {
  return 'reserve' in request && request.identity !== undefined ? [request.identity] : [];
}
