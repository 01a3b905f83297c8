import { randomUUID } from 'node:crypto';
import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { MongoClient } from 'mongodb';
import { answerUpdate } from './floor-workflows';
import { rounded, timed } from './statistics';

const TASK_QUEUE = 'bench-floor';

/** The floor under every figure, measured in the same run on the same servers. */
export interface Floor {
  /** Empty workflows, start to result, completed a second by `clients` clients during `durationMs`. */
  emptyWorkflowsPerSecond(clients: number, durationMs: number): Promise<number>;
  /** One update-with-start of a workflow that only answers; milliseconds. */
  updateWithStartMs(): Promise<number>;
  /** One journalled majority insert; milliseconds. */
  mongoWriteMs(): Promise<number>;
  close(): Promise<void>;
}

export async function openFloor(temporalAddress: string, mongoUri: string): Promise<Floor> {
  // Left to itself the SDK's core writes its warnings to stdout, in the middle of the one object of `--json`.
  const logging = { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) };
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging } });
  const native = await NativeConnection.connect({ address: temporalAddress });
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  const worker = await Worker.create({
    connection: native,
    taskQueue: TASK_QUEUE,
    workflowsPath: require.resolve('./floor-workflows'),
    maxConcurrentWorkflowTaskPolls: 8,
    maxCachedWorkflows: 500,
  });
  const running = worker.run();
  const mongo = await MongoClient.connect(mongoUri);
  const writes = mongo.db('steadfill_bench').collection('writes');
  return {
    emptyWorkflowsPerSecond: (clients, durationMs) => emptyRate(client, clients, durationMs),
    updateWithStartMs: () => timed(() => updateWithStart(client)),
    mongoWriteMs: () =>
      timed(() => writes.insertOne({ at: new Date() }, { writeConcern: { w: 'majority', journal: true } })),
    close: async () => {
      worker.shutdown();
      await running;
      await mongo.db('steadfill_bench').dropDatabase();
      await mongo.close();
      await connection.close();
      await native.close();
    },
  };
}

async function emptyRate(client: Client, clients: number, durationMs: number): Promise<number> {
  const started = performance.now();
  let completed = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - started < durationMs) {
      await client.workflow.execute('empty', {
        taskQueue: TASK_QUEUE,
        workflowId: `bench-empty-${randomUUID()}`,
        args: [],
      });
      completed += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, lane));
  return rounded(completed / ((performance.now() - started) / 1_000));
}

async function updateWithStart(client: Client): Promise<void> {
  const startWorkflowOperation = new WithStartWorkflowOperation('answering', {
    taskQueue: TASK_QUEUE,
    workflowId: `bench-answering-${randomUUID()}`,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [],
  });
  await client.workflow.executeUpdateWithStart(answerUpdate, { startWorkflowOperation });
}
