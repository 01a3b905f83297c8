import { readFile } from 'node:fs/promises';
import { linesWith } from '../../../observability/line-search';
import { listSpanFiles, parseSpanLine } from '../../../observability/span-files';
import type { SpanRecord } from '../../../observability/span-record';

const SPANS_MAX = 2_000;

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
