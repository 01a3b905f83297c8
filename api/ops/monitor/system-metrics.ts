import type { Registry } from 'prom-client';
import { METRICS } from '../../../observability/metrics/catalog';
import { promGauge } from '../../../observability/metrics/prom-meters';
import type { SystemMonitor, SystemState } from './system-monitor';

/**
 * What the servers say about the system, as gauges that are asked for when the registry is read. A value that cannot
 * be asked for is absent rather than old, and `steadfill_dependency_up` says whose fault it is.
 */
export function addSystemMetrics(registry: Registry, monitor: SystemMonitor): void {
  addTemporalMetrics(registry, monitor);
  addStorageMetrics(registry, monitor);
  promGauge(registry, METRICS.dependencyUp, {
    collect: async (gauge) => {
      const { queues, openOrders } = await monitor.read();
      gauge.set({ dependency: 'temporal' }, queues.ok ? 1 : 0);
      gauge.set({ dependency: 'mongodb' }, openOrders.ok ? 1 : 0);
    },
  });
}

function addTemporalMetrics(registry: Registry, monitor: SystemMonitor): void {
  const queueFigures = [
    [METRICS.taskQueueBacklog, 'backlog'],
    [METRICS.taskQueueBacklogAge, 'backlogAgeSeconds'],
    [METRICS.taskQueuePollers, 'pollers'],
  ] as const;
  for (const [definition, figure] of queueFigures) {
    promGauge(registry, definition, {
      collect: async (gauge) => {
        gauge.reset();
        const { queues } = await monitor.read();
        if (!queues.ok) return;
        for (const state of queues.value) gauge.set({ queue: state.queue, kind: state.kind }, state[figure]);
      },
    });
  }
  promGauge(registry, METRICS.ordersStuck, {
    collect: async (gauge) => {
      gauge.reset();
      const { stuck } = await monitor.read();
      if (stuck.ok) for (const [state, count] of Object.entries(stuck.value)) gauge.set({ state }, count);
    },
  });
}

function addStorageMetrics(registry: Registry, monitor: SystemMonitor): void {
  promGauge(registry, METRICS.ordersOpen, {
    collect: async (gauge) => {
      gauge.reset();
      const { openOrders } = await monitor.read();
      if (openOrders.ok)
        for (const [state, count] of Object.entries(openOrders.value)) gauge.set({ state }, count);
    },
  });
  promGauge(registry, METRICS.reservedCash, {
    collect: async (gauge) => {
      gauge.reset();
      const { reservedCash } = await monitor.read();
      if (!reservedCash.ok) return;
      for (const [currency, amount] of Object.entries<string>(reservedCash.value)) {
        // Prometheus knows floating point only; nothing is computed with this figure, it is looked at.
        gauge.set({ currency }, Number(amount));
      }
    },
  });
  const checkedAt = promGauge(registry, METRICS.reconciliationTime);
  promGauge(registry, METRICS.reconciliationBreaks, {
    collect: async (gauge) => {
      gauge.reset();
      checkedAt.remove();
      const found = reconciliationOf(await monitor.read());
      if (found === undefined) return;
      gauge.set({ kind: 'ledger' }, found.breaks.unbalancedAssets.length);
      gauge.set({ kind: 'reservation' }, found.breaks.reservations);
      gauge.set({ kind: 'unmatchedReport' }, found.breaks.unmatchedReports);
      checkedAt.set(found.checkedAtMs / 1_000);
    },
  });
}

function reconciliationOf({ reconciliation }: SystemState) {
  return reconciliation.ok ? reconciliation.value : undefined;
}
