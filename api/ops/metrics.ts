import type { RequestHandler } from 'express';
import { Registry } from 'prom-client';
import { METRICS } from '../../observability/metrics/catalog';
import { promCounter, promGauge, promHistogram } from '../../observability/metrics/prom-meters';
import { NO_BUILD, type AcknowledgementObserver } from '../order-entry/acknowledgement';

const NO_ROUTE = 'none';
const LIVE_METRICS = [
  METRICS.orderAcknowledgement,
  METRICS.processCpu,
  METRICS.processMemory,
  METRICS.eventLoopLag,
].map(({ name }) => name);

/** What one API process tells Prometheus. Labels come from closed sets: the table of routes, methods and statuses. */
export class ApiMetrics {
  readonly registry = new Registry();
  private readonly requests = promCounter(this.registry, METRICS.httpRequests);
  private readonly duration = promHistogram(this.registry, METRICS.httpDuration);
  private readonly inFlight = promGauge(this.registry, METRICS.httpInFlight, { aggregator: 'sum' });
  private readonly acknowledgements = promHistogram(this.registry, METRICS.orderAcknowledgement);

  constructor() {
    // An alert on growth needs the zero before the first of these; they never come with a build.
    for (const outcome of ['unknown', 'failed', 'unavailable', 'overloaded']) {
      this.acknowledgements.zero({ outcome, build: NO_BUILD });
    }
  }

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

  readonly acknowledged: AcknowledgementObserver = (outcome, build, seconds) => {
    this.acknowledgements.observe({ outcome, build }, seconds);
  };

  /** What the live page needs of this process, without asking any server as a reading of the whole registry does. */
  async liveText(): Promise<string> {
    const held = LIVE_METRICS.filter((name) => this.registry.getSingleMetric(name) !== undefined);
    const texts = await Promise.all(held.map((name) => this.registry.getSingleMetricAsString(name)));
    return `${texts.join('\n')}\n`;
  }
}
