import { join } from 'node:path';
import { ORDER_TYPES_TRADED, TIMES_IN_FORCE_TRADED } from './core/entry-rules';
import { VenueHttp, type CallResult } from './client/venue-http';
import { SessionJournal } from './client/session-journal';
import { VenueStreamClient } from './client/venue-stream-client';
import { tracedCall } from './client/traced-call';
import { clientRefOf, isOurs, toReceivedReport } from './client/wire-reports';
import { SIMULATOR_VENUE, type EntryAnswer, type StreamMessage, type WireReport } from './protocol';
import type { ReceivedReport, ReportAddress, VenueAdapter, VenueCapabilities } from '../venue-port';
import type { ExecutionReport } from '../../domain/order/execution-report';
import type {
  OrderStatusResult,
  SendResult,
  VenueCancel,
  VenueOrder,
  VenueReplace,
} from '../../activities/execution/execution.port';
import { currentTraceparent } from '../../observability/trace-context';
import type { Logger } from '../../observability/logger';

/** Together below the time that one attempt of a routing activity has. */
const SEND_TIMEOUT_MS = 4_000;
const STATUS_TIMEOUT_MS = 2_500;
const TOO_MANY_REQUESTS = 429;

export interface SimulatorAdapterOptions {
  /** Base URL of the venue. */
  url: string;
  /** Where the session keeps its journal; one directory a session. */
  journalDir: string;
  logger: Logger;
}

/** The adapter to the simulated venue. It does not start by itself: see `start`. */
export function createSimulatorAdapter(options: SimulatorAdapterOptions): VenueAdapter {
  return new SimulatorAdapter(options);
}

interface Entry {
  clOrdId: string;
  address: ReportAddress;
  method: 'POST' | 'DELETE';
  path: string;
  body: unknown;
  refusedAs: 'rejected' | 'cancelRejected' | 'replaceRejected';
}

class SimulatorAdapter implements VenueAdapter {
  readonly venue = SIMULATOR_VENUE;
  readonly capabilities: VenueCapabilities = {
    orderTypes: ORDER_TYPES_TRADED,
    timesInForce: TIMES_IN_FORCE_TRADED,
    dedupesByClOrdId: true,
  };
  private readonly options: SimulatorAdapterOptions;
  private readonly http: VenueHttp;
  private readonly stream: VenueStreamClient;
  private openedJournal: SessionJournal | undefined;
  private onReports: ((received: ReceivedReport[]) => Promise<void>) | undefined;
  private epoch = '';

  constructor(options: SimulatorAdapterOptions) {
    this.options = options;
    this.http = new VenueHttp(options.url);
    this.stream = new VenueStreamClient({
      url: options.url,
      query: () => ({ from: String(this.journal.resumePoint().seq), quotes: '0' }),
      onMessage: (message) => this.onMessage(message),
      logger: options.logger,
    });
  }

  async start(onReports: (received: ReceivedReport[]) => Promise<void>): Promise<void> {
    this.onReports = onReports;
    this.openedJournal = await SessionJournal.open(join(this.options.journalDir, 'session.journal'));
    this.stream.start();
  }

  async stop(): Promise<void> {
    await this.stream.stop();
    this.http.close();
    await this.openedJournal?.close();
  }

  sessionState(): 'connected' | 'connecting' | 'down' {
    return this.stream.state();
  }

  send(order: VenueOrder): Promise<SendResult> {
    const { clOrdId, account, symbol, side, type, quantity, limitPrice, timeInForce } = order;
    const { expireAt, displayQuantity, pegPriceType, pegOffset } = order;
    const address = addressOf(order);
    // What is undefined is not in the JSON that goes out.
    const special = { expireAt, displayQuantity, pegPriceType, pegOffset };
    const terms = { account, symbol, side, type, quantity, limitPrice, timeInForce, ...special };
    const body = { clOrdId, clientRef: clientRefOf(address), ...terms };
    return this.enter({ clOrdId, address, method: 'POST', path: '/orders', body, refusedAs: 'rejected' });
  }

  cancel({ clOrdId, origClOrdId, orderId, workflowId }: VenueCancel): Promise<SendResult> {
    const address = { orderId, workflowId };
    const path = `/orders/${encodeURIComponent(origClOrdId)}`;
    const body = { clOrdId, clientRef: clientRefOf(address) };
    return this.enter({ clOrdId, address, method: 'DELETE', path, body, refusedAs: 'cancelRejected' });
  }

  replace(replace: VenueReplace): Promise<SendResult> {
    const { clOrdId, origClOrdId, quantity, limitPrice } = replace;
    const address = addressOf(replace);
    const path = `/orders/${encodeURIComponent(origClOrdId)}/replace`;
    const price = limitPrice === undefined ? {} : { limitPrice };
    const body = { clOrdId, clientRef: clientRefOf(address), quantity, ...price };
    return this.enter({ clOrdId, address, method: 'POST', path, body, refusedAs: 'replaceRejected' });
  }

  async status({ clOrdId }: VenueOrder): Promise<OrderStatusResult> {
    const asked = await this.ask(clOrdId);
    if (asked === 'unreachable') return { outcome: 'unreachable', reports: [], open: false };
    if (asked === 'unknown') return { outcome: 'unknownOrder', reports: [], open: false };
    return { outcome: 'known', reports: this.toReports(asked.reports), open: asked.order?.open ?? false };
  }

  private get journal(): SessionJournal {
    if (this.openedJournal === undefined) throw new Error('the session was not started');
    return this.openedJournal;
  }

  /** At most once: what may have been sent before is asked about first, and sent only if the venue never had it. */
  private async enter(entry: Entry): Promise<SendResult> {
    if (this.journal.hasIntent(entry.clOrdId)) {
      const asked = await this.ask(entry.clOrdId);
      if (asked === 'unreachable') {
        return { outcome: 'unknown', reason: 'it may have been sent before, and the venue cannot be asked' };
      }
      if (asked !== 'unknown') return { outcome: 'sent', reports: this.toReports(asked.reports) };
    } else {
      const traceparent = currentTraceparent();
      const address = { ...entry.address, ...(traceparent !== undefined && { traceparent }) };
      await this.journal.recordIntent(entry.clOrdId, address);
    }
    const first = await this.call(entry);
    if (first.outcome !== 'doubtful') return this.toResult(entry, first);
    this.options.logger.warn('A send is in doubt; asking the venue', {
      clOrdId: entry.clOrdId,
      reason: first.reason,
    });
    const asked = await this.ask(entry.clOrdId);
    if (asked === 'unreachable') return { outcome: 'unknown', reason: first.reason };
    if (asked !== 'unknown') return { outcome: 'sent', reports: this.toReports(asked.reports) };
    // The first may still be on its way: the venue takes a ClOrdID once, so that a second cannot double it.
    const second = await this.call(entry);
    return second.outcome === 'doubtful'
      ? { outcome: 'unknown', reason: second.reason }
      : this.toResult(entry, second);
  }

  private call({ clOrdId, address, method, path, body }: Entry): Promise<CallResult> {
    const about = { clOrdId, orderId: address.orderId, workflowId: address.workflowId };
    return tracedCall(method, about, () => this.http.call(method, path, SEND_TIMEOUT_MS, body));
  }

  private toResult(entry: Entry, result: Exclude<CallResult, { outcome: 'doubtful' }>): SendResult {
    if (result.outcome === 'notSent') return result;
    const { status, body } = result;
    if (status === 200 || status === 201) {
      return { outcome: 'sent', reports: this.toReports((body as EntryAnswer).reports) };
    }
    const { code = '', message = '' } = body as { code?: string; message?: string };
    const text = `status=${status} code=${code} ${message}`;
    if (status === 503 || status === TOO_MANY_REQUESTS) return { outcome: 'notSent', reason: text };
    if (status >= 500) return { outcome: 'unknown', reason: text };
    return { outcome: 'sent', reports: [refusalOf(entry, text)] };
  }

  private async ask(clOrdId: string): Promise<EntryAnswer | 'unknown' | 'unreachable'> {
    const path = `/orders/${encodeURIComponent(clOrdId)}`;
    const result = await tracedCall('GET', { clOrdId }, () => this.http.call('GET', path, STATUS_TIMEOUT_MS));
    if (result.outcome !== 'answered') return 'unreachable';
    if (result.status === 200) return result.body as EntryAnswer;
    const { code } = result.body as { code?: string };
    return result.status === 404 && code === 'UNKNOWN_ORDER' ? 'unknown' : 'unreachable';
  }

  private toReports(wire: readonly WireReport[]): ExecutionReport[] {
    return wire.map((report) => this.received(report).report);
  }

  private received(report: WireReport): ReceivedReport {
    const { clOrdId, origClOrdId } = report;
    const known = this.journal.addressOf(clOrdId) ?? this.journal.addressOf(origClOrdId ?? '');
    return toReceivedReport(report, known);
  }

  private async onMessage(message: StreamMessage): Promise<void> {
    if (message.type === 'hello') return await this.onHello(message.epoch);
    if (message.type !== 'reports') return;
    const { seq } = this.journal.resumePoint();
    const fresh = message.reports.filter((report) => report.seq > seq);
    const last = fresh.at(-1);
    if (last === undefined) return;
    if (fresh[0]?.seq !== seq + 1)
      throw new Error(`gap in the venue's reports: ${seq} then ${fresh[0]?.seq}`);
    const ours = fresh.filter((report) => isOurs(report) || this.journal.hasIntent(report.clOrdId));
    if (ours.length > 0) await this.onReports?.(ours.map((report) => this.received(report)));
    await this.journal.recordTaken(this.epoch, last.seq);
  }

  private async onHello(epoch: string): Promise<void> {
    this.epoch = epoch;
    const { epoch: before, seq } = this.journal.resumePoint();
    if (before === epoch) return;
    await this.journal.recordTaken(epoch, 0);
    if (before === undefined || seq === 0) return;
    throw new Error(
      `the venue has another journal than before: epoch=${epoch} before=${before}; beginning at 0`,
    );
  }
}

function addressOf({ orderId, workflowId, settlement }: VenueOrder): ReportAddress {
  return { orderId, workflowId, settlement };
}

/** The venue refused the request as such, so it is proven that nothing was entered. */
function refusalOf({ clOrdId, address, refusedAs }: Entry, text: string): ExecutionReport {
  return {
    venue: SIMULATOR_VENUE,
    kind: refusedAs,
    clOrdId,
    orderId: address.orderId,
    reason: '99',
    text,
    transactTime: new Date().toISOString(),
    ...(refusedAs === 'rejected' && { execId: `refused-${clOrdId}` }),
  };
}
