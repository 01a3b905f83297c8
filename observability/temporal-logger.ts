import { LogTimestamp, Runtime, makeTelemetryFilterString, type RuntimeOptions } from '@temporalio/worker';
import type { Logger as TemporalLogger, LogLevel, LogMetadata } from '@temporalio/worker';
import type { Config } from '../config/config';
import { createLogger, type Logger, type LogLevelName } from './logger';
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

/**
 * Installs Temporal's runtime, before any worker or native connection: its logs go to our stream, its metrics to
 * `STEADFILL_METRICS_ADDRESS` (Prometheus) when that is set. A second call in the same process does nothing, since
 * Temporal has one runtime a process. When the metrics address is taken, the process goes on without an endpoint and
 * says so: orders matter more than figures about them, and an alert tells that the endpoint is missing.
 */
export function installRuntime(options: InstallRuntimeOptions): void {
  if (installed) return;
  installed = true;
  const wanted = runtimeOptions(options);
  try {
    Runtime.install(wanted);
  } catch (fault) {
    const { metrics, ...telemetryOptions } = wanted.telemetryOptions ?? {};
    if (metrics === undefined) throw fault;
    const address = options.config.STEADFILL_METRICS_ADDRESS;
    wanted.logger?.error('Metrics are not served: the address cannot be used', {
      address,
      error: String(fault),
    });
    Runtime.install({ ...wanted, telemetryOptions });
  }
}

/** What {@link installRuntime} installs; apart from it so that it can be looked at. */
export function runtimeOptions({
  component,
  config,
  shutdownSignals,
  logger,
}: InstallRuntimeOptions): RuntimeOptions {
  const level = config.STEADFILL_LOG_LEVEL;
  const bindAddress = config.STEADFILL_METRICS_ADDRESS;
  return {
    logger: toTemporalLogger(logger ?? createLogger(component, level)),
    ...(shutdownSignals === undefined ? {} : { shutdownSignals }),
    telemetryOptions: {
      logging: {
        forward: {},
        filter: makeTelemetryFilterString({ core: CORE_LEVELS[level], other: 'ERROR' }),
      },
      ...(bindAddress === undefined ? {} : { metrics: prometheusMetrics(component, bindAddress) }),
    },
  };
}

type MetricsOptions = NonNullable<NonNullable<RuntimeOptions['telemetryOptions']>['metrics']>;

function prometheusMetrics(component: string, bindAddress: string): MetricsOptions {
  return {
    globalTags: { component },
    prometheus: {
      bindAddress,
      useSecondsForDurations: true,
      countersTotalSuffix: true,
      unitSuffix: true,
      histogramBucketOverrides: bucketOverrides(),
    },
  };
}
