import { join } from 'node:path';
import { LineJournal } from '../../venues/journal/line-journal';
import { COLLECTIONS } from '../../storage/collections';
import { storedKeyOf } from './report-store';
import type { Db } from 'mongodb';
import type { ReceivedReport } from '../../venues/venue-port';
import type { Logger } from '../../observability/logger';

export type UnmatchedReason = 'noAddress' | 'noWorkflow';

interface UnmatchedRecord extends ReceivedReport {
  _id: string;
  reason: UnmatchedReason;
  at: string;
}

/**
 * Reports that no open workflow takes. People must look at them, so that each is an error in the log, a line of a
 * file and, as soon as MongoDB takes it, a document.
 */
export class UnmatchedReports {
  private readonly file: LineJournal;
  private readonly db: Db | undefined;
  private readonly logger: Logger;

  private constructor(file: LineJournal, db: Db | undefined, logger: Logger) {
    this.file = file;
    this.db = db;
    this.logger = logger;
  }

  static async open(directory: string, db: Db | undefined, logger: Logger): Promise<UnmatchedReports> {
    const known: UnmatchedRecord[] = [];
    const file = await LineJournal.open(join(directory, 'unmatched-reports.journal'), (line) => {
      known.push(JSON.parse(line) as UnmatchedRecord);
    });
    const unmatched = new UnmatchedReports(file, db, logger);
    // What MongoDB missed while it was down is offered again; the id makes it a repeat otherwise.
    void unmatched.store(known);
    return unmatched;
  }

  /** Resolves when they are in the file. */
  async add(received: readonly ReceivedReport[], reason: UnmatchedReason): Promise<void> {
    const at = new Date().toISOString();
    const records = received.map(({ report, address }): UnmatchedRecord => {
      const id = `${report.venue}:${storedKeyOf(report)}`;
      return { _id: id, report, ...(address !== undefined && { address }), reason, at };
    });
    await Promise.all(records.map((record) => this.file.append(JSON.stringify(record))));
    for (const { report, address } of records) {
      const { kind, execId, clOrdId } = report;
      const workflowId = address?.workflowId;
      this.logger.error('An execution report has no open order', {
        reason,
        kind,
        execId,
        clOrdId,
        workflowId,
      });
    }
    void this.store(records);
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async store(records: readonly UnmatchedRecord[]): Promise<void> {
    if (this.db === undefined || records.length === 0) return;
    const writes = records.map(({ _id, ...content }) => ({
      updateOne: { filter: { _id }, update: { $setOnInsert: content }, upsert: true },
    }));
    try {
      const unmatched = this.db.collection<{ _id: string }>(COLLECTIONS.unmatchedReports);
      await unmatched.bulkWrite(writes, { ordered: false });
    } catch (fault) {
      this.logger.warn('Unmatched reports are only in the file for now', { count: records.length, fault });
    }
  }
}
