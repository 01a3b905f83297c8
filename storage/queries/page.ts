/** Lists are read in pages; a page never holds more than PAGE_LIMIT_MAX items. */
export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 500;

export interface PageRequest {
  limit?: number | undefined;
  /** Opaque; from `nextCursor` of the page before. */
  cursor?: string | undefined;
}

export interface Page<Item> {
  items: Item[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** Thrown when a cursor is not one that we gave. */
export class InvalidCursorError extends Error {
  constructor() {
    super('the cursor is not valid');
    this.name = 'InvalidCursorError';
  }
}

/** Where a page ended: the value of the sort field and the id that decides between equal values. */
export type Position = readonly [value: string, id: string];

export function encodeCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Throws InvalidCursorError. */
export function decodeCursor(cursor: string): Position {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new InvalidCursorError();
  }
  const isPosition =
    Array.isArray(parts) && parts.length === 2 && parts.every((part) => typeof part === 'string');
  if (!isPosition) throw new InvalidCursorError();
  return parts as unknown as Position;
}

export function pageLimit({ limit = PAGE_LIMIT_DEFAULT }: PageRequest): number {
  return Math.min(Math.max(1, limit), PAGE_LIMIT_MAX);
}

/** Condition for what lies after the cursor, in the direction of the sort (1 ascending, -1 descending). */
export function afterCursor(
  field: string,
  direction: 1 | -1,
  cursor: string | undefined,
): Record<string, unknown> {
  if (cursor === undefined) return {};
  const [value, id] = decodeCursor(cursor);
  const beyond = direction === 1 ? '$gt' : '$lt';
  return { $or: [{ [field]: { [beyond]: value } }, { [field]: value, _id: { [beyond]: id } }] };
}

/** The page made of `found`, which was read with one item more than the limit to see whether another page follows. */
export function toPage<Row, Item>(
  found: Row[],
  limit: number,
  positionOf: (row: Row) => Position,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { items: rows.map(itemOf), nextCursor: hasMore ? encodeCursor(positionOf(last)) : null };
}
