import { setTimeout as pause } from 'node:timers/promises';
import { guardedVenues, loadVenueProfiles } from '../../../config/venue-profiles';
import { guardedHoursAt, type GuardedHours } from '../../../domain/calendar/guarded-hours';
import type { DeployContext } from '../context';

/** Long waits are cut, so that a clock that is set or a machine that slept is noticed soon. */
const SLEEP_MS_MAX = 30_000;

type GuardContext = Pick<DeployContext, 'config' | 'nowMs' | 'say'>;

/**
 * Which guarded venues are in session at `at` (ISO 8601 UTC), and when the next window opens. Profiles are read anew
 * each time: an edit holds at once. Throws ConfigError when the file of profiles does not fit.
 */
export function marketHours(context: Pick<DeployContext, 'config'>, at: string): Promise<GuardedHours> {
  const profiles = loadVenueProfiles(context.config.STEADFILL_VENUES_FILE);
  return Promise.resolve(guardedHoursAt(guardedVenues(profiles), at));
}

/** Resolves at the first instant at which no guarded venue is in session, and says what it waits for. */
export async function waitForWindow(
  context: GuardContext,
  sleep: (ms: number) => Promise<unknown> = pause,
): Promise<void> {
  let announced = '';
  for (;;) {
    const nowMs = context.nowMs();
    const hours = await marketHours(context, new Date(nowMs).toISOString());
    if (!hours.open) return;
    if (announced !== hours.nextWindowAt)
      context.say(`Waiting for the window that opens at ${hours.nextWindowAt}.`);
    announced = hours.nextWindowAt;
    await sleep(Math.min(SLEEP_MS_MAX, Math.max(1, Date.parse(hours.nextWindowAt) - nowMs)));
  }
}
