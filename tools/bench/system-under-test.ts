import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { CHILD_GUARD } from '../start/children';
import { readRunDescription, type RunDescription } from '../support/running-system';

const READY_TIMEOUT_MS = 15 * 60_000;
const STOP_TIMEOUT_MS = 60_000;
const ROOT = resolve(__dirname, '../..');

export interface SystemUnderTest {
  described: RunDescription;
  stop(): Promise<void>;
}

/**
 * Runs `npm start`'s own entry in a home of its own, so that what is measured is what users run; it ends when this
 * process is gone, even by kill -9. `settings` are added to the environment.
 */
export async function startSystemUnderTest(
  home: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<SystemUnderTest> {
  const child = spawn(
    process.execPath,
    ['--import', CHILD_GUARD, join(ROOT, 'tools/bootstrap.mjs'), join(ROOT, 'tools/start/main.ts')],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        STEADFILL_RATE_LIMIT_PER_SECOND: '100000',
        ...settings,
        STEADFILL_HOME: home,
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const onExit = (): void => void child.kill('SIGTERM');
  process.once('exit', onExit);
  const described = await waitUntilReady(home, () => child.exitCode !== null).catch((fault: unknown) => {
    onExit();
    throw fault;
  });
  const stop = async (): Promise<void> => {
    process.off('exit', onExit);
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(force);
  };
  return { described, stop };
}

async function waitUntilReady(home: string, hasExited: () => boolean): Promise<RunDescription> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const described = await readRunDescription(home);
    if (described !== undefined) return described;
    if (hasExited()) throw new Error('the system stopped before it was ready');
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error('the system was not ready in time');
}
