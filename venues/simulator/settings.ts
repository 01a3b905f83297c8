import { Command, InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import { z } from 'zod';
import { decimal, parseDecimal } from '../../domain/money/decimal';

/**
 * The venue's own settings. It stands for somebody else's system, so it shares no configuration with ours: what it
 * needs comes from STEADFILL_VENUE_* and its command line.
 */
const environmentSchema = z.object({
  STEADFILL_VENUE_HOST: z.string().default('127.0.0.1'),
  /** 0 takes a free port; the line "Listening" in the log names it. */
  STEADFILL_VENUE_PORT: z.coerce.number().int().min(0).max(65535).default(8090),
  STEADFILL_VENUE_DATA_DIR: z
    .string()
    .default('.steadfill/venue')
    .transform((path) => resolve(path)),
  /** When the venue's day ends, local time of its zone: day orders expire then. */
  STEADFILL_VENUE_DAY_END: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
    .default('17:00'),
  STEADFILL_VENUE_DAY_ZONE: z.string().default('America/New_York'),
  /** How long after the end of a day the opening auction of the next one is held. */
  STEADFILL_VENUE_OPEN_DELAY_SECONDS: z.coerce.number().int().min(0).max(3_600).default(60),
  /** How long before an auction the venue takes no more orders for it. */
  STEADFILL_VENUE_AUCTION_CUT_OFF_SECONDS: z.coerce.number().int().min(0).max(3_600).default(30),
  /** USD per share. */
  STEADFILL_VENUE_FEE_PER_SHARE: z
    .string()
    .refine((text) => parseDecimal(text) !== undefined, 'must be a plain decimal')
    .default('0.001')
    .transform((text) => decimal(text)),
  /** Where spans of requests that came with a trace are kept; none are without it. */
  STEADFILL_VENUE_TRACE_DIR: z
    .string()
    .optional()
    .transform((path) => (path === undefined ? undefined : resolve(path))),
  /** Seed of the synthetic market. */
  STEADFILL_VENUE_SEED: z.coerce.number().int().min(0).default(20131007),
});

export type VenueSettings = z.infer<typeof environmentSchema> & {
  market?: string;
  from?: string;
  speed: number;
  manual: boolean;
};

/** Reads environment and arguments (without node and script). Throws with every fault of the environment. */
export function readVenueSettings(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): VenueSettings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  - ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The venue's configuration has ${faults.length} fault(s):\n${faults.join('\n')}`);
  }
  const command = new Command('venue-simulator')
    .description('A simulated exchange with order entry over HTTP and a stream over WebSocket.')
    .option('--market <file>', 'play a recorded day (.csv or .csv.gz) instead of the synthetic market')
    .option('--from <time>', 'begin the recorded day at this time (ISO 8601, or HH:MM[:SS] UTC of its day)')
    .option('--speed <times>', 'play it this many times faster than real time', parseSpeed, 1)
    .option(
      '--manual',
      'no market: quotes and auctions are set by PUT /quotes/{symbol}, POST /auctions',
      false,
    )
    .parse([...args], { from: 'user' });
  const options = command.opts<{ market?: string; from?: string; speed: number; manual: boolean }>();
  return { ...parsed.data, ...options };
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (!(speed > 0) || !Number.isFinite(speed)) throw new InvalidArgumentError('must be a number above 0');
  return speed;
}
