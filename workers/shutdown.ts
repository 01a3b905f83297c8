import type { Logger } from '../observability/logger';

/**
 * Calls `drain` once on the first SIGTERM or SIGINT, or when the supervisor that started this process is gone (its
 * IPC channel closes), so that no worker outlives its system.
 */
export function onShutdown(logger: Logger, drain: () => void): void {
  let asked = false;
  const once = (why: string) => (): void => {
    if (asked) return;
    asked = true;
    logger.info('Draining', { why });
    drain();
  };
  process.on('SIGTERM', once('SIGTERM'));
  process.on('SIGINT', once('SIGINT'));
  if (process.channel !== undefined) process.on('disconnect', once('the supervisor is gone'));
}
