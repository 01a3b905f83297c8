import { readFile } from 'node:fs/promises';
import { listSpanFiles, parseSpanLine } from '../../../observability/span-files';
import type { SpanRecord } from '../../../observability/span-record';

const SPANS_MAX = 2_000;
const LINE_END = 10;

export interface SpanSearch {
  folder: string;
  /** Ids, one of which stands in every line that is wanted. */
  ids: readonly string[];
  /** Files that nobody wrote to since then are passed over; epoch milliseconds. */
  sinceMs: number;
}

/** Spans of all processes whose line holds one of the ids, each once, newest files first. Bounded. */
export async function findSpans({ folder, ids, sinceMs }: SpanSearch): Promise<SpanRecord[]> {
  const found = new Map<string, SpanRecord>();
  const files = (await listSpanFiles(folder)).filter(({ modifiedMs }) => modifiedMs >= sinceMs);
  for (const { path } of files.reverse()) {
    // Another process may remove its oldest file while we look.
    const content = await readFile(path).catch(emptyIfMissing);
    for (const line of linesWith(content, ids)) {
      const span = parseSpanLine(line);
      // A workflow task that is tried again gives its spans again, with the same ids.
      if (span !== undefined) found.set(span.spanId, span);
    }
    if (found.size >= SPANS_MAX) break;
  }
  return [...found.values()].slice(0, SPANS_MAX);
}

function emptyIfMissing(fault: NodeJS.ErrnoException): Buffer {
  if (fault.code !== 'ENOENT') throw fault;
  return Buffer.alloc(0);
}

function linesWith(content: Buffer, ids: readonly string[]): string[] {
  const begins = new Set<number>();
  for (const id of ids) {
    for (let hit = content.indexOf(id); hit >= 0;) {
      const begin = content.lastIndexOf(LINE_END, hit) + 1;
      const end = content.indexOf(LINE_END, hit);
      begins.add(begin);
      hit = end < 0 ? -1 : content.indexOf(id, end);
    }
  }
  return [...begins].map((begin) => {
    const end = content.indexOf(LINE_END, begin);
    return content.subarray(begin, end < 0 ? content.length : end).toString();
  });
}
