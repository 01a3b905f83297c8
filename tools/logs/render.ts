import type { FoundLine } from './order-lines';

/** Said once at the top, so not again on every line. */
const SAID: ReadonlySet<string> = new Set([
  'orderId',
  'workflowId',
  'clientOrderId',
  'account',
  'span_id',
  'runId',
]);

/** One line for people: when, who, what, and the fields that differ from line to line. */
export function toText(line: FoundLine): string {
  const { time, level, msg, component, detail, fault, ...fields } = line;
  const facts = Object.entries({ ...fields, ...detail })
    .filter(([name, value]) => value !== undefined && !SAID.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const why = fault === undefined ? [] : [`fault=${faultText(fault)}`];
  const grade = level === 'info' ? '     ' : level.toUpperCase().padEnd(5);
  return [time, grade, component.padEnd(16), msg, ...facts, ...why].join(' ').trimEnd();
}

function faultText(fault: NonNullable<FoundLine['fault']>): string {
  return typeof fault === 'string' ? fault : `${String(fault['name'])}: ${String(fault['message'])}`;
}

/** By time; lines of the same millisecond stay in the order in which they were found. */
export function byTime(lines: readonly FoundLine[]): FoundLine[] {
  return [...lines].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}
