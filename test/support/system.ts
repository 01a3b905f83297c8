import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from './eventually';
import { choosePorts } from '../../tools/start/ports';
import type { RunDescription } from '../../tools/support/running-system';

const ROOT = resolve(__dirname, '../..');
const READY_MS_MAX = 240_000;
const STOP_MS_MAX = 60_000;
const OUTPUT_CHARS_MAX = 20_000;

export interface Credentials {
  keys: { name: string; role: string; accounts: string[]; key: string }[];
}

export interface SystemOptions {
  /** Folder of an earlier system to start again; a new temporary one otherwise. */
  home?: string;
  env?: Record<string, string>;
  /** What follows `npm start --`. */
  args?: readonly string[];
}

export interface RunningSystem {
  readonly home: string;
  readonly run: RunDescription;
  readonly credentials: Credentials;
  /** What `npm start` has printed so far. */
  output(): string;
  /** The pid of a process, as run.json says now. */
  pidOf(name: string): number;
  /** kill -9 of one process by its name in run.json; the supervisor starts it again. */
  kill(name: string): Promise<void>;
  /** kill -9 of the supervisor and of every process, as when the machine loses power. */
  killAll(): Promise<void>;
  /** SIGSTOP and SIGCONT of one process and of those that it started: away, but not ended. */
  pause(name: string): void;
  resume(name: string): void;
  /** Ctrl-C; answers the exit code. Does nothing when it has ended already. */
  stop(): Promise<number | null>;
}

const temporaryHomes: string[] = [];
const started = new Set<ChildProcess>();

/**
 * Starts the real `npm start` on a home of its own with free ports and waits until it is ready to trade. Throws with
 * everything it printed when it ends or does not get ready.
 */
export async function startSystem({
  home: given,
  env = {},
  args = [],
}: SystemOptions = {}): Promise<RunningSystem> {
  const home = given ?? (await newHome());
  const child = spawnStart(home, env, args);
  let output = '';
  const take = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-OUTPUT_CHARS_MAX));
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const runFile = join(home, 'run.json');
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  try {
    const what = 'run.json of npm start';
    await eventually(() => isOver() || isOwn(runFile, child.pid), {
      timeoutMs: READY_MS_MAX,
      intervalMs: 100,
      what,
    });
  } catch (fault) {
    child.kill('SIGTERM');
    throw new Error(`npm start was not ready:\n${output}`, { cause: fault });
  }
  if (isOver()) throw new Error(`npm start ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
  const run = readRun(runFile);
  const credentials = JSON.parse(readFileSync(run.credentialsFile, 'utf8')) as Credentials;
  return { home, run, credentials, output: () => output, ...controlsOf(child, runFile) };
}

/** Below the ports that operating systems give to outgoing connections, which would take one before it is listened on. */
const PORTS = { least: 12_000, count: 20_000 };
const somePort = (): number => PORTS.least + Math.floor(Math.random() * PORTS.count);

/** A temporary home whose ports are chosen from the free ones, so that systems can run at once. */
export async function newHome(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'steadfill-home-'));
  temporaryHomes.push(home);
  const chosen = await choosePorts({
    api: somePort(),
    temporal: somePort(),
    temporalUi: somePort(),
    venue: somePort(),
    mongodb: somePort(),
    temporalMetrics: somePort(),
    workerOrdersMetrics: somePort(),
    workerExecutionMetrics: somePort(),
  });
  const ports = Object.fromEntries(Object.entries(chosen).map(([name, { port }]) => [name, port]));
  writeFileSync(join(home, 'state.json'), JSON.stringify({ ports }));
  return home;
}

/** Runs the entry of `npm start` as npm would, without waiting for anything. */
export function spawnStart(home: string, env: Record<string, string>, args: readonly string[]): ChildProcess {
  const { MONGODB_URI: _uri, STEADFILL_API_PORT: _port, ...inherited } = process.env;
  const child = spawn(process.execPath, ['tools/bootstrap.mjs', 'tools/start/main.ts', ...args], {
    cwd: ROOT,
    env: { ...inherited, ...env, STEADFILL_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  return child;
}

function isOwn(runFile: string, supervisorPid: number | undefined): boolean {
  return existsSync(runFile) && readRun(runFile).supervisorPid === supervisorPid;
}

const readRun = (file: string): RunDescription => JSON.parse(readFileSync(file, 'utf8')) as RunDescription;

type Controls = Omit<RunningSystem, 'home' | 'run' | 'credentials' | 'output'>;

function controlsOf(child: ChildProcess, runFile: string): Controls {
  const pidOf = (name: string): number => {
    const found = readRun(runFile).processes.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`run.json names no process ${name}`);
    return found.pid;
  };
  const whenOver = (): Promise<unknown> =>
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : new Promise((done) => child.once('exit', done));
  return {
    pidOf,
    kill: async (name) => {
      const pid = pidOf(name);
      process.kill(pid, 'SIGKILL');
      await eventually(() => pidOf(name) !== pid, {
        timeoutMs: READY_MS_MAX,
        what: `a new process for ${name}`,
      });
    },
    killAll: async () => {
      const pids = readRun(runFile).processes.map(({ pid }) => pid);
      child.kill('SIGKILL');
      pids.forEach(killIfThere);
      await whenOver();
      const allGone = (): boolean => pids.every((pid) => !isThere(pid));
      await eventually(allGone, { timeoutMs: STOP_MS_MAX, what: 'the end of every process' });
    },
    pause: (name) => familyOf(pidOf(name)).forEach((pid) => process.kill(pid, 'SIGSTOP')),
    resume: (name) => familyOf(pidOf(name)).forEach((pid) => process.kill(pid, 'SIGCONT')),
    stop: async () => {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
      await whenOver();
      clearTimeout(timer);
      return child.exitCode;
    },
  };
}

/** True when a process with this id runs; one that ended and is not reaped yet does not. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // No such process.
    return false;
  }
}

/** A process and those that it started: the API answers through workers. */
function familyOf(pid: number): number[] {
  if (process.platform !== 'linux') return [pid];
  const children = readdirSync('/proc').filter((name) => parentOf(name) === pid);
  return [pid, ...children.flatMap((child) => familyOf(Number(child)))];
}

/** The parent of a process by its entry in /proc; undefined for other entries and for a process that just ended. */
function parentOf(name: string): number | undefined {
  if (!/^\d+$/.test(name)) return undefined;
  try {
    const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1];
    return parent === undefined ? undefined : Number(parent);
  } catch {
    // It ended between the two looks.
    return undefined;
  }
}

function killIfThere(pid: number): void {
  if (isThere(pid)) process.kill(pid, 'SIGKILL');
}

process.once('exit', () => {
  for (const child of started) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  }
  for (const home of temporaryHomes) rmSync(home, { recursive: true, force: true });
});
