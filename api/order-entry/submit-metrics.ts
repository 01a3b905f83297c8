import { Counter, type Registry } from 'prom-client';
import { METRICS } from '../../observability/metrics/catalog';
import { promGauge } from '../../observability/metrics/prom-meters';
import { SHED_REASONS, type SubmitGate } from './submit-gate';

/**
 * Tells Prometheus how many new orders are let in and why others are not. Over several API processes all three are
 * sums: what the API as a whole holds, takes and refuses.
 */
export function addSubmitMetrics(registry: Registry, gate: SubmitGate): void {
  new Counter({
    name: METRICS.submitsShed.name,
    help: METRICS.submitsShed.help,
    labelNames: ['reason'] as const,
    registers: [registry],
    // The gate counts by itself; what it says replaces what was said before.
    collect() {
      this.reset();
      for (const reason of SHED_REASONS) this.inc({ reason }, gate.shedCount(reason));
    },
  });
  promGauge(registry, METRICS.submitsInFlight, {
    aggregator: 'sum',
    collect: (gauge) => gauge.set(gate.inFlight()),
  });
  promGauge(registry, METRICS.submitsInFlightLimit, {
    aggregator: 'sum',
    collect: (gauge) => gauge.set(gate.inFlightLimit()),
  });
}
