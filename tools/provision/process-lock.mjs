import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const POLL_MS = 250;
/** A takeover lasts milliseconds; a guard that is older was left by a process that died inside it. */
const TAKEOVER_AGE_MS_MAX = 5_000;
const FIELD_STATE = 0;
const FIELD_START_TICKS = 19;

/**
 * When a process started, as text that no later process with the same id can have; undefined when it does not run.
 * A zombie counts as not running: it holds nothing.
 */
export async function processStartedAt(pid) {
  if (process.platform !== 'linux') return await startedAtFromPs(pid);
  const [boot, line] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined),
  ]);
  if (line === undefined) return undefined;
  // The command name stands in parentheses and may hold spaces, so fields are counted from the last parenthesis.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return fields[FIELD_STATE] === 'Z' ? undefined : `${boot.trim()}:${fields[FIELD_START_TICKS]}`;
}

async function startedAtFromPs(pid) {
  try {
    const { stdout } = await run('ps', ['-o', 'state=,lstart=', '-p', String(pid)]);
    const line = stdout.trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}

/** True when exactly this process (not a later one with its id) still runs. */
export async function isRunning({ pid, startedAt }) {
  return (await processStartedAt(pid)) === startedAt;
}

/** The process that holds the lock, or undefined when the file is absent or its process is gone. */
export async function lockHolder(file) {
  const held = await readLock(file);
  return held !== undefined && (await isRunning(held)) ? held : undefined;
}

async function readLock(file) {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return { pid: 0, startedAt: 'unreadable', token: text };
  }
}

/**
 * Takes the lock, waiting up to `waitMs` for its holder. A lock whose process died is taken over. Answers
 * `{ release }`, or `{ heldBy }` when the time is over. `onWait` is called once, with the holder.
 */
export async function acquireLock(file, { waitMs = 0, onWait = () => {} } = {}) {
  await mkdir(dirname(file), { recursive: true });
  const mine = { pid: process.pid, startedAt: await processStartedAt(process.pid), token: randomUUID() };
  const deadline = Date.now() + waitMs;
  let told = false;
  for (;;) {
    if (await createLock(file, mine)) return { release: () => releaseLock(file, mine) };
    const held = await readLock(file);
    if (held === undefined) continue;
    if (!(await isRunning(held))) {
      await removeStale(file, held);
      continue;
    }
    if (Date.now() >= deadline) return { heldBy: held };
    if (!told) onWait(held);
    told = true;
    await pause(POLL_MS);
  }
}

/** A hard link appears with its content or not at all, so nobody reads half a lock. */
async function createLock(file, mine) {
  const draft = `${file}.${mine.token}`;
  await writeFile(draft, JSON.stringify(mine));
  try {
    await link(draft, file);
    return true;
  } catch (fault) {
    if (fault.code === 'EEXIST') return false;
    throw fault;
  } finally {
    await rm(draft, { force: true });
  }
}

/** One process at a time removes a stale lock, or a second one could remove the lock that the first just took. */
async function removeStale(file, seen) {
  const guard = `${file}.takeover`;
  try {
    await writeFile(guard, String(process.pid), { flag: 'wx' });
  } catch (fault) {
    if (fault.code !== 'EEXIST') throw fault;
    const age = await stat(guard).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > TAKEOVER_AGE_MS_MAX) await rm(guard, { force: true });
    await pause(POLL_MS / 10);
    return;
  }
  try {
    const now = await readLock(file);
    if (now?.token === seen.token) await rm(file, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function releaseLock(file, mine) {
  const held = await readLock(file);
  if (held?.token === mine.token) await rm(file, { force: true });
}
