import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { hasCalendar } from '../domain/calendar/sessions';
import { SIMULATED_MIC } from '../domain/calendar/simulated-venue-day';
import { ConfigError } from './config';
import type { GuardedVenue } from '../domain/calendar/guarded-hours';

const MINUTES_MAX = 720;
const minutes = z.int().min(0).max(MINUTES_MAX).default(0);

const profileSchema = z
  .strictObject({
    /** The venue's name as orders carry it. */
    venue: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
    /** Market identifier code of the calendar that the venue keeps. */
    mic: z.string().refine(hasCalendar, 'has no calendar'),
    /** A venue that is guarded by mistake costs a wait; one that is not may cost money. */
    guarded: z.boolean().default(true),
    guardBreaks: z.boolean().default(false),
    guardMinutesBeforeOpen: minutes,
    guardMinutesAfterClose: minutes,
  })
  .refine(({ mic, guarded }) => !(guarded && mic === SIMULATED_MIC), {
    path: ['guarded'],
    message: 'must be false: a venue that trades round the clock has no window in which to deploy',
  });

const fileSchema = z.strictObject({
  venues: z
    .array(profileSchema)
    .refine((all) => new Set(all.map(({ venue }) => venue)).size === all.length, 'names a venue twice'),
});

export type VenueProfile = z.infer<typeof profileSchema>;

/** The profiles that come with the sources; an installation names its own with STEADFILL_VENUES_FILE. */
const DEFAULT_FILE = resolve(__dirname, 'venues.json');

/** Profiles of all venues. Throws ConfigError, naming every fault, when the file is missing or does not fit. */
export function loadVenueProfiles(path: string = DEFAULT_FILE): VenueProfile[] {
  const parsed = fileSchema.safeParse(readJson(path));
  if (parsed.success) return parsed.data.venues;
  throw new ConfigError(
    parsed.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`),
  );
}

/** The profiles whose sessions the deploy guard keeps. */
export function guardedVenues(profiles: readonly VenueProfile[]): GuardedVenue[] {
  return profiles.filter(({ guarded }) => guarded);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (fault) {
    throw new ConfigError([`${path}: ${(fault as Error).message}`]);
  }
}
