import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identifyProcess, isStillRunning, type ProcessIdentity } from './process-identity';

const POLL_MS = 100;
const WATCH_MS = 1_000;
const CLAIM_NAME = /^owner\.(\d+)\.json$/;

interface Claim extends ProcessIdentity {
  token: string;
  /** Given back: the number stays taken, the session is free. */
  released?: true;
}

export interface ClaimOptions {
  /** Called once, with the process that owns the session, when there is one to wait for. */
  onWait(owner: ProcessIdentity): void;
  /** Ends the waiting. */
  signal: AbortSignal;
}

/**
 * The right to a venue session and its journals, held by at most one process. Claims are numbered files beside the
 * journals, and the highest number counts: it is the owner's while that process runs and has not given it back. A
 * claim is made by creating the next number, which only one process can; the number is never used again, so that
 * somebody who looked long ago cannot take what others have taken and given back since.
 *
 * Its death frees a session at once, and nothing else does: an owner that only hangs could still send.
 */
export class SessionClaim {
  private readonly folder: string;
  private readonly number: number;
  private readonly mine: Claim;
  private watching: NodeJS.Timeout | undefined;

  private constructor(folder: string, number: number, mine: Claim) {
    this.folder = folder;
    this.number = number;
    this.mine = mine;
  }

  /** Waits for as long as another process owns the session. Answers undefined when the waiting was ended. */
  static async acquire(folder: string, { onWait, signal }: ClaimOptions): Promise<SessionClaim | undefined> {
    await mkdir(folder, { recursive: true });
    const identity = await identifyProcess(process.pid);
    if (identity === undefined) throw new Error('this process cannot be identified');
    const mine: Claim = { ...identity, token: randomUUID() };
    let told = false;
    while (!signal.aborted) {
      const highest = Math.max(0, ...(await numbersIn(folder)));
      const owner = await ownerOf(folder, highest);
      if (owner !== undefined) {
        if (!told) onWait(owner);
        told = true;
        await pause(POLL_MS);
        continue;
      }
      const claim = await SessionClaim.take(folder, highest + 1, mine);
      if (claim !== undefined) return claim;
    }
    return undefined;
  }

  private static async take(folder: string, number: number, mine: Claim): Promise<SessionClaim | undefined> {
    const draft = await draftOf(folder, mine);
    try {
      await link(draft, fileOf(folder, number));
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw fault;
    } finally {
      await rm(draft, { force: true });
    }
    const numbers = await numbersIn(folder);
    if (numbers.some((other) => other > number)) {
      // Others have come and gone since we looked, and their clearing made room for a number that is long over.
      await rm(fileOf(folder, number), { force: true });
      return undefined;
    }
    await Promise.all(
      numbers.filter((other) => other < number).map((other) => rm(fileOf(folder, other), { force: true })),
    );
    return new SessionClaim(folder, number, mine);
  }

  /** Calls `onLost` when somebody removed or replaced the claim: another process may own the session then. */
  watch(onLost: () => void): void {
    this.watching = setInterval(() => {
      void this.holds().then((holds) => {
        if (!holds && this.watching !== undefined) onLost();
      });
    }, WATCH_MS);
    this.watching.unref();
  }

  /** Frees the session. Call it when nothing can be sent or written any more. */
  async release(): Promise<void> {
    clearInterval(this.watching);
    this.watching = undefined;
    if (!(await this.holds())) return;
    const draft = await draftOf(this.folder, { ...this.mine, released: true });
    await rename(draft, fileOf(this.folder, this.number));
  }

  private async holds(): Promise<boolean> {
    const [claim, numbers] = [await readClaim(this.folder, this.number), await numbersIn(this.folder)];
    return claim?.token === this.mine.token && Math.max(...numbers) === this.number;
  }
}

async function numbersIn(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => {
    const number = CLAIM_NAME.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

async function ownerOf(folder: string, number: number): Promise<ProcessIdentity | undefined> {
  const claim = number === 0 ? undefined : await readClaim(folder, number);
  if (claim === undefined || claim.released === true) return undefined;
  return (await isStillRunning(claim)) ? claim : undefined;
}

/** Undefined when it is gone, or cut short by a power cut, which no owner has survived. */
async function readClaim(folder: string, number: number): Promise<Claim | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(folder, number), 'utf8')) as Claim;
  } catch (fault) {
    if (fault instanceof SyntaxError || (fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fault;
  }
}

/** A file that appears under its final name with its content or not at all. */
async function draftOf(folder: string, claim: Claim): Promise<string> {
  const draft = join(folder, `claim.${randomUUID()}.new`);
  const file = await open(draft, 'wx');
  try {
    await file.writeFile(JSON.stringify(claim));
    await file.datasync();
  } finally {
    await file.close();
  }
  return draft;
}

const fileOf = (folder: string, number: number): string => join(folder, `owner.${number}.json`);

function pause(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
