import { join } from 'node:path';
import express from 'express';
import type { Config } from '../config/config';
import { metricsTargetsFileOf } from '../config/home-files';
import { Authenticator } from './auth/authenticator';
import { CREDENTIALS_FILE_NAME, CredentialsFile } from './auth/credentials-file';
import { mountRoutes } from './http/mount-routes';
import { problem } from './http/problem';
import type { SharedHits } from './cluster/shared-hits';
import { createRateLimits } from './http/rate-limits';
import { handleFaults, identifyRequest } from './http/request-guards';
import { observeRequest } from './http/request-log';
import { sendProblem } from './http/respond';
import { Lifecycle } from './lifecycle';
import { consoleRouter } from './ops/console/console.routes';
import { ApiMetrics } from './ops/metrics';
import { LiveSampler } from './ops/live/live-sampler';
import { addSystemMetrics } from './ops/monitor/system-metrics';
import { SystemMonitor } from './ops/monitor/system-monitor';
import { opsRouter } from './ops/ops.routes';
import { addSubmitMetrics } from './order-entry/submit-metrics';
import { ReadinessProbe, type WatchedQueue } from './ops/readiness';
import { allRoutes } from './routes';
import { createServices, type ApiDependencies } from './services';

const VENUES = ['XSIM'] as const;

export interface AppOptions {
  lifecycle?: Lifecycle;
  metrics?: ApiMetrics;
  /** Where the installation's own keys are; false for none. */
  credentialsFile?: string | false;
  /** Keeps a history for the live page from the start on, not only while somebody looks. */
  sampling?: boolean;
  /** Counts of requests that this process shares with others; its own by default. */
  hits?: SharedHits;
  readiness?: ReadinessProbe;
  /** The text of the metrics of all processes of this API; those of this one by default. */
  expose?: () => Promise<string>;
}

/** Whether orders can be taken and routed, as seen from here. */
export function createReadiness({ config, temporal, mongo, clock }: ApiDependencies): ReadinessProbe {
  return new ReadinessProbe({ temporal, mongo, queues: watchedQueues(config), nowMs: () => clock.nowMs() });
}

function watchedQueues(config: Config): WatchedQueue[] {
  return [
    { name: config.STEADFILL_ORDERS_TASK_QUEUE, kind: 'workflow' },
    ...VENUES.map((venue): WatchedQueue => ({
      name: `${config.STEADFILL_VENUE_TASK_QUEUE_PREFIX}${venue}`,
      kind: 'activity',
    })),
  ];
}

/**
 * Builds the API over explicit dependencies; it opens nothing by itself and listens nowhere. Temporal and MongoDB may
 * be away when it is built and at any time after.
 */
export function createApp(dependencies: ApiDependencies, options: AppOptions = {}): express.Express {
  const { config, logger, temporal, mongo, clock } = dependencies;
  const { lifecycle = new Lifecycle(), metrics = new ApiMetrics() } = options;
  const services = createServices(dependencies, metrics.acknowledged);
  addSubmitMetrics(metrics.registry, services.gate);
  const credentialsFile = options.credentialsFile ?? join(config.STEADFILL_HOME, CREDENTIALS_FILE_NAME);
  const authenticator = new Authenticator({
    db: mongo.db,
    ready: () => mongo.ready(),
    nowMs: () => clock.nowMs(),
    ...(credentialsFile === false ? {} : { credentials: new CredentialsFile(credentialsFile) }),
  });
  const isDraining = (): boolean => lifecycle.isDraining();
  const queues = watchedQueues(config);
  const monitor = new SystemMonitor({
    temporal,
    mongo,
    queues,
    deploymentName: config.STEADFILL_DEPLOYMENT_NAME,
    nowMs: () => clock.nowMs(),
  });
  addSystemMetrics(metrics.registry, monitor);
  const sampler = new LiveSampler(
    {
      targetsFile: metricsTargetsFileOf(config.STEADFILL_HOME),
      own: { name: 'api', text: options.expose ?? (() => metrics.liveText()) },
    },
    () => clock.nowMs(),
  );
  if (options.sampling === true) sampler.start();
  lifecycle.onDrain(() => sampler.stop());
  const live = { monitor, sampler, venues: VENUES, nowMs: () => clock.nowMs() };
  const routes = allRoutes(services, live);
  const readiness = options.readiness ?? createReadiness(dependencies);
  const expose = options.expose ?? (() => metrics.registry.metrics());
  lifecycle.onDrain(() => services.feed.stop());

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(identifyRequest, metrics.observe, observeRequest(logger));
  app.use(opsRouter({ routes, version: config.STEADFILL_BUILD_ID, metrics, expose, readiness, isDraining }));
  app.use(consoleRouter());
  const limits = createRateLimits(config.STEADFILL_RATE_LIMIT_PER_SECOND, options.hits);
  app.use(mountRoutes(routes, { authenticator, limits, isDraining }));
  app.use((_request, response) =>
    sendProblem(response, problem('NOT_FOUND', { detail: 'There is no such path.' })),
  );
  app.use(handleFaults(logger));
  return app;
}
