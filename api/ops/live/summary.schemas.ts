import { z } from 'zod';
import { timestampOutput } from '../../http/common.schemas';
import { ROLES } from '../../auth/permissions';

/** A part that could not be asked has a `cause` and no value: nothing is shown as zero that is not known. */
const asked = <S extends z.ZodType>(value: S) =>
  z.union([z.object({ ok: z.literal(true), value }), z.object({ ok: z.literal(false), cause: z.string() })]);

const levels = z.enum(['good', 'warn', 'bad']);
const milliseconds = z.number().nullable();

const latency = z.object({
  what: z.string(),
  count: z.number(),
  p50Ms: milliseconds,
  p95Ms: milliseconds,
  p99Ms: milliseconds,
});

const queue = z.object({
  queue: z.string(),
  kind: z.enum(['workflow', 'activity']),
  backlog: z.number(),
  backlogAgeSeconds: z.number(),
  pollers: z.number(),
});

const build = z.object({
  buildId: z.string(),
  role: z.enum(['current', 'ramping', 'other']),
  status: z.string().nullable(),
  routedPercent: z
    .number()
    .nullable()
    .meta({ description: 'Share of new orders that Temporal routes to it' }),
  sharePercent: z.number().meta({ description: 'Share of the answers of the window that it gave' }),
  answers: z.number(),
  acknowledgementP99Ms: milliseconds,
});

const venue = z.object({
  venue: z.string(),
  session: z.enum(['up', 'down', 'unknown']),
  cause: z.string().nullable(),
  messages: z.number(),
  wireP50Ms: milliseconds,
  wireP99Ms: milliseconds,
  unanswered: z.number(),
  reportsWaiting: z.number().nullable(),
});

const processState = z.object({
  process: z.string(),
  answers: z.boolean(),
  cause: z.string().nullable(),
  cpuCores: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  eventLoopLagMs: milliseconds,
});

const slots = z.object({ process: z.string(), kind: z.string(), used: z.number(), available: z.number() });

export const summarySchema = z
  .object({
    asOf: timestampOutput,
    viewer: z.object({ name: z.string(), role: z.enum(ROLES) }),
    verdict: z.object({
      level: levels,
      problems: z.array(z.object({ level: levels, text: z.string() })),
    }),
    windowSeconds: z
      .number()
      .nullable()
      .meta({ description: 'What rates and quantiles cover; null before there are two samples' }),
    ordersPerSecond: z.number().nullable(),
    outcomes: z.record(z.string(), z.number()),
    denials: z.array(z.object({ reason: z.string(), by: z.string(), count: z.number() })),
    transitions: z.array(z.object({ state: z.string(), venue: z.string(), count: z.number() })),
    openOrders: asked(z.record(z.string(), z.number())),
    stuckOrders: asked(z.record(z.string(), z.number())),
    reservedCash: asked(z.array(z.object({ currency: z.string(), amount: z.string() }))),
    breaks: asked(
      z
        .object({
          unbalancedAssets: z.array(z.string()),
          reservations: z.number(),
          unmatchedReports: z.number(),
          checkedAt: timestampOutput,
        })
        .nullable(),
    ),
    latencies: z.array(latency),
    queues: asked(z.array(queue)),
    builds: z.array(build),
    buildsCause: z.string().nullable(),
    venues: z.array(venue),
    processes: z.array(processState),
    slots: z.array(slots),
    history: z.array(
      z.object({
        at: timestampOutput,
        ordersPerSecond: z.number(),
        acknowledgementP99Ms: milliseconds,
      }),
    ),
  })
  .meta({ id: 'OperationsSummary', description: 'The live state of the whole system, for operations' });

export type Summary = z.output<typeof summarySchema>;
