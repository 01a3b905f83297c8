import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);
const positiveInt = z.coerce.number().int().min(1);

/**
 * The one schema over the environment. Every process reads its settings here and nowhere else, and stops at the
 * start with all faults listed. Temporal's own settings (address, namespace, TLS) come through `@temporalio/envconfig`.
 */
export const configSchema = z.object({
  /** `demo` seeds accounts and keys and settles in seconds; `production` does neither. */
  STEADFILL_PROFILE: z.enum(['demo', 'production']).default('demo'),
  /** Where data of this installation lives. */
  STEADFILL_HOME: z
    .string()
    .default('.steadfill')
    .transform((path) => resolve(path.replace(/^~(?=\/)/, homedir()))),
  MONGODB_URI: z.string().default('mongodb://127.0.0.1:27017/?directConnection=true'),
  MONGODB_DATABASE: z.string().regex(/^[A-Za-z0-9_-]{1,38}$/).default('steadfill'),
  STEADFILL_API_HOST: z.string().default('127.0.0.1'),
  STEADFILL_API_PORT: port.default(8080),
  /** Base URL of the simulated venue XSIM. */
  STEADFILL_VENUE_URL: z.url().default('http://127.0.0.1:8090'),
  /** Demo profile: how long after its execution a fill settles. */
  STEADFILL_SETTLEMENT_DELAY_MS: positiveInt.default(2000),
  STEADFILL_ORDERS_TASK_QUEUE: z.string().default('orders'),
  /** Prefix of venue task queues; tests give each suite its own. */
  STEADFILL_VENUE_TASK_QUEUE_PREFIX: z.string().default('venue-'),
  STEADFILL_DEPLOYMENT_NAME: z.string().regex(/^[^.:]+$/, 'must not contain a dot or a colon').default('steadfill'),
  STEADFILL_BUILD_ID: z.string().default('dev'),
  STEADFILL_LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug', 'trace']).default('info'),
  /** Continue-as-new once a run's history has this many events. */
  STEADFILL_HISTORY_EVENTS_MAX: positiveInt.default(2000),
  /** Requests a key may send in a window of one second before 429. */
  STEADFILL_RATE_LIMIT_PER_SECOND: positiveInt.default(500),
  /** Submits in flight in one API process before 429. */
  STEADFILL_SUBMITS_IN_FLIGHT_MAX: positiveInt.default(400),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

export type Config = z.infer<typeof configSchema>;

/** Thrown when the environment does not fit the schema; the message lists every fault. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Reads the configuration from `env`. An empty value counts as absent. Throws ConfigError. */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = configSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}
