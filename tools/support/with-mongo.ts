import { loadConfig } from '../../config/config';
import { openMongo, type Mongo } from '../../storage/mongo';
import { readRunDescription } from './running-system';

/** The MongoDB of an explicit MONGODB_URI, else of the system that runs in this home, else the default one. */
export async function withMongo(work: (mongo: Mongo) => Promise<void>): Promise<void> {
  const config = loadConfig();
  const running = process.env['MONGODB_URI'] === undefined ? await readRunDescription() : undefined;
  const uri = running?.mongoUri ?? config.MONGODB_URI;
  const mongo = await openMongo({ uri, database: config.MONGODB_DATABASE });
  try {
    if (!mongo.ready()) throw new Error('MongoDB is not reachable; is the system running?');
    await work(mongo);
  } finally {
    await mongo.close();
  }
}
