const SECOND_MS = 1_000;

/** Bounds of the supervisor. */
export const LIMITS = {
  /** From the first child to "ready to trade"; a cold machine bundles the workflows and fills its caches. */
  readyMs: 180 * SECOND_MS,
  serverUpMs: 60 * SECOND_MS,
  setupMs: 90 * SECOND_MS,
  connectMs: 500,
  readyRequestMs: 3 * SECOND_MS,
  pollMs: 150,
  /** A child that ended this often before the system was ready will not come up. */
  endsBeforeReadyMax: 5,
  /** Pauses before a restart; the first is short because a single kill should hardly be noticed. */
  restartPausesMs: [50, 500, 1 * SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS, 10 * SECOND_MS],
  /** A child that lived this long starts again with the short pause. */
  steadyMs: 30 * SECOND_MS,
  /** A second process of a child compiles its sources and connects before it stands by. */
  standbyMs: 60 * SECOND_MS,
  apiDrainMs: 16 * SECOND_MS,
  workerDrainMs: 20 * SECOND_MS,
  venueStopMs: 8 * SECOND_MS,
  databaseStopMs: 15 * SECOND_MS,
  orphanStopMs: 8 * SECOND_MS,
  logBytesMax: 16 * 1024 * 1024,
  logCheckMs: 5 * SECOND_MS,
  logTailBytes: 2_000,
} as const;
