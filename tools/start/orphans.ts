import { rm } from 'node:fs/promises';
import { isRunning, processStartedAt, type ProcessIdentity } from '../provision/process-lock.mjs';
import { readJson, writeJson } from './home';
import { LIMITS } from './limits';

export interface RecordedChild extends ProcessIdentity {
  name: string;
}

/** Keeps a file that names the children that run, so that a start after a kill of the supervisor finds them. */
export class ChildRecord {
  private readonly file: string;
  private readonly children = new Map<string, RecordedChild>();
  private writing: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.file = file;
  }

  add(name: string, pid: number): void {
    this.writing = this.writing.then(async () => {
      const startedAt = await processStartedAt(pid);
      if (startedAt === undefined) return;
      this.children.set(name, { name, pid, startedAt });
      await writeJson(this.file, [...this.children.values()]);
    });
  }

  /** Forgets all, once all are stopped. */
  async clear(): Promise<void> {
    await this.writing;
    await rm(this.file, { force: true });
  }
}

/** Stops the children that a killed supervisor left behind. Answers their names. */
export async function stopOrphans(file: string): Promise<string[]> {
  const recorded = (await readJson<RecordedChild[]>(file)) ?? [];
  const stopped = await Promise.all(
    recorded.map(async (child) => ((await stopOrphan(child)) ? [child.name] : [])),
  );
  await rm(file, { force: true });
  return stopped.flat();
}

async function stopOrphan(orphan: RecordedChild): Promise<boolean> {
  if (!(await isRunning(orphan))) return false;
  signal(orphan.pid, 'SIGTERM');
  if (!(await endsWithin(orphan, LIMITS.orphanStopMs))) {
    signal(orphan.pid, 'SIGKILL');
    await endsWithin(orphan, LIMITS.orphanStopMs);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (fault) {
    // ESRCH: it ended between the look and the signal.
    if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
  }
}

async function endsWithin(orphan: RecordedChild, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (await isRunning(orphan)) {
    if (Date.now() > deadline) return false;
    await new Promise((wake) => setTimeout(wake, LIMITS.pollMs));
  }
  return true;
}
