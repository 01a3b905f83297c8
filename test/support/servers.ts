import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { eventually } from './eventually';
import { provision, type PartName } from '../../tools/provision/provision';
import { canConnect } from '../../tools/provision/network';
import { mongoServerArgs, mongoUriOf } from '../../tools/start/mongo-server';
import { choosePorts } from '../../tools/start/ports';
import { ensurePrimary } from '../../tools/start/replica-set';
import { prepareNamespace } from '../../tools/start/temporal-namespace';
import { devServerArgs } from '../../temporal-config/dev-server';

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 10_000;
const CONNECT_MS = 500;
const HOST = '127.0.0.1';

interface TestServer {
  child: ChildProcess;
  folder: string;
}

const running: TestServer[] = [];
let counter = 0;

/** A name that no other suite, process or run has: for databases, task queues and workflow ids. */
export function uniqueName(prefix: string): string {
  counter += 1;
  return `${prefix}-${process.pid.toString(36)}-${Date.now().toString(36)}-${counter}`;
}

/** A MongoDB for tests: the one of the run (STEADFILL_TEST_MONGODB_URI), or one that lives as long as this process. */
export const testMongo = once(async () => {
  const given = process.env['STEADFILL_TEST_MONGODB_URI'];
  if (given !== undefined && given !== '') return { uri: given };
  return await startTestMongo();
});

/** A Temporal server with our search attributes: STEADFILL_TEST_TEMPORAL_ADDRESS, or one of this process. */
export const testTemporal = once(async () => {
  const given = process.env['STEADFILL_TEST_TEMPORAL_ADDRESS'];
  if (given !== undefined && given !== '') return { address: given };
  return await startTestTemporal();
});

/** The program of the time-skipping server, for `TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })`. */
export const testTimeSkippingServer = once(async () => {
  const given = process.env['STEADFILL_TEST_SERVER'];
  const path = given !== undefined && given !== '' ? given : await program('test-server');
  return { path, executable: { type: 'existing-path' as const, path } };
});

/** The programs themselves, for suites that start and stop servers of their own. */
export const testPrograms = once(async () => {
  const found = await provisionQuietly(['temporal', 'mongodb']);
  if (found.temporal === undefined || found.mongodb === undefined)
    throw new Error('provisioning found no programs');
  return { temporal: found.temporal, mongodb: found.mongodb };
});

/** Starts a MongoDB that only the caller uses; stopped with the others. */
export async function startTestMongo(): Promise<{ uri: string; pid: number }> {
  const { mongodb } = await testPrograms();
  const { mongo } = await choosePorts({ mongo: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'steadfill-mongo-'));
  const args = mongoServerArgs({ flavour: mongodb.flavour, dataFolder: folder, port: mongo.port });
  const server = start(mongodb.value, args, folder);
  await whenListening(server, mongo.port);
  const uri = mongoUriOf(mongo.port);
  if (mongodb.flavour === 'mongod') await ensurePrimary(uri, `${HOST}:${mongo.port}`, START_MS_MAX);
  return { uri, pid: server.child.pid ?? 0 };
}

/** Starts a Temporal server that only the caller uses; stopped with the others. */
export async function startTestTemporal(): Promise<{ address: string; pid: number }> {
  const { temporal } = await testPrograms();
  const ports = await choosePorts({ grpc: 0, ui: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'steadfill-temporal-'));
  const dbFile = join(folder, 'temporal.db');
  const args = devServerArgs({ dbFile, port: ports.grpc.port, uiPort: ports.ui.port });
  const server = start(temporal.value, args, folder);
  await whenListening(server, ports.grpc.port);
  const address = `${HOST}:${ports.grpc.port}`;
  const connection = await Connection.connect({ address, connectTimeout: START_MS_MAX });
  try {
    await prepareNamespace(connection, 'default', START_MS_MAX);
  } finally {
    await connection.close();
  }
  return { address, pid: server.child.pid ?? 0 };
}

/** Stops every server that this process started. */
export async function stopTestServers(): Promise<void> {
  await Promise.all(running.splice(0).map(stop));
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function program(part: PartName): Promise<string> {
  const found = (await provisionQuietly([part]))[part];
  if (found === undefined) throw new Error(`provisioning found no ${part}`);
  return found.value;
}

function provisionQuietly(parts: PartName[]): ReturnType<typeof provision> {
  return provision({ parts, acceptMongodbUri: false, output: { isTTY: false, line: () => undefined } });
}

function start(command: string, args: readonly string[], folder: string): TestServer {
  const log = openSync(join(folder, 'server.log'), 'a');
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', log, log] });
  // The run must be able to end although a suite forgot its server.
  child.unref();
  const server = { child, folder };
  running.push(server);
  return server;
}

async function whenListening({ child, folder }: TestServer, port: number): Promise<void> {
  const isUp = async (): Promise<true | undefined> => {
    if (child.exitCode !== null) return true;
    return (await canConnect(HOST, port, CONNECT_MS)) ? true : undefined;
  };
  await eventually(isUp, { timeoutMs: START_MS_MAX, what: `${child.spawnfile} listening on ${port}` });
  if (child.exitCode === null) return;
  throw new Error(
    `${child.spawnfile} ended with ${child.exitCode}: ${readFileSync(join(folder, 'server.log'), 'utf8').slice(-2_000)}`,
  );
}

async function stop({ child, folder }: TestServer): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((done) => child.once('exit', done));
    child.ref();
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  }
  rmSync(folder, { recursive: true, force: true });
}

// Loaded by a suite, this registers a root hook, so no suite has to think of stopping; tools stop by hand.
if (typeof globalThis.after === 'function')
  globalThis.after('stop the servers of this process', stopTestServers);

process.once('exit', () => {
  for (const { child, folder } of running) {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
