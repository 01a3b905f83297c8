import { createLogger } from '../../observability/logger';
import { readVenueSettings } from './settings';
import { startSimulator } from './simulator';

const COMPONENT = 'venue-simulator';

async function main(): Promise<void> {
  const logger = createLogger(COMPONENT);
  const settings = readVenueSettings(process.env, process.argv.slice(2));
  const simulator = await startSimulator(settings, logger, (fault) => {
    logger.error('The venue cannot go on', { fault });
    process.exit(1);
  });
  logger.info('Listening', { url: simulator.url, dataDir: settings.STEADFILL_VENUE_DATA_DIR });
  await askedToStop();
  logger.info('Stopping');
  await simulator.stop();
}

/** Resolves on SIGTERM or SIGINT, or when the supervisor that started this process is gone. */
function askedToStop(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    if (process.channel !== undefined) process.once('disconnect', () => resolve());
  });
}

void main().then(
  () => process.exit(0),
  (fault: unknown) => {
    createLogger(COMPONENT).error('The venue stopped on a fault', { fault });
    process.exit(1);
  },
);
