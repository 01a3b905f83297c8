import type { RequestHandler } from 'express';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const LATENCY_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const NO_ROUTE = 'none';

/** What one API process tells Prometheus. Labels come from closed sets: the table of routes, methods and statuses. */
export class ApiMetrics {
  readonly registry = new Registry();
  private readonly requests = new Counter({
    name: 'steadfill_http_requests_total',
    help: 'HTTP requests answered',
    labelNames: ['method', 'route', 'status'] as const,
    registers: [this.registry],
  });
  private readonly duration = new Histogram({
    name: 'steadfill_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: LATENCY_BUCKETS_SECONDS,
    registers: [this.registry],
  });
  private readonly inFlight = new Gauge({
    name: 'steadfill_http_requests_in_flight',
    help: 'HTTP requests that are being answered, streams included',
    registers: [this.registry],
  });

  readonly observe: RequestHandler = (request, response, next) => {
    const begunNs = process.hrtime.bigint();
    this.inFlight.inc();
    response.once('close', () => {
      this.inFlight.dec();
      const route = String(response.locals['route'] ?? NO_ROUTE);
      const labels = { method: request.method, route, status: String(response.statusCode) };
      this.requests.inc(labels);
      this.duration.observe(labels, Number(process.hrtime.bigint() - begunNs) / 1e9);
    });
    next();
  };
}
