import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { LIMITS } from './limits';
import { logTail } from './log-keeper';
import type { ChildSpec } from './managed-child';

/** Runs the setup as a process of its own, to its end. Throws with the end of its log when it fails or hangs. */
export async function runSetup(
  { command, args, env, cwd, logFile }: ChildSpec,
  signal: AbortSignal,
): Promise<void> {
  const log = openSync(logFile, 'w');
  const child = spawn(command, [...args], { env, cwd, detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(kill, LIMITS.setupMs);
  signal.addEventListener('abort', kill, { once: true });
  const code = await new Promise<number | string>((done) => {
    child.once('error', (fault) => done(fault.message));
    child.once('exit', (exitCode, exitSignal) => done(exitCode ?? exitSignal ?? 'unknown'));
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', kill);
  if (code !== 0 && !signal.aborted) {
    throw new Error(
      `The setup of the databases failed (${code}).\n--- ${logFile}\n${await logTail(logFile)}`,
    );
  }
}
