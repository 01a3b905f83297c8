const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Bounds of provisioning: nothing here waits without one of them. */
export const LIMITS = {
  /** A machine without open internet must find that out in seconds. */
  connectMs: 3 * SECOND_MS,
  responseMs: 10 * SECOND_MS,
  /** A download that delivers nothing for this long is dead. */
  stallMs: 15 * SECOND_MS,
  downloadMs: 8 * MINUTE_MS,
  downloadBytesMax: 1024 * 1024 * 1024,
  checksumFileBytesMax: 64 * 1024,
  redirectsMax: 5,
  versionCheckMs: 20 * SECOND_MS,
  buildMs: 13 * MINUTE_MS,
  quickRungMs: 30 * SECOND_MS,
  outputTailLines: 8,
  outputBytesMax: 256 * 1024,
  /** A child that does not end on SIGTERM is killed after this long. */
  killAfterMs: 3 * SECOND_MS,
  heartbeatMs: 15 * SECOND_MS,
} as const;
