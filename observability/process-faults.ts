import type { Logger } from './logger';

/**
 * Lets Node's own messages go into the log as records: its warnings, and the fault that ends a process, which
 * otherwise would stand in the log as text. Call it once, first thing in an entry point.
 */
export function logProcessFaults(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => logger.warn('Node warns', { fault: warning }));
  process.on('uncaughtException', (fault, origin) => {
    logger.error('The process ends on a fault that nobody caught', { fault, origin });
    process.exit(1);
  });
}
