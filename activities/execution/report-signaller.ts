import { inTrace } from '../../observability/trace-context';
import type { ExecutionReport } from '../../domain/order/execution-report';
import type { Logger } from '../../observability/logger';
import { SignalPace } from './signal-pace';

const SIGNALS_AT_ONCE_MAX = 16;
const REPORTS_PER_SIGNAL_MAX = 100;
const RETRY_MS = { first: 100, max: 5_000 } as const;
/** Reports that wait for Temporal before no more are taken from the venue. */
const WAITING_MAX = 50_000;
const DRAIN_POLL_MS = 20;

/**
 * `correction`: the workflow has closed, and another one continues its order with them. `noWorkflow`: nobody can take
 * them.
 */
export type SignalOutcome = 'delivered' | 'correction' | 'noWorkflow';
/** Delivers reports of one order in one signal. Throws while Temporal cannot take it. */
export type SignalReports = (workflowId: string, reports: ExecutionReport[]) => Promise<SignalOutcome>;

export interface SignallerOptions<Item> {
  signal: SignalReports;
  reportOf(item: Item): ExecutionReport;
  /** The trace that the signal belongs to; reports of one order have one. */
  traceOf?(item: Item): string | undefined;
  onOutcome(workflowId: string, items: Item[], outcome: SignalOutcome): Promise<void>;
  logger: Logger;
}

interface Lane<Item> {
  items: Item[];
  failures: number;
}

/**
 * Brings reports to their workflows: those of one workflow in their order, several in one signal, many workflows at
 * once. A workflow that gets many signals gets them at a pace (see signal-pace.ts). It tries for as long as Temporal is away.
 */
export class ReportSignaller<Item> {
  private readonly options: SignallerOptions<Item>;
  private readonly lanes = new Map<string, Lane<Item>>();
  private readonly ready: string[] = [];
  private readonly pauses = new Set<NodeJS.Timeout>();
  private readonly pace = new SignalPace();
  private running = 0;
  private waiting = 0;
  private stopped = false;
  private roomWanted: (() => void)[] = [];

  constructor(options: SignallerOptions<Item>) {
    this.options = options;
  }

  enqueue(workflowId: string, item: Item): void {
    this.waiting += 1;
    const lane = this.lanes.get(workflowId);
    if (lane !== undefined) {
      lane.items.push(item);
      return;
    }
    this.lanes.set(workflowId, { items: [item], failures: 0 });
    this.goOn(workflowId);
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.waiting >= WAITING_MAX && !this.stopped) {
      await new Promise<void>((resolve) => this.roomWanted.push(resolve));
    }
  }

  waitingCount(): number {
    return this.waiting;
  }

  /** Waits, at most `timeoutMs`, until all is delivered, and then stops; the rest is delivered after a restart. */
  async stop(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while ((this.waiting > 0 || this.running > 0) && Date.now() < deadline) {
      await new Promise((wake) => setTimeout(wake, DRAIN_POLL_MS));
    }
    this.stopped = true;
    for (const timer of this.pauses) clearTimeout(timer);
    this.wakeWaiters();
  }

  private pump(): void {
    while (this.running < SIGNALS_AT_ONCE_MAX && !this.stopped) {
      const workflowId = this.ready.shift();
      if (workflowId === undefined) return;
      this.running += 1;
      void this.work(workflowId).finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
  }

  private async work(workflowId: string): Promise<void> {
    const lane = this.lanes.get(workflowId);
    if (lane === undefined) return;
    const batch = lane.items.slice(0, REPORTS_PER_SIGNAL_MAX);
    this.pace.note(workflowId, Date.now());
    try {
      const outcome = await this.signal(workflowId, batch);
      await this.options.onOutcome(workflowId, batch, outcome);
    } catch (fault) {
      this.retryLater(workflowId, lane, fault);
      return;
    }
    lane.failures = 0;
    lane.items.splice(0, batch.length);
    this.waiting -= batch.length;
    this.wakeWaiters();
    if (lane.items.length > 0) this.goOn(workflowId);
    else this.lanes.delete(workflowId);
  }

  private signal(workflowId: string, batch: readonly Item[]): Promise<SignalOutcome> {
    const { signal, reportOf, traceOf } = this.options;
    const [first] = batch;
    const traceparent = first === undefined ? undefined : traceOf?.(first);
    return inTrace(traceparent, () => signal(workflowId, batch.map(reportOf)));
  }

  private retryLater(workflowId: string, lane: Lane<Item>, fault: unknown): void {
    lane.failures += 1;
    if (lane.failures === 1) {
      this.options.logger.warn('Execution reports wait for their workflow', { workflowId, fault });
    }
    const delayMs = Math.min(RETRY_MS.max, RETRY_MS.first * 2 ** Math.min(lane.failures - 1, 10));
    this.goOnAfter(workflowId, delayMs);
  }

  private goOn(workflowId: string): void {
    const waitMs = this.pace.waitMs(workflowId, Date.now());
    if (waitMs > 0) {
      this.goOnAfter(workflowId, waitMs);
      return;
    }
    this.ready.push(workflowId);
    this.pump();
  }

  private goOnAfter(workflowId: string, delayMs: number): void {
    const timer = setTimeout(() => {
      this.pauses.delete(timer);
      this.ready.push(workflowId);
      this.pump();
    }, delayMs);
    this.pauses.add(timer);
  }

  private wakeWaiters(): void {
    const waiters = this.roomWanted;
    this.roomWanted = [];
    for (const wake of waiters) wake();
  }
}
