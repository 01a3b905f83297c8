import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FIELD_STATE = 0;
const FIELD_START_TICKS = 19;

/** A process as no later one with the same id can be. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

/** The process that runs with this id; undefined when none does. A zombie holds nothing, so it does not count. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = process.platform === 'linux' ? await startedAtFromProc(pid) : await startedAtFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** True when exactly this process still runs. */
export async function isStillRunning({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(pid))?.startedAt === startedAt;
}

async function startedAtFromProc(pid: number): Promise<string | undefined> {
  const [boot, line] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined),
  ]);
  if (line === undefined) return undefined;
  // The command name stands in parentheses and may hold spaces, so fields are counted from the last parenthesis.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return fields[FIELD_STATE] === 'Z' ? undefined : `${boot.trim()}:${fields[FIELD_START_TICKS]}`;
}

async function startedAtFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'state=,lstart=', '-p', String(pid)]);
    const line = stdout.trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    // `ps` fails when it finds no such process.
    return undefined;
  }
}
