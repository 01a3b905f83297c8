import { randomInt } from 'node:crypto';
import { LogTimestamp, Runtime, makeTelemetryFilterString, type RuntimeOptions } from '@temporalio/worker';
import type { Logger as TemporalLogger, LogLevel, LogMetadata } from '@temporalio/worker';
import type { Config } from '../config/config';
import type { LogLevelName } from './log-levels';
import { createLogger, type Logger } from './logger';
import { serveMetrics } from './metrics/metrics-front';
import { bucketOverrides } from './metrics/sdk-meters';

const LEVEL_NAMES = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, LogLevelName>;

/** How much Temporal's native core says at each of our levels; its info records are about its own internals. */
const CORE_LEVELS = {
  error: 'ERROR',
  warn: 'WARN',
  info: 'WARN',
  debug: 'INFO',
  trace: 'DEBUG',
} as const satisfies Record<LogLevelName, LogLevel>;

/** Writes what the Temporal SDK, its core, workflows and activities log into our one stream, in our one shape. */
export function toTemporalLogger(logger: Logger): TemporalLogger {
  const log = (level: LogLevel, message: string, meta?: LogMetadata): void => {
    const name = LEVEL_NAMES[level];
    if (logger.isLevelEnabled(name)) logger.log(name, message, toFields(meta));
  };
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}

/** Core buffers its records; the time at which they happened comes under a symbol, in nanoseconds since 1970. */
function toFields(meta: LogMetadata | undefined): Record<string, unknown> {
  const nanoseconds: unknown = meta?.[LogTimestamp];
  if (typeof nanoseconds !== 'bigint') return { ...meta };
  return { ...meta, time: new Date(Number(nanoseconds / 1_000_000n)).toISOString() };
}

export interface InstallRuntimeOptions {
  component: string;
  config: Config;
  /** A process that drains by itself passes none of the signals to Temporal: it shuts its workers down in its order. */
  shutdownSignals?: NodeJS.Signals[];
  logger?: Logger;
}

let installed = false;

/** Loopback ports for the SDK's own endpoint are tried at random; so many in a row are never all taken. */
const PORT_ATTEMPTS_MAX = 50;
const PORT_MIN = 20_000;
const PORT_MAX = 60_000;

/**
 * Installs Temporal's runtime, before any worker or native connection: its logs go to our stream, its metrics to
 * `STEADFILL_METRICS_ADDRESS` (Prometheus) when that is set. A second call in the same process does nothing, since
 * Temporal has one runtime a process. The SDK serves at a private port that {@link serveMetrics} stands before, because
 * it would not start where the address is taken, and a process that replaces another must start beside it.
 */
export function installRuntime(options: InstallRuntimeOptions): void {
  if (installed) return;
  installed = true;
  const address = options.config.STEADFILL_METRICS_ADDRESS;
  if (address === undefined) return void Runtime.install(runtimeOptions(options));
  const logger = options.logger ?? createLogger(options.component, options.config.STEADFILL_LOG_LEVEL);
  serveMetrics({ address, upstreamPort: installAtFreePort({ ...options, logger }), logger });
}

function installAtFreePort(options: InstallRuntimeOptions): number {
  for (let attempt = 1; ; attempt += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    try {
      Runtime.install(runtimeOptions(options, port));
      return port;
    } catch (fault) {
      if (attempt >= PORT_ATTEMPTS_MAX || !/address already in use/i.test(String(fault))) throw fault;
    }
  }
}

/** What {@link installRuntime} installs; apart from it so that it can be looked at. */
export function runtimeOptions(
  { component, config, shutdownSignals, logger }: InstallRuntimeOptions,
  metricsPort?: number,
): RuntimeOptions {
  const level = config.STEADFILL_LOG_LEVEL;
  return {
    logger: toTemporalLogger(logger ?? createLogger(component, level)),
    ...(shutdownSignals === undefined ? {} : { shutdownSignals }),
    telemetryOptions: {
      logging: {
        forward: {},
        filter: makeTelemetryFilterString({ core: CORE_LEVELS[level], other: 'ERROR' }),
      },
      ...(metricsPort === undefined ? {} : { metrics: prometheusMetrics(component, metricsPort) }),
    },
  };
}

type MetricsOptions = NonNullable<NonNullable<RuntimeOptions['telemetryOptions']>['metrics']>;

function prometheusMetrics(component: string, port: number): MetricsOptions {
  return {
    globalTags: { component },
    prometheus: {
      bindAddress: `127.0.0.1:${port}`,
      useSecondsForDurations: true,
      countersTotalSuffix: true,
      unitSuffix: true,
      histogramBucketOverrides: bucketOverrides(),
    },
  };
}
