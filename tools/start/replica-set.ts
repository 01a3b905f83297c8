import { MongoClient, MongoServerError, type Db } from 'mongodb';
import { REPLICA_SET } from './mongo-server';

const NOT_YET_INITIALISED = 94;
const POLL_MS = 100;

interface ReplicaSetConfig {
  version: number;
  members: { _id: number; host: string }[];
}

/**
 * Makes a `mongod` that was started with a set name the primary of its set of one, also when it has moved to another
 * port since. A server that is no such `mongod` is left as it is. Throws when it is not writable within `timeLimitMs`.
 */
export async function ensurePrimary(uri: string, host: string, timeLimitMs: number): Promise<void> {
  const client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: timeLimitMs });
  try {
    const admin = client.db('admin');
    await formReplicaSet(admin, host);
    const deadline = Date.now() + timeLimitMs;
    while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) {
      if (Date.now() > deadline) throw new Error(`MongoDB did not become writable within ${timeLimitMs} ms`);
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  } finally {
    await client.close();
  }
}

async function formReplicaSet(admin: Db, host: string): Promise<void> {
  const members = [{ _id: 0, host }];
  try {
    const { config } = (await admin.command({ replSetGetConfig: 1 })) as unknown as {
      config: ReplicaSetConfig;
    };
    if (config.members.every((member) => member.host === host)) return;
    const moved = {
      ...config,
      version: config.version + 1,
      members: [{ ...config.members[0], _id: 0, host }],
    };
    await admin.command({ replSetReconfig: moved, force: true });
  } catch (fault) {
    if (!(fault instanceof MongoServerError) || fault.code !== NOT_YET_INITIALISED) throw fault;
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members } });
  }
}
