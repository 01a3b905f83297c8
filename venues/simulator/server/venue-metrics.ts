import type { Express } from 'express';
import { Registry } from 'prom-client';
import { METRICS } from '../../../observability/metrics/catalog';
import { promGauge, promProcess } from '../../../observability/metrics/prom-meters';
import type { VenueHost } from './venue-host';

/** Serves the metrics of the venue's process beside its order entry. */
export function addVenueMetrics(app: Express, host: VenueHost): void {
  const registry = new Registry();
  promProcess(registry);
  promGauge(registry, METRICS.simulatorOrders, {
    collect: (gauge) => gauge.set(host.engine.state.orders.length),
  });
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
}
