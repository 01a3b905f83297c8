import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { loadConfig, type Config } from '../../config/config';
import { createLogger } from '../../observability/logger';
import { ensureDemoKeys } from '../../api/ops/demo-keys';
import { seedDemoWorld } from '../../activities/order-entry/demo-seed';
import { ensureIndexes } from '../../storage/indexes';
import { openMongo } from '../../storage/mongo';
import { seedDemoRisk } from '../../storage/seed-demo-risk';
import { faultList, readInstrumentFile } from '../instruments/instrument-file';
import { loadInstruments, loadText } from '../instruments/load-instruments';
import { releaseAtStart } from './release-at-start';
import { ensurePrimary } from './replica-set';
import { prepareNamespace } from './temporal-namespace';
import type { Db } from 'mongodb';

const SERVER_MS_MAX = 30_000;

/** Brings the databases to what this version needs: every step may run again and then changes nothing. */
async function main(): Promise<void> {
  const config = loadConfig();
  await Promise.all([prepareTemporal(config), prepareMongo(config)]);
}

async function prepareTemporal(config: Config): Promise<void> {
  const { TEMPORAL_ADDRESS: address = '127.0.0.1:7233', TEMPORAL_NAMESPACE: namespace = 'default' } =
    process.env;
  const connection = await Connection.connect({ address, connectTimeout: SERVER_MS_MAX });
  try {
    await prepareNamespace(connection, namespace, SERVER_MS_MAX);
    const client = new Client({ connection, namespace });
    await releaseAtStart({ config, client, namespace, say: (line) => process.send?.(line) });
  } finally {
    await connection.close();
  }
}

async function prepareMongo(config: Config): Promise<void> {
  const replicaSetHost = process.env['STEADFILL_REPLICA_SET_HOST'];
  if (replicaSetHost !== undefined) await ensurePrimary(config.MONGODB_URI, replicaSetHost, SERVER_MS_MAX);
  const logger = createLogger('setup');
  const mongo = await openMongo({ uri: config.MONGODB_URI, database: config.MONGODB_DATABASE, logger });
  try {
    await ensureIndexes(mongo.db);
    if (config.STEADFILL_PROFILE === 'demo') {
      await seedDemoWorld(mongo.db);
      await seedDemoRisk(mongo.db);
      await ensureDemoKeys(mongo.db, join(config.STEADFILL_HOME, 'credentials.json'));
    }
    const { instruments } = parseArgs({ options: { instruments: { type: 'string' } } }).values;
    if (instruments !== undefined) await loadInstrumentFile(mongo.db, instruments);
  } finally {
    await mongo.close();
  }
}

/** Loads the file over what is on record. Throws, with every fault told, when it does not fit. */
async function loadInstrumentFile(db: Db, file: string): Promise<void> {
  const stated = await readInstrumentFile(file);
  const result = stated.ok
    ? await loadInstruments(db, stated.instruments, {
        by: userInfo().username,
        reason: `loaded from ${basename(file)} at the start`,
        at: new Date().toISOString(),
      })
    : stated;
  if (!result.ok) {
    process.send?.(faultList(file, result.faults));
    throw new Error(`${file} does not fit`);
  }
  process.send?.(`Instruments of ${basename(file)}: ${loadText(result)}.`);
}

main().then(
  () => process.exit(0),
  (fault: unknown) => {
    createLogger('setup').error('The setup failed', { fault });
    process.exit(1);
  },
);
