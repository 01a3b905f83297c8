import { spawn, type ChildProcess } from 'node:child_process';
import { LIMITS } from './limits';

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
  signal: AbortSignal;
  timeLimitMs: number;
  /** Called with each line the command writes. */
  onLine?: (line: string) => void;
}

export type CommandResult =
  | { ok: true; output: string }
  | { ok: false; why: 'absent' | 'timeLimit' | 'aborted' | 'failed'; output: string; code?: number };

/** Ends a process and all it started; what ignores SIGTERM is killed. */
function endGroup(child: ChildProcess): void {
  const signalGroup = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch (fault) {
      // ESRCH: the group is gone, which is what was wanted.
      if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
    }
  };
  signalGroup('SIGTERM');
  setTimeout(() => signalGroup('SIGKILL'), LIMITS.killAfterMs).unref();
}

/**
 * Runs a command to its end, within its time and with its output (both streams) kept up to a bound. The command gets
 * a process group of its own, so that a build that is given up leaves no compiler behind.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((done) => {
    if (options.signal.aborted) return done({ ok: false, why: 'aborted', output: '' });
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    let rest = '';
    let given: 'timeLimit' | 'aborted' | undefined;
    const take = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-LIMITS.outputBytesMax);
      const lines = (rest + chunk.toString()).split('\n');
      rest = (lines.pop() ?? '').slice(-LIMITS.outputBytesMax);
      lines.forEach((line) => options.onLine?.(line));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const giveUp = (why: 'timeLimit' | 'aborted') => (): void => {
      given ??= why;
      endGroup(child);
    };
    const timer = setTimeout(giveUp('timeLimit'), options.timeLimitMs);
    const onAbort = giveUp('aborted');
    options.signal.addEventListener('abort', onAbort, { once: true });
    const end = (result: CommandResult): void => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', onAbort);
      done(result);
    };
    child.on('error', (fault: NodeJS.ErrnoException) =>
      end({ ok: false, why: fault.code === 'ENOENT' ? 'absent' : 'failed', output: fault.message }),
    );
    child.on('close', (code) => {
      if (given !== undefined) return end({ ok: false, why: given, output });
      end(
        code === 0
          ? { ok: true, output }
          : { ok: false, why: 'failed', output, ...(code !== null && { code }) },
      );
    });
  });
}

/** The last lines a command wrote, for a message to the user. */
export function outputTail(output: string, lines: number = LIMITS.outputTailLines): string {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}
