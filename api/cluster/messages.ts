import type { Registry } from 'prom-client';

/** Metrics of one process in prom-client's own JSON form, as its aggregator takes them. */
export type MetricsPart = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** Requests of one key in the current window, by limit. */
export interface HitCounts {
  /** Start of the window in epoch milliseconds; windows are aligned, so that processes mean the same one. */
  windowMs: number;
  counts: Readonly<Record<string, number>>;
}

/** What the primary tells a worker. A connection comes with its socket. */
export type ToWorker =
  | { kind: 'connection'; number: number }
  /** Readiness is asked for, because others leave once this worker is ready. */
  | { kind: 'probe' }
  /** No connection comes any more: serve what is here, and let the clients go. */
  | { kind: 'handOver' }
  /** The system stops: finish what is in flight, refuse the rest. */
  | { kind: 'stop' }
  | { kind: 'collectMetrics'; id: number }
  | { kind: 'metrics'; id: number; parts: MetricsPart[] }
  /** Whether there is no other worker, so that nobody wants to hear what this one counts. */
  | { kind: 'alone'; alone: boolean }
  /** What another worker has counted. */
  | { kind: 'hits'; from: number; hits: HitCounts };

/** What a worker tells the primary. */
export type ToPrimary =
  /** It can take connections. */
  | { kind: 'built' }
  /** It holds this connection, so that the primary need not. */
  | { kind: 'took'; number: number }
  | { kind: 'probed'; ready: boolean; detail: string }
  /** After `handOver`: nothing is in flight any more; connections that clients keep open may remain. */
  | { kind: 'answered'; openConnections: number }
  | { kind: 'wantMetrics'; id: number }
  | { kind: 'ownMetrics'; id: number; part: MetricsPart }
  | { kind: 'hits'; hits: HitCounts };
