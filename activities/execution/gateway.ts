import { join } from 'node:path';
import { inTrace } from '../../observability/trace-context';
import { JournalFailedError } from '../../venues/journal/line-journal';
import { noteArrival } from './report-arrival';
import { ReportSignaller, type SignalOutcome, type SignalReports } from './report-signaller';
import { ReportStore, storedKeyOf, type StoredKey, type StoredReport } from './report-store';
import { UnmatchedReports } from './unmatched-reports';
import type { Db } from 'mongodb';
import type { ReceivedReport, VenueAdapter } from '../../venues/venue-port';
import type { Logger } from '../../observability/logger';
import type { OrderStatusResult, SendResult, VenueOrder } from './execution.port';

/** Reports of a send in flight wait this long for its answer; then they are signalled, and come twice at worst. */
const HOLD_MS_MAX = 3_000;
const RETURNED_KEPT_MAX = 50_000;
const DRAIN_MS_MAX = 5_000;

export interface GatewayOptions {
  adapter: VenueAdapter;
  signal: SignalReports;
  /** Where this session keeps its journals. */
  journalDir: string;
  /** For unmatched reports only; may be unreachable. */
  db?: Db;
  logger: Logger;
  /** Called when a journal cannot be written: nothing may be sent or acknowledged then, and the process must end. */
  onFatal(fault: unknown): void;
}

interface Send {
  clOrdId: string;
  orderId: string;
}

/**
 * Stands between one venue session and the order workflows. Each report is on disk before the venue hears that we
 * have it, and is then brought to its workflow exactly by one of two ways: with the result of the send that caused it,
 * or by a signal. What is stored and not delivered is signalled again after a restart; workflows know repeats.
 */
export class ExecutionGateway {
  private readonly options: GatewayOptions;
  private readonly signaller: ReportSignaller<StoredReport>;
  private openedStore: ReportStore | undefined;
  private unmatched: UnmatchedReports | undefined;
  /** Stored reports by the ClOrdID of a send in flight, waiting whether its answer brings them too. */
  private readonly held = new Map<string, StoredReport[]>();
  /** Reports that went out with a result before the session brought them. */
  private readonly returned = new Set<StoredKey>();

  constructor(options: GatewayOptions) {
    this.options = options;
    this.signaller = new ReportSignaller<StoredReport>({
      signal: options.signal,
      reportOf: ({ report }) => report,
      traceOf: ({ traceparent, address }) => traceparent ?? address?.traceparent,
      onOutcome: (workflowId, items, outcome) => this.onSignalled(workflowId, items, outcome),
      logger: options.logger,
    });
  }

  /** Opens journals and session; signals what an earlier process left. */
  async start(): Promise<void> {
    const { journalDir, db, logger, adapter } = this.options;
    this.openedStore = await ReportStore.open(join(journalDir, 'reports.journal'));
    this.unmatched = await UnmatchedReports.open(journalDir, db, logger);
    const left = this.openedStore.undelivered();
    if (left.length > 0)
      logger.info('Signalling reports that an earlier process stored', { count: left.length });
    await this.deliver(left);
    await adapter.start((received) => this.onReports(received));
  }

  /** Closes the session and brings what is stored to the workflows, as far as some seconds allow. */
  async stop(): Promise<void> {
    await this.options.adapter.stop();
    await this.signaller.stop(DRAIN_MS_MAX);
    await this.openedStore?.close();
    await this.unmatched?.close();
  }

  /** Reports that are stored and not yet with their workflow. */
  waitingCount(): number {
    return this.signaller.waitingCount();
  }

  /**
   * Runs one send. Its reports may also come over the session meanwhile; those that the result carries are not
   * signalled. A send whose answer is not known is answered from the journal when the venue reported on it.
   */
  async send({ clOrdId, orderId }: Send, call: () => Promise<SendResult>): Promise<SendResult> {
    const isFirst = !this.held.has(clOrdId);
    if (isFirst) this.held.set(clOrdId, []);
    const limit = setTimeout(() => this.release(clOrdId), HOLD_MS_MAX);
    try {
      const result = await call();
      const known = result.outcome === 'sent' ? [] : this.reportsAbout({ clOrdId, orderId });
      const answer: SendResult = known.length > 0 ? { outcome: 'sent', reports: known } : result;
      if (answer.outcome === 'sent') this.noteReturned(answer.reports.map(storedKeyOf));
      return answer;
    } catch (fault) {
      this.watchDisk(fault);
      throw fault;
    } finally {
      clearTimeout(limit);
      if (isFirst) this.release(clOrdId);
    }
  }

  /** Asks the venue; when it cannot be asked, what is stored here is told all the same. */
  async status(order: VenueOrder): Promise<OrderStatusResult> {
    const result = await this.options.adapter.status(order);
    if (result.outcome === 'unreachable') return { ...result, reports: this.store.knownFor(order.orderId) };
    this.noteReturned(result.reports.map(storedKeyOf));
    return result;
  }

  private get store(): ReportStore {
    if (this.openedStore === undefined) throw new Error('the gateway was not started');
    return this.openedStore;
  }

  /** The stored reports of an order, if the venue has said something about this very request. */
  private reportsAbout({ clOrdId, orderId }: Send): SendReports {
    const known = this.store.knownFor(orderId);
    return known.some((report) => report.clOrdId === clOrdId) ? known : [];
  }

  private async onReports(received: ReceivedReport[]): Promise<void> {
    await this.signaller.room();
    const receivedAtMs = Date.now();
    try {
      const fresh = await this.store.add(received);
      for (const stored of fresh) noteArrival(stored, receivedAtMs, this.options.logger);
      await this.deliver(fresh);
    } catch (fault) {
      this.watchDisk(fault);
      throw fault;
    }
  }

  private watchDisk(fault: unknown): void {
    if (fault instanceof JournalFailedError) this.options.onFatal(fault);
  }

  private async deliver(reports: readonly StoredReport[]): Promise<void> {
    const withoutAddress: StoredReport[] = [];
    const withResult: StoredKey[] = [];
    for (const stored of reports) {
      const hold = this.held.get(stored.report.clOrdId);
      if (stored.delivered || this.returned.delete(stored.key)) withResult.push(stored.key);
      else if (stored.address === undefined) withoutAddress.push(stored);
      else if (hold !== undefined) hold.push(stored);
      else this.signaller.enqueue(stored.address.workflowId, stored);
    }
    this.store.markDelivered(withResult);
    if (withoutAddress.length > 0) await this.setAside(withoutAddress, 'noAddress');
  }

  private noteReturned(keys: readonly StoredKey[]): void {
    this.store.markDelivered(keys);
    for (const key of keys) if (!this.store.has(key)) this.returned.add(key);
    while (this.returned.size > RETURNED_KEPT_MAX) {
      const [oldest] = this.returned;
      if (oldest !== undefined) this.returned.delete(oldest);
    }
  }

  private release(clOrdId: string): void {
    const held = this.held.get(clOrdId) ?? [];
    this.held.delete(clOrdId);
    for (const stored of held) {
      if (!stored.delivered && stored.address !== undefined) {
        this.signaller.enqueue(stored.address.workflowId, stored);
      }
    }
  }

  private async onSignalled(
    workflowId: string,
    items: StoredReport[],
    outcome: SignalOutcome,
  ): Promise<void> {
    const [first] = items;
    inTrace(first?.traceparent, () =>
      this.options.logger.info('Execution reports signalled', { workflowId, outcome, count: items.length }),
    );
    if (outcome === 'noWorkflow') return await this.setAside(items, 'noWorkflow');
    this.store.markDelivered(items.map(({ key }) => key));
  }

  private async setAside(
    reports: readonly StoredReport[],
    reason: 'noAddress' | 'noWorkflow',
  ): Promise<void> {
    // Delivered meanwhile by a result, after it had been queued for a signal: nothing is missing.
    const missing = reports.filter(({ delivered }) => !delivered);
    await this.unmatched?.add(missing, reason);
    this.store.markDelivered(missing.map(({ key }) => key));
  }
}

type SendReports = Extract<SendResult, { outcome: 'sent' }>['reports'];
