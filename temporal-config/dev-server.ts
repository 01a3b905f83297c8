/** Where the embedded Temporal server keeps its data and listens; loopback only. */
export interface DevServerOptions {
  dbFile: string;
  port: number;
  uiPort: number;
  /** A free port for the server's own metrics when absent. */
  metricsPort?: number;
}

/**
 * Dynamic configuration of the embedded server. One node needs one partition a queue: four would only add forwarding.
 */
export const DEV_SERVER_DYNAMIC_CONFIG: Readonly<Record<string, string>> = {
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
  'system.enableActivityEagerExecution': 'true',
  'frontend.namespaceRPS': '10000',
  'frontend.rps': '10000',
  'matching.rps': '10000',
  'history.rps': '10000',
  'matching.persistenceMaxQPS': '10000',
  // A build is known to be drained seconds after its last order, not six minutes; visibility trails by one second.
  'matching.wv.VersionDrainageStatusVisibilityGracePeriod': '"5s"',
  'matching.wv.VersionDrainageStatusRefreshInterval': '"5s"',
};

/**
 * Environment of the embedded server. It collects garbage at five times its live memory instead of twice: measured, a
 * fifth more orders a second for 180 MB (docs/performance.md). The limit keeps a burst from taking what others need.
 */
export const DEV_SERVER_ENVIRONMENT: Readonly<Record<string, string>> = { GOGC: '400', GOMEMLIMIT: '1GiB' };

/**
 * Arguments of `temporal server start-dev`. WAL with synchronous=NORMAL keeps what was acknowledged through a kill of
 * the process and is twice as fast as the default journal.
 */
export function devServerArgs({ dbFile, port, uiPort, metricsPort }: DevServerOptions): string[] {
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--ui-port',
    String(uiPort),
    ...(metricsPort === undefined ? [] : ['--metrics-port', String(metricsPort)]),
    '--db-filename',
    dbFile,
    '--sqlite-pragma',
    'journal_mode=WAL',
    '--sqlite-pragma',
    'synchronous=NORMAL',
    '--log-format',
    'json',
    '--log-level',
    'warn',
    ...Object.entries(DEV_SERVER_DYNAMIC_CONFIG).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${value}`,
    ]),
  ];
}

/** Closed orders stay in Temporal this long in the embedded default (ten years), so that views can be rebuilt. */
export const NAMESPACE_RETENTION_HOURS = 87_600;
