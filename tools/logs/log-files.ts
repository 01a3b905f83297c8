import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { linesWith } from '../../observability/line-search';
import { parseLogLine, type FoundLine, type OrderLines } from './order-lines';

const LOG_FILE = /\.log(\.\d+)?$/;

/** All log files of an installation, those that were rotated too; none when there is no folder. */
export async function listLogFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'ENOENT') throw fault;
    return [];
  });
  return names.filter((name) => LOG_FILE.test(name)).map((name) => join(folder, name));
}

const componentOf = (path: string): string => basename(path).replace(LOG_FILE, '');

function pick(texts: readonly string[], path: string, lines: OrderLines): FoundLine[] {
  return texts.flatMap((text) => {
    const line = parseLogLine(text);
    if (line !== undefined) return lines.isWanted(line) ? [line] : [];
    return lines.fromOther(text, componentOf(path)) ?? [];
  });
}

/** Every line about the order in all files. Reads twice: the first time finds the traces that the order is in. */
export async function readOrderLines(folder: string, lines: OrderLines): Promise<FoundLine[]> {
  const paths = await listLogFiles(folder);
  const read = async (): Promise<FoundLine[]> => {
    const found: FoundLine[] = [];
    for (const path of paths)
      found.push(...pick(linesWith(await readFile(path), lines.needles()), path, lines));
    return found;
  };
  await read();
  return await read();
}

/** Reads on from where it was, over rotations: a file that became shorter was copied to `.1` and emptied. */
export class LogFollower {
  private readonly folder: string;
  private readonly lines: OrderLines;
  private readonly offsets = new Map<string, number>();
  private readonly rests = new Map<string, Buffer>();

  constructor(folder: string, lines: OrderLines) {
    this.folder = folder;
    this.lines = lines;
  }

  /** Begins at the present ends of the files. */
  async begin(): Promise<void> {
    for (const path of await this.current()) this.offsets.set(path, (await stat(path)).size);
  }

  /** What was written since the last time. */
  async next(): Promise<FoundLine[]> {
    const found: FoundLine[] = [];
    for (const path of await this.current()) {
      const { size } = await stat(path);
      const offset = this.offsets.get(path) ?? 0;
      if (size < offset) {
        found.push(...this.take(path, await readFrom(`${path}.1`, offset)));
        this.offsets.set(path, 0);
      }
      found.push(...this.take(path, await readFrom(path, this.offsets.get(path) ?? 0)));
    }
    return found;
  }

  private async current(): Promise<string[]> {
    return (await listLogFiles(this.folder)).filter((path) => path.endsWith('.log'));
  }

  /** Whole lines only; the rest waits for its end. */
  private take(path: string, fresh: Buffer): FoundLine[] {
    const content = Buffer.concat([this.rests.get(path) ?? Buffer.alloc(0), fresh]);
    const end = content.lastIndexOf(10) + 1;
    this.rests.set(path, content.subarray(end));
    this.offsets.set(path, (this.offsets.get(path) ?? 0) + fresh.length);
    return pick(linesWith(content.subarray(0, end), this.lines.needles()), path, this.lines);
  }
}

async function readFrom(path: string, offset: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size <= offset) return Buffer.alloc(0);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - offset), 0, size - offset, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
