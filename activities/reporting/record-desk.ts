import { setTimeout as pause } from 'node:timers/promises';
import type { ClientSession, Db } from 'mongodb';
import { assertMongoUp, isMongoUnavailable } from '../../storage/availability';
import { GroupCommit, UNHURRIED_MS } from '../../storage/group-commit';
import { inTransaction, isConflict, STALE } from '../../storage/transaction';
import { READ_AND_DECIDE, WRITE_GUARDED } from '../../storage/write-concern';
import { writeAll } from '../../storage/write-all';
import { loadBasis, positionId, readFills, ViewImage, type ViewBasis } from './view-image';
import { ViewDraft } from './view-draft';
import type { RecordOrderInput } from './reporting.port';
import type { Posting } from '../../domain/money/ledger';

const BATCH_MAX = 64;
const QUEUE_MAX = 10_000;
const ATTEMPTS_MAX = 12;
const BACKOFF_MS_MAX = 40;

interface Recording {
  input: RecordOrderInput;
  settled: readonly Posting[];
}

/**
 * Records of all orders go through one desk: those that arrive while a transaction is under way are written together
 * in the next one, log, views and ledger at once, so that no crash can leave one without the other. The desk
 * remembers what it committed and guards its writes; when the memory is wrong it reads in the transaction.
 */
export class RecordDesk {
  private readonly group: GroupCommit<Recording, void>;
  private image = new ViewImage();
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
    this.group = new GroupCommit({
      commit: (recordings) => this.commit(recordings),
      batchMax: BATCH_MAX,
      queueMax: QUEUE_MAX,
      everyMsMin: UNHURRIED_MS,
      isForeign: isMongoUnavailable,
    });
  }

  /** With the record, the `settled` postings that it tells of. Throws, retryably, when it could not be recorded. */
  async record(input: RecordOrderInput, settled: readonly Posting[] = []): Promise<void> {
    assertMongoUp(this.db);
    await this.group.submit({ input, settled });
  }

  private async commit(recordings: Recording[]): Promise<void[]> {
    for (let attempt = 1; ; attempt += 1) {
      assertMongoUp(this.db);
      const done = await this.tryCommit(recordings, attempt);
      if (done !== STALE) return recordings.map(() => undefined);
      if (attempt > 1) await pause(Math.random() * Math.min(BACKOFF_MS_MAX, 2 ** attempt));
    }
  }

  private async tryCommit(recordings: Recording[], attempt: number): Promise<'written' | typeof STALE> {
    const image = this.image;
    const inputs = recordings.map(({ input }) => input);
    try {
      const remembers = attempt === 1 && image.covers(inputs);
      const done = await inTransaction(
        this.db,
        remembers ? WRITE_GUARDED : READ_AND_DECIDE,
        async (session) => {
          const basis = remembers ? { image, stored: undefined } : await loadBasis(this.db, session, inputs);
          const written = await this.write(recordings, basis, session);
          if (written !== STALE && !remembers) adopt(this.image, basis.image, inputs);
          return written;
        },
      );
      if (done === STALE) this.image = new ViewImage();
      return done;
    } catch (fault) {
      this.image = new ViewImage();
      if (isConflict(fault) && attempt < ATTEMPTS_MAX) return STALE;
      throw fault;
    }
  }

  private async write(
    recordings: Recording[],
    basis: ViewBasis,
    session: ClientSession,
  ): Promise<'written' | typeof STALE> {
    const draft = new ViewDraft(basis);
    for (const { input, settled } of recordings) draft.take(input, settled);
    for (const id of draft.outdated) {
      // A fill came that is older than the checkpoint of its position: every fill is folded again.
      const found = recordings.find(({ input }) => positionIdOf(input) === id);
      if (found === undefined) throw new Error(`position ${id} is not in this batch`);
      draft.refold(id, await readFills(this.db, session, found.input.view));
    }
    return await writeAll(this.db, session, draft.writes());
  }
}

function positionIdOf({ view }: RecordOrderInput): string {
  return positionId(view.account, view.symbol);
}

/** Adds what was read and is now written to what is remembered. A failed commit forgets all of it. */
function adopt(memory: ViewImage, read: ViewImage, inputs: readonly RecordOrderInput[]): void {
  for (const { view, fills } of inputs) {
    if (fills.length === 0) continue;
    const id = positionId(view.account, view.symbol);
    const position = read.positions.get(id);
    const balance = read.balances.get(view.account);
    if (position !== undefined) memory.positions.set(id, position);
    if (balance !== undefined) memory.balances.set(view.account, balance);
    for (const { fillId } of fills) {
      const fill = read.fills.get(fillId);
      if (fill !== undefined) memory.fills.set(fillId, fill);
    }
  }
}
