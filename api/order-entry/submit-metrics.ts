import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';
import { SHED_REASONS, WINDOW_MS, type ShedReason, type SubmitGate } from './submit-gate';

const LOOP_RESOLUTION_MS = 20;
const NANOSECONDS_PER_MS = 1e6;

/** Tells Prometheus how many new orders are let in and why others are not. */
export class SubmitMetrics {
  private readonly shed: Counter<'reason'>;

  constructor(registry: Registry, gate: SubmitGate) {
    this.shed = new Counter({
      name: 'steadfill_submits_shed_total',
      help: 'New orders refused before anything was begun',
      labelNames: ['reason'] as const,
      registers: [registry],
    });
    for (const reason of SHED_REASONS) this.shed.inc({ reason }, 0);
    // Both are sums over the API processes, which are what the API as a whole holds and takes.
    new Gauge({
      name: 'steadfill_submits_in_flight',
      help: 'New orders that wait for their answer',
      registers: [registry],
      collect() {
        this.set(gate.inFlight());
      },
    });
    new Gauge({
      name: 'steadfill_submits_in_flight_limit',
      help: 'New orders that are let in at once',
      registers: [registry],
      collect() {
        this.set(gate.inFlightLimit());
      },
    });
  }

  onShed(reason: ShedReason): void {
    this.shed.inc({ reason });
  }
}

/** Turns the windows of `gate`, for as long as the process lives. */
export function turnWindows(gate: SubmitGate): void {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delay.enable();
  const timer = setInterval(() => {
    const lagMs = delay.count === 0 ? 0 : delay.mean / NANOSECONDS_PER_MS - LOOP_RESOLUTION_MS;
    delay.reset();
    gate.turnWindow(Math.max(0, lagMs));
  }, WINDOW_MS);
  timer.unref();
}
