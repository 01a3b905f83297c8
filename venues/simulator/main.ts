import { createLogger } from '../../observability/logger';
import { logProcessFaults } from '../../observability/process-faults';
import { startTracing, type TracingConfig } from '../../observability/tracing';
import { readVenueSettings } from './settings';
import { startSimulator } from './simulator';

const COMPONENT = 'venue-simulator';
/** Only continues traces of others, so the bounds on new ones are without effect. */
const VENUE_TRACING: TracingConfig = {
  STEADFILL_BUILD_ID: 'venue',
  STEADFILL_TRACE_RATIO: 1,
  STEADFILL_TRACES_PER_SECOND_MAX: 1,
};

async function main(): Promise<void> {
  const logger = createLogger(COMPONENT);
  logProcessFaults(logger);
  const settings = readVenueSettings(process.env, process.argv.slice(2));
  const traceFolder = settings.STEADFILL_VENUE_TRACE_DIR;
  const tracing = startTracing({
    component: COMPONENT,
    config: VENUE_TRACING,
    logger,
    ...(traceFolder !== undefined && { traceFolder }),
  });
  const simulator = await startSimulator(settings, logger, (fault) => {
    logger.error('The venue cannot go on', { fault });
    process.exit(1);
  });
  logger.info('Listening', { url: simulator.url, dataDir: settings.STEADFILL_VENUE_DATA_DIR });
  await askedToStop();
  logger.info('Stopping');
  await simulator.stop();
  await tracing.stop();
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
