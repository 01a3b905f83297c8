import { Counter, Gauge, type Registry } from 'prom-client';
import { SHED_REASONS, type SubmitGate } from './submit-gate';

/**
 * Tells Prometheus how many new orders are let in and why others are not. Over several API processes all three are
 * sums: what the API as a whole holds, takes and refuses.
 */
export function addSubmitMetrics(registry: Registry, gate: SubmitGate): void {
  new Counter({
    name: 'steadfill_submits_shed_total',
    help: 'New orders refused before anything was begun',
    labelNames: ['reason'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const reason of SHED_REASONS) this.inc({ reason }, gate.shedCount(reason));
    },
  });
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
