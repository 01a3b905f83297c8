import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { LIMITS } from './limits';
import { logTail } from './log-keeper';
import type { ChildSpec } from './managed-child';

/**
 * Runs a step of the start as a process of its own, to its end; what it sends over its channel is for the user. Throws
 * with the end of its log when it fails or hangs.
 */
export async function runSetup(
  { name, command, args, env, cwd, logFile }: ChildSpec,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const log = openSync(logFile, 'w');
  const child = spawn(command, [...args], { env, cwd, detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  child.on('message', (line) => (typeof line === 'string' ? say(line) : undefined));
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
      `The step "${name}" of the start failed (${code}).\n--- ${logFile}\n${await logTail(logFile)}`,
    );
  }
}
