import { METRICS } from '../../../observability/metrics/catalog';
import { readProcesses, type ProcessReaderOptions } from './process-reader';
import { Snapshot } from './snapshot';

const SAMPLE_MS = 5_000;
/** A reader who asks more often than this gets the same sample. */
const FRESH_MS = 1_500;
const HISTORY_MS = 10 * 60_000;
/** Snapshots are compared over a minute at most; those kept are some seconds apart, because each is large. */
const SNAPSHOTS_MS = 75_000;
const APART_MS = 4_000;

/** One point of the page's charts. */
export interface HistoryPoint {
  /** Epoch milliseconds. */
  atMs: number;
  ordersPerSecond: number;
  /** Undefined when no order was answered. */
  acknowledgementP99Seconds?: number;
}

/**
 * Keeps ten minutes of the main figures, so that a page that is opened in trouble shows how it began. It reads
 * every five seconds, and oftener only while somebody looks.
 */
export class LiveSampler {
  private readonly options: ProcessReaderOptions;
  private readonly nowMs: () => number;
  private snapshots: Snapshot[] = [];
  private points: HistoryPoint[] = [];
  /** The snapshot of the last point. */
  private pointed: Snapshot | undefined;
  private taking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: ProcessReaderOptions, nowMs: () => number) {
    this.options = options;
    this.nowMs = nowMs;
  }

  start(): void {
    this.timer ??= setInterval(() => void this.take(), SAMPLE_MS).unref();
    void this.take();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The newest snapshot, taken now when the last is not fresh. */
  async newest(): Promise<Snapshot> {
    const last = this.snapshots.at(-1);
    if (last !== undefined && this.nowMs() - last.atMs < FRESH_MS) return last;
    await this.take();
    const taken = this.snapshots.at(-1);
    if (taken === undefined) throw new Error('taking a snapshot leaves one');
    return taken;
  }

  /**
   * The snapshot to compare `newest` with: `windowMs` older, or the oldest there is; where possible one in which every
   * process answered that answers now. Undefined when `newest` is alone.
   */
  before(newest: Snapshot, windowMs: number): Snapshot | undefined {
    const older = this.snapshots.filter(({ atMs }) => atMs < newest.atMs);
    const covering = older.filter((snapshot) => snapshot.covers(newest));
    return covering.findLast(({ atMs }) => atMs <= newest.atMs - windowMs) ?? covering[0] ?? older[0];
  }

  history(): readonly HistoryPoint[] {
    return this.points;
  }

  /** Of several that want a snapshot at once, one takes it. */
  private take(): Promise<void> {
    this.taking ??= this.read().finally(() => (this.taking = undefined));
    return this.taking;
  }

  private async read(): Promise<void> {
    const atMs = this.nowMs();
    const next = new Snapshot(atMs, await readProcesses(this.options));
    const [beforeLast, last] = this.snapshots.slice(-2);
    if (last !== undefined && beforeLast !== undefined && last.atMs - beforeLast.atMs < APART_MS) {
      this.snapshots.pop();
    }
    this.snapshots = [...this.snapshots, next].filter((kept) => kept.atMs >= atMs - SNAPSHOTS_MS);
    this.addPoint(next);
  }

  /** Points are some seconds apart: over less, a rate is mostly noise. */
  private addPoint(next: Snapshot): void {
    this.pointed ??= next;
    if (next.atMs - this.pointed.atMs < APART_MS) return;
    const point = pointOf(next, this.pointed);
    this.points = [...this.points, point].filter(({ atMs }) => atMs >= next.atMs - HISTORY_MS);
    this.pointed = next;
  }
}

function pointOf(next: Snapshot, last: Snapshot): HistoryPoint {
  const { name } = METRICS.orderAcknowledgement;
  const seconds = Math.max(0.001, (next.atMs - last.atMs) / 1_000);
  const [p99] = next.quantiles(name, last, [0.99])?.quantiles ?? [];
  return {
    atMs: next.atMs,
    ordersPerSecond: next.grown(`${name}_count`, last) / seconds,
    ...(p99 === undefined ? {} : { acknowledgementP99Seconds: p99 }),
  };
}
