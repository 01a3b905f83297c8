/** Wall time as an argument, so that tests can hold it. */
export interface Clock {
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/** The clock's time in ISO 8601 UTC with milliseconds: the `asOf` of answers. */
export function isoNow(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString();
}
