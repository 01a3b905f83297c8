import { LineJournal } from '../../venues/journal/line-journal';
import { reportKey } from '../../domain/order/report-identity';
import type { ExecutionReport } from '../../domain/order/execution-report';
import type { ReceivedReport } from '../../venues/venue-port';

/** Delivered reports that are kept, to recognise repeats and to answer a repeated send while the venue is away. */
const DELIVERED_KEPT_MAX = 20_000;
const SPARE_LINES_MAX = 100_000;

/** What names a report for as long as it is kept here. */
export type StoredKey = string;

export interface StoredReport extends ReceivedReport {
  key: StoredKey;
  delivered: boolean;
  /** The span of its arrival; only in memory, a restart continues from that of the send. */
  traceparent?: string;
}

type Line = { received: ReceivedReport; delivered?: true } | { delivered: StoredKey[] };

/** Reports of one venue session are told apart by their ExecID, or without one by request and kind. */
export function storedKeyOf(report: ExecutionReport): StoredKey {
  return reportKey(report);
}

/**
 * The durable journal of received reports and of which of them reached their workflow. It is a file of this process,
 * because executions must flow while MongoDB is down.
 */
export class ReportStore {
  private readonly journal: LineJournal;
  /** Oldest first. */
  private readonly reports: Map<StoredKey, StoredReport>;
  private deliveredCount = 0;
  private spareLines = 0;

  private constructor(journal: LineJournal, reports: Map<StoredKey, StoredReport>) {
    this.journal = journal;
    this.reports = reports;
  }

  /** Reads what is there and writes it anew without what is not needed. Throws when the file cannot be read. */
  static async open(path: string): Promise<ReportStore> {
    const reports = new Map<StoredKey, StoredReport>();
    const journal = await LineJournal.open(path, (text) => {
      const line = JSON.parse(text) as Line;
      if ('received' in line) {
        const key = storedKeyOf(line.received.report);
        const delivered = line.delivered === true || reports.get(key)?.delivered === true;
        reports.set(key, { ...line.received, key, delivered });
        return;
      }
      for (const key of line.delivered) {
        const stored = reports.get(key);
        if (stored !== undefined) stored.delivered = true;
      }
    });
    const store = new ReportStore(journal, reports);
    store.deliveredCount = [...reports.values()].filter(({ delivered }) => delivered).length;
    store.forgetOldest();
    await store.compact();
    return store;
  }

  /** Stores reports that are new here and returns them; resolves when they are on disk. */
  async add(received: readonly ReceivedReport[]): Promise<StoredReport[]> {
    const fresh: StoredReport[] = [];
    for (const one of received) {
      const key = storedKeyOf(one.report);
      if (this.reports.has(key)) continue;
      const stored = { ...one, key, delivered: false };
      this.reports.set(key, stored);
      fresh.push(stored);
    }
    const writes = fresh.map(({ report, address }) =>
      this.journal.append(
        JSON.stringify({ received: { report, ...(address !== undefined && { address }) } }),
      ),
    );
    // A repeat may meet a first that is still on its way to the disk.
    await (writes.length > 0 ? Promise.all(writes) : this.journal.flushed());
    if (this.spareLines > SPARE_LINES_MAX) await this.compact();
    return fresh;
  }

  /** Notes that these need no signal any more. Lost only in a power cut, and then they are signalled again. */
  markDelivered(keys: readonly StoredKey[]): void {
    const marked = keys.filter((key) => this.reports.get(key)?.delivered === false);
    if (marked.length === 0) return;
    for (const key of marked) {
      const stored = this.reports.get(key);
      if (stored !== undefined) stored.delivered = true;
    }
    this.deliveredCount += marked.length;
    this.journal.note(JSON.stringify({ delivered: marked } satisfies Line));
    this.spareLines += 1;
    this.forgetOldest();
  }

  undelivered(): StoredReport[] {
    return [...this.reports.values()].filter(({ delivered }) => !delivered);
  }

  has(key: StoredKey): boolean {
    return this.reports.has(key);
  }

  /** Reports about the order that are kept here, oldest first. */
  knownFor(orderId: string): ExecutionReport[] {
    const known: ExecutionReport[] = [];
    for (const { report } of this.reports.values()) if (report.orderId === orderId) known.push(report);
    return known;
  }

  close(): Promise<void> {
    return this.journal.close();
  }

  private forgetOldest(): void {
    if (this.deliveredCount <= DELIVERED_KEPT_MAX) return;
    for (const [key, { delivered }] of this.reports) {
      if (!delivered) continue;
      this.reports.delete(key);
      this.deliveredCount -= 1;
      this.spareLines += 1;
      if (this.deliveredCount <= DELIVERED_KEPT_MAX) return;
    }
  }

  private async compact(): Promise<void> {
    this.spareLines = 0;
    await this.journal.replace(() =>
      [...this.reports.values()].map(({ report, address, delivered }) => {
        const received: ReceivedReport = { report, ...(address !== undefined && { address }) };
        return JSON.stringify({ received, ...(delivered && { delivered: true }) } satisfies Line);
      }),
    );
  }
}
