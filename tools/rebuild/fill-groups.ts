import type { FillRecord } from '../../storage/collections';

/** The fills by a key of theirs, in the order given. */
export function toFillGroups(
  fills: readonly FillRecord[],
  keyOf: (fill: FillRecord) => string,
): Map<string, FillRecord[]> {
  const groups = new Map<string, FillRecord[]>();
  for (const fill of fills) {
    const key = keyOf(fill);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [fill]);
    else group.push(fill);
  }
  return groups;
}
