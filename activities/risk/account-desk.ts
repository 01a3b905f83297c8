import { setTimeout as pause } from 'node:timers/promises';
import type { ClientSession, Db } from 'mongodb';
import { assertMongoUp, isMongoUnavailable } from '../../storage/availability';
import type { ExposureRecord, RiskAccountRecord } from '../../storage/collections';
import { GroupCommit, UNHURRIED_MS } from '../../storage/group-commit';
import { LruMap } from '../../storage/lru-map';
import { inTransaction, isConflict, STALE } from '../../storage/transaction';
import { READ_AND_DECIDE, WRITE_GUARDED } from '../../storage/write-concern';
import { writeAll, writeGuarded } from '../../storage/write-all';
import { AccountDraft, type AccountImage } from './account-draft';
import { loadImage } from './account-image';
import { admissionOf, transactionOf } from './account-writes';
import {
  decideEach,
  identitiesIn,
  identityOf,
  orderIdOf,
  type ExposureAnswer,
  type ExposureRequest,
} from './account-requests';
import { allTrueSoon, ComingOrders } from './coming-orders';
import { IdentityClaims, ownersOf } from './identity-claims';
import type { DecisionContext } from './decide-exposure';
import type { ComingOrder } from './risk.port';

const BATCH_MAX = 100;
const QUEUE_MAX = 5_000;
const EXPOSURES_CACHED_MAX = 5_000;
const ATTEMPTS_MAX = 12;
/** Others are faster more often when more of them compete; so often in a row something else is wrong. */
const STALE_MAX = 100;
const BACKOFF_MS_MAX = 40;
const FILE_AGAIN_MS = 5_000;

export interface DeskPace {
  /** The longest that an admission waits for a look at its order, in milliseconds. */
  lookMsMax: number;
  /** An admission is filed after so many milliseconds, unless the account's next transaction has filed it. */
  fileAfterMs: number;
}
/**
 * Whoever waits longer for a look would have been served by a transaction; and most orders fill, or give something back,
 * sooner than they are filed by themselves.
 */
const DESK_PACE: DeskPace = { lookMsMax: 20, fileAfterMs: 250 };

/**
 * All exposure of one account goes through its desk: requests that arrive while a commit is under way are decided
 * together in the next one, each on the outcome of the one before, so no headroom is ever shared. The desk remembers
 * what it committed and writes with a guard on the account's version. That makes a decision two round trips, and one for
 * orders that were seen to be new (decision 0078). When another process was faster the guard fails, and the desk reads
 * everything again, in the transaction.
 */
export class AccountDesk {
  private readonly group: GroupCommit<ExposureRequest, ExposureAnswer>;
  private readonly exposures = new LruMap<ExposureRecord>(EXPOSURES_CACHED_MAX);
  private readonly coming: ComingOrders;
  private account: RiskAccountRecord | undefined;
  /** Another one whenever the desk has read the account again. */
  private memory = {};
  private filing: NodeJS.Timeout | undefined;
  private readonly db: Db;
  private readonly accountId: string;
  private readonly contextOf: (account: string) => Promise<DecisionContext>;
  private readonly pace: DeskPace;

  constructor(
    db: Db,
    accountId: string,
    contextOf: (account: string) => Promise<DecisionContext>,
    pace: DeskPace = DESK_PACE,
  ) {
    this.db = db;
    this.accountId = accountId;
    this.contextOf = contextOf;
    this.pace = pace;
    this.coming = new ComingOrders(db);
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

  /**
   * Looks at an order that is on its way here, when the desk has time for it: if it turns out to be new, its admission
   * needs one round trip instead of two. Never throws.
   */
  expect(order: ComingOrder): void {
    const hasTime = this.account !== undefined && this.group.isIdle();
    if (hasTime) this.coming.look(order, this.memory);
    else this.coming.forget(order);
  }

  isIdle(): boolean {
    return this.group.isIdle() && this.filing === undefined;
  }

  private async commit(requests: ExposureRequest[]): Promise<ExposureAnswer[]> {
    for (let attempt = 1; ; attempt += 1) {
      assertMongoUp(this.db);
      const answers = await this.tryCommit(requests, attempt);
      if (answers !== STALE) return answers;
      if (attempt >= STALE_MAX)
        throw new Error(`account ${this.accountId} changed too often to decide on it`);
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
          : await this.decideFromMemory(known, requests, context);
      if (done === STALE) this.forget();
      return done;
    } catch (fault) {
      this.forget();
      if (isConflict(fault) && attempt < ATTEMPTS_MAX) return STALE;
      throw fault;
    }
  }

  /**
   * What the desk remembers, when that is enough. A new order is taken to have no exposure, which its insert proves, or a
   * look at it has proved.
   */
  private recall(requests: ExposureRequest[]): AccountImage | undefined {
    if (this.account === undefined) return undefined;
    const exposures = new Map<string, ExposureRecord>();
    for (const request of requests) {
      // Who asks for that has seen one: this desk has filed it meanwhile, or another process has admitted it.
      if ('file' in request && !keepsOrders(this.account)) return undefined;
      const orderId = orderIdOf(request);
      if (orderId === undefined) continue;
      const exposure = this.exposures.get(orderId);
      if (exposure !== undefined) exposures.set(orderId, exposure);
      else if (!('reserve' in request) || request.reserve.riskVersion > 1) return undefined;
    }
    return { account: this.account, isNew: false, exposures };
  }

  private async decideFromMemory(
    image: AccountImage,
    requests: ExposureRequest[],
    context: DecisionContext,
  ): Promise<ExposureAnswer[] | typeof STALE> {
    const claims = new IdentityClaims(identitiesIn(image));
    const draft = new AccountDraft(image);
    const answers = decideEach(draft, claims, requests, context);
    const areNew = await this.areSeenToBeNew(requests, image);
    const admission = areNew ? admissionOf(draft.change(), claims.claimed) : undefined;
    if (admission !== undefined) {
      if ((await writeGuarded(this.db, admission.write)) === STALE) return STALE;
      this.remember(draft, admission.account);
      this.fileLater();
      return answers;
    }
    const { writes, account } = transactionOf(draft.change());
    const all = [...claims.writes(), ...writes];
    if (all.length === 0) return answers;
    const write = (session: ClientSession) => writeAll(this.db, session, all);
    if ((await inTransaction(this.db, WRITE_GUARDED, write)) === STALE) return STALE;
    this.remember(draft, account);
    return answers;
  }

  private async decideAfresh(
    requests: ExposureRequest[],
    context: DecisionContext,
  ): Promise<ExposureAnswer[] | typeof STALE> {
    return await inTransaction(this.db, READ_AND_DECIDE, async (session) => {
      const orderIds = new Set(requests.flatMap((request) => orderIdOf(request) ?? []));
      const image = await loadImage(this.db, session, this.accountId, [...orderIds]);
      const owners = await ownersOf(this.db, session, requests.flatMap(identityOf));
      const claims = new IdentityClaims([...identitiesIn(image), ...owners]);
      const draft = new AccountDraft(image);
      const answers = decideEach(draft, claims, requests, context);
      const { writes, account } = transactionOf(draft.change());
      if ((await writeAll(this.db, session, [...claims.writes(), ...writes])) === STALE) return STALE;
      // Others changed the account, and so perhaps what we remember of its orders.
      if (image.account?.version !== this.account?.version) this.exposures.clear();
      // Nothing is committed yet; a failed commit makes the desk forget all of it.
      this.remember(draft, account);
      this.memory = {};
      return answers;
    });
  }

  /** Waits for looks that are still under way: they have nearly finished, and a transaction takes longer. */
  private async areSeenToBeNew(requests: ExposureRequest[], { exposures }: AccountImage): Promise<boolean> {
    const looks = requests.flatMap((request) => {
      const [identity] = identityOf(request);
      if (identity === undefined || exposures.has(identity.orderId)) return [];
      return this.coming.take(identity.orderId, this.memory) ?? [];
    });
    return looks.length === requests.length && (await allTrueSoon(looks, this.pace.lookMsMax));
  }

  private remember(draft: AccountDraft, account: RiskAccountRecord | undefined): void {
    this.account = account;
    for (const record of draft.changed.values()) this.exposures.set(record._id, record);
  }

  private fileLater(afterMs = this.pace.fileAfterMs): void {
    this.filing ??= setTimeout(() => {
      this.filing = undefined;
      if (this.account !== undefined && !keepsOrders(this.account)) return;
      this.submit({ file: 'admitted' }).catch(() => this.fileLater(FILE_AGAIN_MS));
    }, afterMs).unref();
  }

  private forget(): void {
    this.account = undefined;
    this.memory = {};
    this.exposures.clear();
  }
}

/** Whether the account has orders that are not filed yet. */
function keepsOrders({ admitted }: RiskAccountRecord): boolean {
  return admitted !== undefined && admitted.length > 0;
}
