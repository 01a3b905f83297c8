import { resolve } from 'node:path';
import { loadConfig } from '../config/config';
import { createLogger, type Logger } from '../observability/logger';
import { logProcessFaults } from '../observability/process-faults';
import { ApiPrimary } from './cluster/primary';

const COMPONENT = 'api';
const CODE_DIR = resolve(__dirname, '..');

/** The API: this process owns the port, its workers (`api/worker.ts`) answer. */
async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(COMPONENT, config.STEADFILL_LOG_LEVEL);
  logProcessFaults(logger);
  const primary = new ApiPrimary({
    host: config.STEADFILL_API_HOST,
    port: config.STEADFILL_API_PORT,
    workersCount: config.STEADFILL_API_WORKERS,
    home: config.STEADFILL_HOME,
    code: { dir: CODE_DIR },
    logger,
  });
  const asked = askedToStop(logger);
  process.on('SIGHUP', () => {
    logger.info('restarting the workers one generation after the other', { why: 'SIGHUP' });
    void primary.restartWorkers();
  });
  try {
    const started = await Promise.race([primary.start(), asked]);
    if (started !== undefined) logger.info('listening', { port: started });
    await asked;
  } finally {
    await primary.stop();
  }
}

/** Settles on the first SIGTERM or SIGINT, or when the supervisor that started this process is gone. */
function askedToStop(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    const stop = (why: string) => (): void => {
      logger.info('draining', { why });
      resolve();
    };
    process.once('SIGTERM', stop('SIGTERM'));
    process.once('SIGINT', stop('SIGINT'));
    if (process.channel !== undefined) process.once('disconnect', stop('the supervisor is gone'));
  });
}

void main().then(
  () => process.exit(0),
  (fault: unknown) => {
    createLogger(COMPONENT).error('the API stopped on a fault', { fault });
    process.exit(1);
  },
);
