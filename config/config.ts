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
  STEADFILL_PROFILE: z
    .enum(['demo', 'production'])
    .default('demo')
    .describe('`demo` seeds accounts and keys and settles in seconds; `production` does neither.'),
  STEADFILL_HOME: z
    .string()
    .default('.steadfill')
    .transform((path) => resolve(path.replace(/^~(?=\/)/, homedir())))
    .describe('Folder of this installation: databases, credentials and `run.json`.'),
  MONGODB_URI: z
    .string()
    .default('mongodb://127.0.0.1:27017/?directConnection=true')
    .describe(
      'MongoDB, or a server that speaks its protocol. `npm start` provisions one when this is not set.',
    ),
  MONGODB_DATABASE: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,38}$/)
    .default('steadfill')
    .describe('Database that holds views, risk accounts and keys.'),
  STEADFILL_API_HOST: z.string().default('127.0.0.1').describe('Address that the API listens on.'),
  STEADFILL_API_PORT: port.default(8080).describe('Port of the API; 0 takes a free one.'),
  STEADFILL_API_WORKERS: z.coerce
    .number()
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe('Processes that answer for the API; while they are replaced there are twice as many.'),
  STEADFILL_VENUE_URL: z
    .url()
    .default('http://127.0.0.1:8090')
    .describe('Base URL of the simulated venue XSIM.'),
  STEADFILL_SETTLEMENT_DELAY_MS: positiveInt
    .default(2000)
    .describe('Demo profile: milliseconds from the execution of a fill to its settlement.'),
  STEADFILL_BUST_WINDOW_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      'Milliseconds that the workflow of an order which is over waits for busts and corrections of its fills; those ' +
        'that come later run in a workflow of their own.',
    ),
  STEADFILL_ORDERS_TASK_QUEUE: z
    .string()
    .default('orders')
    .describe('Temporal task queue of the order workflows and their activities.'),
  STEADFILL_VENUE_TASK_QUEUE_PREFIX: z
    .string()
    .default('venue-')
    .describe('Prefix of the task queues of venues; the name of the venue follows.'),
  STEADFILL_DEPLOYMENT_NAME: z
    .string()
    .regex(/^[^.:]+$/, 'must not contain a dot or a colon')
    .default('steadfill')
    .describe('Name of the Temporal worker deployment.'),
  STEADFILL_BUILD_ID: z
    .string()
    .default('dev')
    .describe(
      'Build that the API and traces name. Order workers of a build get its id here from `npm start`.',
    ),
  STEADFILL_VENUES_FILE: z
    .string()
    .optional()
    .transform((path) => (path === undefined ? undefined : resolve(path)))
    .describe(
      'Profiles of the venues as JSON: which calendar each keeps, and whether its sessions are guarded against ' +
        'deployments. Without it the profiles in `config/venues.json` hold.',
    ),
  STEADFILL_DEPLOY_REPLAY_SAMPLE: positiveInt
    .default(200)
    .describe(
      'Open orders whose histories a build must replay before it takes traffic; at least one of each kind.',
    ),
  STEADFILL_LOG_LEVEL: z
    .enum(['error', 'warn', 'info', 'debug', 'trace'])
    .default('info')
    .describe('Least level that is logged.'),
  STEADFILL_HISTORY_EVENTS_MAX: positiveInt
    .default(2000)
    .describe('An order continues as a new run once its history has this many events.'),
  STEADFILL_RATE_LIMIT_PER_SECOND: positiveInt
    .default(500)
    .describe('New orders that one key may send in a second before 429; as many changes, and as many reads.'),
  STEADFILL_SUBMITS_IN_FLIGHT_MAX: positiveInt
    .default(400)
    .describe('New orders that the API holds at a time before 429; its workers share it evenly.'),
  STEADFILL_SUBMIT_WAIT_MS_MAX: positiveInt
    .default(5000)
    .describe(
      'Milliseconds in which a new order is to be answered; while answers take longer, fewer are let in (503).',
    ),
  STEADFILL_METRICS_ADDRESS: z
    .string()
    .regex(/^[^\s:]+:\d{1,5}$/, 'must be host:port')
    .optional()
    .describe('`host:port` where a worker serves its metrics to Prometheus; one for each process.'),
  STEADFILL_CHILD_SETTINGS_FILE: z
    .string()
    .optional()
    .describe(
      '`npm start`: JSON file with settings of single processes, as `{"api": {"TEMPORAL_ADDRESS": "…"}}`. Load tests put proxies in between with it.',
    ),
  STEADFILL_TRACE_RATIO: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of new traces that are recorded when a collector is configured.'),
  STEADFILL_TRACES_PER_SECOND_MAX: z.coerce
    .number()
    .int()
    .min(0)
    .default(5)
    .describe(
      'Without a collector: new traces that each API process records a second, for timelines; 0 keeps none.',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe(
      'Base URL of the OpenTelemetry collector (OTLP over HTTP). Without it traces stay in the home folder.',
    ),
});

export type Config = z.infer<typeof configSchema>;

/** Thrown when the environment does not fit the schema; the message lists every fault. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Reads the configuration from `env`. An empty value counts as absent. Throws ConfigError. */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = configSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}
