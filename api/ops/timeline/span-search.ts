import { readFile } from 'node:fs/promises';
import { linesWith } from '../../../observability/line-search';
import { listSpanFiles, parseSpanLine } from '../../../observability/span-files';
import { LruMap } from '../../../storage/lru-map';
import type { SpanRecord } from '../../../observability/span-record';

const SPANS_MAX = 2_000;
const ANSWERS_KEPT_MAX = 500;

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
  for (const { path, bytes } of files.reverse()) {
    // A workflow task that is tried again gives its spans again, with the same ids.
    for (const span of await spansIn(path, bytes, ids)) found.set(span.spanId, span);
    if (found.size >= SPANS_MAX) break;
  }
  return [...found.values()].slice(0, SPANS_MAX);
}

/** Files only grow, so one of the same size says what it said before to a page that asks every two seconds. */
const answered = new LruMap<SpanRecord[]>(ANSWERS_KEPT_MAX);

async function spansIn(path: string, bytes: number, ids: readonly string[]): Promise<SpanRecord[]> {
  const question = [path, bytes, ...ids].join(' ');
  const known = answered.get(question);
  if (known !== undefined) return known;
  // Another process may remove its oldest file while we look.
  const content = await readFile(path).catch(emptyIfMissing);
  const spans = linesWith(content, ids).flatMap((line) => parseSpanLine(line) ?? []);
  answered.set(question, spans);
  return spans;
}

function emptyIfMissing(fault: NodeJS.ErrnoException): Buffer {
  if (fault.code !== 'ENOENT') throw fault;
  return Buffer.alloc(0);
}
