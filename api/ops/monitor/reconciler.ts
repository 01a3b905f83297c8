import type { Mongo } from '../../../storage/mongo';
import {
  countReservationsOfEnded,
  countUnmatchedReports,
  findUnbalancedAssets,
} from '../../../storage/queries/operations';

const QUERY_MS_MAX = 5_000;
const PAUSE_MS_MIN = 30_000;
/** The checks read much, so they take at most this share of the time, however large the ledger grows. */
const SHARE_MAX = 0.02;
/** What belongs to the end of an order is there within seconds; less would show orders that are just ending. */
const ENDING_MS = 60_000;
const UNMATCHED_WINDOW_MS = 24 * 3_600_000;

export interface Breaks {
  /** Assets whose postings do not sum to zero. */
  unbalancedAssets: string[];
  /** Ended orders that still reserve. */
  reservations: number;
  /** Reports of the last day that no open order took. */
  unmatchedReports: number;
}

export interface Reconciliation {
  breaks: Breaks;
  /** When all checks came to an end, epoch milliseconds. */
  checkedAtMs: number;
}

/**
 * Looks for what must never be: each check finds breaks in data that should agree. It works in the background when
 * somebody asks, and answers with the last result; the age of the result tells when it cannot work.
 */
export class Reconciler {
  private readonly mongo: Mongo;
  private readonly nowMs: () => number;
  private last: Reconciliation | undefined;
  private nextAtMs = 0;
  private running: Promise<void> | undefined;

  constructor(mongo: Mongo, nowMs: () => number) {
    this.mongo = mongo;
    this.nowMs = nowMs;
  }

  /** The last result, undefined before the first. Begins the next check when it is due. */
  async latest(): Promise<Reconciliation | undefined> {
    if (this.running === undefined && this.nowMs() >= this.nextAtMs && this.mongo.ready()) {
      this.running = this.check().finally(() => (this.running = undefined));
      // A failed check leaves the old result to grow old, which is what the alert watches.
      this.running.catch(() => undefined);
    }
    if (this.last === undefined) await this.running?.catch(() => undefined);
    return this.last;
  }

  private async check(): Promise<void> {
    const begunMs = this.nowMs();
    this.nextAtMs = begunMs + PAUSE_MS_MIN;
    const { db } = this.mongo;
    const before = new Date(begunMs - ENDING_MS).toISOString();
    const since = new Date(begunMs - UNMATCHED_WINDOW_MS).toISOString();
    const unbalancedAssets = await findUnbalancedAssets(db, QUERY_MS_MAX);
    const reservations = await countReservationsOfEnded(db, before, QUERY_MS_MAX);
    const unmatchedReports = await countUnmatchedReports(db, since, QUERY_MS_MAX);
    const endedMs = this.nowMs();
    this.last = { breaks: { unbalancedAssets, reservations, unmatchedReports }, checkedAtMs: endedMs };
    this.nextAtMs = endedMs + Math.max(PAUSE_MS_MIN, (endedMs - begunMs) / SHARE_MAX);
  }
}
