import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Which code a process runs. */
export interface CodeRef {
  /** Absolute path of the source tree. */
  dir: string;
  /** What the process calls itself; undefined leaves it to the environment. */
  buildId?: string;
}

/** What somebody asks for: that every process that serves is one started for this roll, from this code. */
export interface WantedRoll {
  rollId: string;
  /** The code to go to; undefined means the code that serves now, started anew. */
  code?: CodeRef;
  askedAt: string;
}

export const ROLL_PHASES = ['serving', 'starting', 'handingOver'] as const;
export type RollPhase = (typeof ROLL_PHASES)[number];

export interface RollProcess {
  pid: number;
  state: string;
  buildId?: string;
}

/** What is so: written by the process that rolls, and the proof that a roll is complete. */
export interface RollState {
  /** The process that writes this. */
  pid: number;
  /** Its parent: a process that starts again under the same one goes on with `code`. */
  parentPid: number;
  phase: RollPhase;
  /** The last roll that ended, and how. */
  rollId?: string;
  outcome?: 'done' | 'failed';
  reason?: string;
  code: CodeRef;
  processes: RollProcess[];
  updatedAt: string;
}

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/**
 * How a roll is asked for and how it went, as two files of the home: what is wanted is written by whoever asks, what
 * is so by the process that rolls. Both outlive their writers, so asking twice and asking again after a crash are the
 * same as asking once. Only the owner of the home can read or write them.
 */
export class RollFiles {
  private readonly folder: string;

  constructor(home: string, name: string) {
    this.folder = join(home, 'rolls', name);
  }

  wanted(): Promise<WantedRoll | undefined> {
    return readJson<WantedRoll>(join(this.folder, 'wanted.json'));
  }

  state(): Promise<RollState | undefined> {
    return readJson<RollState>(join(this.folder, 'state.json'));
  }

  async want(roll: WantedRoll): Promise<void> {
    await this.write('wanted.json', roll);
  }

  async note(state: RollState): Promise<void> {
    await this.write('state.json', state);
  }

  /** A reader sees the old content or the new one. */
  private async write(name: string, value: object): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
    const draft = join(this.folder, `${name}.${randomUUID()}.new`);
    await writeFile(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: OWNER_ONLY });
    await rename(draft, join(this.folder, name));
  }
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (fault) {
    if (fault instanceof SyntaxError || (fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fault;
  }
}
