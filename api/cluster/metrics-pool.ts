import { AggregatorRegistry } from 'prom-client';
import type { MetricsPart } from './messages';
import type { WorkerProcess } from './worker-process';

const COLLECT_MS_MAX = 1_000;
const POLL_MS = 5;

/** Types whose values only grow, so that what a worker counted stays counted when it ends. */
const CUMULATIVE_TYPES: ReadonlySet<unknown> = new Set(['counter', 'histogram']);

/**
 * What the workers of one API count together. The counts of workers that ended are kept: a sum that went down would
 * read as a restart, and a rate over it would show a burst that never was.
 */
export class MetricsPool {
  /** Workers that a collection still waits for. */
  private readonly awaited = new Map<number, Set<number>>();
  private nextCollection = 1;
  private readonly latest = new Map<number, MetricsPart>();
  /** Counts of workers that ended; folded into one, so that many restarts do not make it long. */
  private endedParts: MetricsPart[] = [];
  private folding: Promise<void> = Promise.resolve();

  /** Notes what the worker says now, asked for by a collection or unasked. */
  note(workerId: number, part: MetricsPart, collection?: number): void {
    this.latest.set(workerId, part);
    if (collection !== undefined) this.awaited.get(collection)?.delete(workerId);
  }

  /** Asks every worker and gives what they said; one that does not answer in time counts with what it said before. */
  async collect(workers: readonly WorkerProcess[]): Promise<MetricsPart[]> {
    const collection = this.nextCollection;
    this.nextCollection += 1;
    const asked = workers.filter(({ built, ended }) => built && !ended);
    const missing = new Set(asked.map(({ id }) => id));
    this.awaited.set(collection, missing);
    for (const worker of asked) worker.send({ kind: 'collectMetrics', id: collection });
    const deadlineMs = performance.now() + COLLECT_MS_MAX;
    while (missing.size > 0 && performance.now() < deadlineMs) {
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
    this.awaited.delete(collection);
    return [...this.endedParts, ...this.latest.values()];
  }

  /** The worker has ended; what it said last is kept. After kill -9 that is what it said at the last scrape. */
  end(workerId: number): Promise<void> {
    const part = this.latest.get(workerId);
    this.latest.delete(workerId);
    for (const missing of this.awaited.values()) missing.delete(workerId);
    const counts = (part ?? []).filter(({ type }) => CUMULATIVE_TYPES.has(typeNameOf(type)));
    this.endedParts.push(counts);
    this.folding = this.folding.then(() => this.fold());
    return this.folding;
  }

  private async fold(): Promise<void> {
    const parts = [...this.endedParts];
    const sum = await AggregatorRegistry.aggregate(parts).getMetricsAsJSON();
    this.endedParts = [sum, ...this.endedParts.slice(parts.length)];
  }
}

/** prom-client's declarations say a number, its objects hold the name. */
function typeNameOf(type: unknown): string {
  return String(type);
}
