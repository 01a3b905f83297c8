import { provision, type PartName } from '../../tools/provision/provision';
import { ThrowawayServers } from '../../tools/test/throwaway-servers';

const servers = new ThrowawayServers();
let counter = 0;

/** A name that no other suite, process or run has: for databases, task queues and workflow ids. */
export function uniqueName(prefix: string): string {
  counter += 1;
  return `${prefix}-${process.pid.toString(36)}-${Date.now().toString(36)}-${counter}`;
}

/** A MongoDB for tests: the one of the run (STEADFILL_TEST_MONGODB_URI), or one that lives as long as this process. */
export const testMongo = once(async (): Promise<{ uri: string }> => {
  const given = process.env['STEADFILL_TEST_MONGODB_URI'];
  return given !== undefined && given !== '' ? { uri: given } : await startTestMongo();
});

/** A Temporal server with our search attributes: STEADFILL_TEST_TEMPORAL_ADDRESS, or one of this process. */
export const testTemporal = once(async (): Promise<{ address: string }> => {
  const given = process.env['STEADFILL_TEST_TEMPORAL_ADDRESS'];
  return given !== undefined && given !== '' ? { address: given } : await startTestTemporal();
});

/** The time-skipping server's program, for `TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })`. */
export const testTimeSkippingServer = once(async () => {
  const given = process.env['STEADFILL_TEST_SERVER'];
  const path = given !== undefined && given !== '' ? given : await program('test-server');
  return { path, executable: { type: 'existing-path' as const, path } };
});

/** The programs themselves, for suites that start and stop servers of their own. */
export const testPrograms = once(async () => {
  const { temporal, mongodb } = await provisionQuietly(['temporal', 'mongodb']);
  if (temporal === undefined || mongodb === undefined) throw new Error('provisioning left a part out');
  return { temporal, mongodb };
});

/** The path of promtool, or undefined where it cannot be had: the test then skips itself. */
export const testPromtool = once(() => optionalProgram('promtool', 'STEADFILL_TEST_PROMTOOL'));

/** The path of a Chromium, or undefined where none can be had: the test then skips itself. */
export const testChromium = once(() => optionalProgram('chromium', 'STEADFILL_TEST_CHROMIUM'));

/** Starts a MongoDB that only the caller uses; stopped with the others. */
export async function startTestMongo(): Promise<{ uri: string; pid: number }> {
  return await servers.mongo((await testPrograms()).mongodb);
}

/** Starts a Temporal server that only the caller uses; stopped with the others. */
export async function startTestTemporal(): Promise<{ address: string; pid: number }> {
  return await servers.temporal((await testPrograms()).temporal);
}

/** Stops every server that this process started. */
export async function stopTestServers(): Promise<void> {
  await servers.stop();
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function program(part: PartName): Promise<string> {
  const found = (await provisionQuietly([part]))[part];
  if (found === undefined) throw new Error(`provisioning left ${part} out`);
  return found.value;
}

async function optionalProgram(part: PartName, variable: string): Promise<string | undefined> {
  const given = process.env[variable];
  if (given === 'none') return undefined;
  return given !== undefined && given !== '' ? given : (await provisionQuietly([part]))[part]?.value;
}

function provisionQuietly(parts: PartName[]): ReturnType<typeof provision> {
  return provision({ parts, acceptMongodbUri: false, output: { isTTY: false, line: () => undefined } });
}

// Loaded by a suite, this registers a root hook, so no suite has to think of stopping; tools stop by hand.
if (typeof globalThis.after === 'function')
  globalThis.after('stop the servers of this process', stopTestServers);
