import { appendFile, mkdir, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { Logger } from './logger';
import { toSpanRecord, type SpanRecord } from './span-record';

export const SPAN_FILE = /^[a-z0-9-]+\.\d+\.\d+\.spans\.jsonl$/;
const FLUSH_MS = 500;

export interface SpanFileLimits {
  /** Spans that wait for the disk; more are dropped and counted. */
  queuedMax: number;
  /** A process begins a new file after this much. */
  fileBytesMax: number;
  /** All files of all processes together; the oldest go first. */
  folderBytesMax: number;
}

const LIMITS: SpanFileLimits = {
  queuedMax: 4_096,
  fileBytesMax: 4 * 1024 * 1024,
  folderBytesMax: 64 * 1024 * 1024,
};

export interface SpanFilesOptions {
  folder: string;
  component: string;
  logger?: Logger;
  limits?: Partial<SpanFileLimits>;
}

/**
 * Keeps the spans of the last orders in files that all processes of an installation share, so that a trace can be
 * seen without a collector. It takes spans into memory and writes twice a second; it never waits, and what does not
 * fit is dropped.
 */
export class SpanFiles implements SpanProcessor {
  private readonly options: SpanFilesOptions;
  private readonly limits: SpanFileLimits;
  private queue: ReadableSpan[] = [];
  private writing: Promise<void> | undefined;
  private fileNumber = 0;
  private fileBytes = 0;
  private dropped = 0;
  private faults = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(options: SpanFilesOptions) {
    this.options = options;
    this.limits = { ...LIMITS, ...options.limits };
    this.timer = setInterval(() => void this.forceFlush(), FLUSH_MS);
    this.timer.unref();
  }

  onStart(): void {
    // Only finished spans are of interest.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & 1) === 0) return;
    if (this.queue.length >= this.limits.queuedMax) this.dropped += 1;
    else this.queue.push(span);
  }

  /** Spans that did not fit into the queue since the start. */
  droppedCount(): number {
    return this.dropped;
  }

  /** Writes what waits. Never throws: a trace is worth less than what it tells about. */
  async forceFlush(): Promise<void> {
    if (this.writing !== undefined) return await this.writing;
    const batch = this.queue;
    if (batch.length === 0) return;
    this.queue = [];
    this.writing = this.write(batch)
      .catch((fault: unknown) => {
        this.faults += 1;
        if (this.faults === 1) this.options.logger?.warn('Spans cannot be written', { fault });
      })
      .finally(() => (this.writing = undefined));
    await this.writing;
  }

  async shutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.forceFlush();
    await this.forceFlush();
  }

  private async write(batch: readonly ReadableSpan[]): Promise<void> {
    const { folder, component } = this.options;
    const text = batch.map((span) => `${JSON.stringify(toSpanRecord(span, component))}\n`).join('');
    if (this.fileNumber === 0 || this.fileBytes + text.length > this.limits.fileBytesMax) {
      await mkdir(folder, { recursive: true });
      await this.makeRoom();
      this.fileNumber += 1;
      this.fileBytes = 0;
    }
    this.fileBytes += text.length;
    // Opened by name each time: another process may have removed the file to keep the folder small.
    const path = join(folder, `${component}.${process.pid}.${this.fileNumber}.spans.jsonl`);
    await appendFile(path, text).catch(async (fault: NodeJS.ErrnoException) => {
      ignoreMissing(fault);
      await mkdir(folder, { recursive: true });
      await appendFile(path, text);
    });
  }

  private async makeRoom(): Promise<void> {
    const files = await listSpanFiles(this.options.folder);
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0) + this.limits.fileBytesMax;
    for (const { path, bytes: size } of files) {
      if (bytes <= this.limits.folderBytesMax) return;
      await unlink(path).catch(ignoreMissing);
      bytes -= size;
    }
  }
}

interface SpanFile {
  path: string;
  bytes: number;
  modifiedMs: number;
}

/** The trace files of a folder, oldest first; none when there is no folder. */
export async function listSpanFiles(folder: string): Promise<SpanFile[]> {
  const names = await readdir(folder).catch(noneIfMissing);
  const found = names
    .filter((name) => SPAN_FILE.test(name))
    .map(async (name) => {
      const path = join(folder, name);
      const info = await stat(path).catch(ignoreMissing);
      return info === undefined ? [] : [{ path, bytes: info.size, modifiedMs: info.mtimeMs }];
    });
  return (await Promise.all(found)).flat().sort((a, b) => a.modifiedMs - b.modifiedMs);
}

function ignoreMissing(fault: NodeJS.ErrnoException): undefined {
  if (fault.code !== 'ENOENT') throw fault;
  return undefined;
}

function noneIfMissing(fault: NodeJS.ErrnoException): string[] {
  return ignoreMissing(fault) ?? [];
}

/** A line of a trace file; undefined when it is cut off or not a span. */
export function parseSpanLine(line: string): SpanRecord | undefined {
  try {
    const parsed = JSON.parse(line) as Partial<SpanRecord> | null;
    const isSpan = typeof parsed?.traceId === 'string' && typeof parsed.spanId === 'string';
    return isSpan && typeof parsed.startUs === 'number' ? (parsed as SpanRecord) : undefined;
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined;
    throw fault;
  }
}
