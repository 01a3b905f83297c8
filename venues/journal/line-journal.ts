import { createReadStream } from 'node:fs';
import { mkdir, open, rename, truncate, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

const NEWLINE = 0x0a;

interface Waiting {
  resolve(): void;
  reject(fault: unknown): void;
}

/** Thrown by every append after the disk refused one: what is in memory is then ahead of what is stored. */
export class JournalFailedError extends Error {
  readonly code = 'JOURNAL_FAILED';
  constructor(path: string, cause: unknown) {
    super(`the journal ${path} cannot be written`, { cause });
    this.name = 'JournalFailedError';
  }
}

/**
 * An append-only file of lines. Appends that arrive while a write is under way share the next write and its one
 * fsync, so that a durable append costs one disk turn however many come at once.
 */
export class LineJournal {
  private readonly path: string;
  private file: FileHandle;
  private text = '';
  private waiting: Waiting[] = [];
  private durableWanted = false;
  private running: Promise<void> | undefined;
  private failure: JournalFailedError | undefined;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.file = file;
  }

  /**
   * Opens or creates the journal and gives every whole line to `onLine`, oldest first. A last line that a crash cut
   * short was never confirmed to anybody; it is removed. Rethrows what `onLine` throws.
   */
  static async open(path: string, onLine: (line: string) => void): Promise<LineJournal> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a');
    const { size } = await file.stat();
    const wholeBytes = await readLines(path, onLine);
    if (wholeBytes < size) await truncate(path, wholeBytes);
    return new LineJournal(path, file);
  }

  /** Resolves once the line is on disk (fsync). Throws JournalFailedError. */
  append(line: string): Promise<void> {
    this.durableWanted = true;
    return this.enqueue(line);
  }

  /** Writes the line soon; it survives the death of this process, but not a power cut. */
  note(line: string): void {
    // A failure is kept in `failure` and thrown by the next durable append.
    this.enqueue(line).catch(() => undefined);
  }

  /** Resolves when everything appended so far is on disk. Throws JournalFailedError. */
  async flushed(): Promise<void> {
    while (this.running !== undefined) await this.running;
    if (this.failure !== undefined) throw this.failure;
  }

  /**
   * Puts the lines in the place of the whole content, in one step that a crash cannot cut in two. They are made when
   * nothing is being written, so that they can hold all that was appended so far; what is appended later follows them.
   */
  async replace(makeLines: () => readonly string[]): Promise<void> {
    // Not `flushed`: between its end and the next line another replace could begin.
    while (this.running !== undefined) await this.running;
    if (this.failure !== undefined) throw this.failure;
    const lines = makeLines();
    const work = this.swap(lines.length === 0 ? '' : `${lines.join('\n')}\n`).catch((fault: unknown) => {
      this.failure ??= new JournalFailedError(this.path, fault);
      throw this.failure;
    });
    this.running = work.then(
      () => this.next(),
      () => this.next(),
    );
    await work;
  }

  async close(): Promise<void> {
    await this.flushed().finally(() => this.file.close());
  }

  private enqueue(line: string): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.text += `${line}\n`;
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (this.running === undefined) this.next();
    });
  }

  private next(): void {
    this.running = undefined;
    if (this.waiting.length === 0) return;
    // One turn of the event loop later, what arrives together is written together.
    this.running = new Promise<void>((begin) => setImmediate(begin))
      .then(() => this.writeBatch())
      .finally(() => this.next());
  }

  private async writeBatch(): Promise<void> {
    const { text, waiting, durableWanted } = this;
    this.text = '';
    this.waiting = [];
    this.durableWanted = false;
    try {
      if (this.failure !== undefined) throw this.failure;
      await this.file.appendFile(text);
      if (durableWanted) await this.file.datasync();
      for (const { resolve } of waiting) resolve();
    } catch (fault) {
      this.failure ??= new JournalFailedError(this.path, fault);
      for (const { reject } of waiting) reject(this.failure);
    }
  }

  private async swap(text: string): Promise<void> {
    const temporary = `${this.path}.next`;
    const file = await open(temporary, 'w');
    try {
      await file.appendFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
    await this.file.close();
    this.file = await open(this.path, 'a');
    const directory = await open(dirname(this.path), 'r');
    await directory.sync().finally(() => directory.close());
  }
}

/** Reads all whole lines; returns how many bytes they take. */
async function readLines(path: string, onLine: (line: string) => void): Promise<number> {
  let wholeBytes = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = data.indexOf(NEWLINE, start); end >= 0; end = data.indexOf(NEWLINE, start)) {
      onLine(data.toString('utf8', start, end));
      start = end + 1;
    }
    wholeBytes += start;
    rest = data.subarray(start);
  }
  return wholeBytes;
}
