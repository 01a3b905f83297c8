import type { ExecutionReport } from './execution-report';

const HASH_OFFSET = 0x811c9dc5;
const HASH_PRIME = 0x01000193;
const HASH_DIGITS = 8;
const APPLIED = '#';
const RAISED = '!';

// Reports of these kinds come more than once for the same ClOrdID, so that without an ExecID only their time
// tells them apart.
const REPEATABLE: readonly string[] = [
  'restated',
  'doneForDay',
  'suspended',
  'stopped',
  'triggered',
  'calculated',
];

/** What makes a report the same report: its ExecID, or without one its ClOrdID and kind. */
export function reportKey(report: ExecutionReport): string {
  if (report.execId) return String(report.execId);
  const key = `${report.clOrdId}/${report.kind}`;
  return REPEATABLE.includes(report.kind) ? `${key}/${report.transactTime}` : key;
}

/**
 * A short hash (FNV-1a) of what a report says about the order. Ids of the chain, times and texts are left out: the
 * same report may come again over another channel that words or stamps it otherwise.
 */
export function reportFingerprint(report: ExecutionReport): string {
  const { kind, lastQty, lastPx, fee, execRefId, orderQty, limitPrice, stopPrice, reason } = report;
  const content = [kind, lastQty, lastPx, fee, execRefId, orderQty, limitPrice, stopPrice, reason];
  let hash = HASH_OFFSET;
  for (const character of JSON.stringify(content)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), HASH_PRIME);
  }
  return (hash >>> 0).toString(16).padStart(HASH_DIGITS, '0');
}

/** The entry that remembers a report; `raised` ones were recorded as an anomaly and not applied. */
export function seenEntry(report: ExecutionReport, how: 'applied' | 'raised'): string {
  return `${reportKey(report)}${how === 'applied' ? APPLIED : RAISED}${reportFingerprint(report)}`;
}

/**
 * Whether a report came before: `repeat` with equal content, `conflict` when another content was applied under the
 * same key. A report that was only raised (malformed, say) does not stand in the way of its corrected version.
 */
export function recognise(
  seenReports: readonly string[],
  report: ExecutionReport,
): 'fresh' | 'repeat' | 'conflict' {
  const key = reportKey(report);
  const length = key.length + 1 + HASH_DIGITS;
  const applied = seenEntry(report, 'applied');
  const raised = seenEntry(report, 'raised');
  let isConflict = false;
  for (const entry of seenReports) {
    if (entry === applied || entry === raised) return 'repeat';
    if (entry.length === length && entry.startsWith(key + APPLIED)) isConflict = true;
  }
  return isConflict ? 'conflict' : 'fresh';
}
