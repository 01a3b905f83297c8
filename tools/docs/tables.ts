import { z } from 'zod';
import { problem, problemBody } from '../../api/http/problem';
import { configSchema } from '../../config/config';
import { METRICS } from '../../observability/metrics/catalog';
import type { MetricDefinition } from '../../observability/metrics/definition';
import { FOREIGN_METRICS } from '../../observability/metrics/foreign';
import { ERROR_CODES, type ErrorCode } from '../../domain/errors/error-codes';
import { logRecordSchema } from '../../observability/log-schema';

interface SettingSchema {
  type?: string;
  enum?: string[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  default?: string | number;
  description?: string;
}

/** Documents with a part that is written from the code, and the part's name in their markers. */
export const GENERATED_PARTS = [
  { document: 'docs/api.md', part: 'errors', table: errorTable },
  { document: 'docs/configuration.md', part: 'settings', table: settingsTable },
  { document: 'docs/logs.md', part: 'log-fields', table: logFieldTable },
  { document: 'docs/metrics.md', part: 'metrics', table: metricsTable },
  { document: 'docs/metrics.md', part: 'foreign metrics', table: foreignMetricsTable },
] as const;

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Every code that Steadfill answers with: its status as a problem of its own, and what it means. */
export function errorTable(): string {
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  const rows = codes.map((code) => {
    const refusal = problem(code);
    const retryable = problemBody(refusal, '')['retryable'] === true ? 'yes' : '';
    return row([`\`${code}\``, String(refusal.status), retryable, ERROR_CODES[code]]);
  });
  return ['| code | status | retryable | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Every setting of the one schema over the environment. */
export function settingsTable(): string {
  const { properties = {} } = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const rows = Object.entries(properties as Record<string, SettingSchema>).map(([name, setting]) =>
    row([`\`${name}\``, formOf(setting), defaultOf(setting), setting.description ?? '']),
  );
  return ['| setting | form | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Every field of a log line. */
export function logFieldTable(): string {
  const { properties = {}, required = [] } = z.toJSONSchema(logRecordSchema, { unrepresentable: 'any' });
  const rows = Object.entries(properties as Record<string, SettingSchema>).map(([name, field]) =>
    row([
      `\`${name}\``,
      field.type === 'number' ? 'number' : field.type === 'string' ? 'text' : 'object',
      required.includes(name) ? 'always' : '',
      field.description ?? '',
    ]),
  );
  return ['| field | form | there | says |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Every metric of ours, with the closed sets that its labels come from. */
export function metricsTable(): string {
  const definitions: MetricDefinition[] = Object.values(METRICS);
  const rows = definitions.map(({ name, type, source, help, labels }) => {
    const sets = Object.entries(labels).map(([label, set]) => `\`${label}\`: ${set}`);
    return row([`\`${name}\``, type, source, help, sets.join('; ') || 'none']);
  });
  const head = ['| metric | type | process | meaning | labels |', '| --- | --- | --- | --- | --- |'];
  return [...head, ...rows].join('\n');
}

/** Metrics of others that dashboards and alerts use. */
export function foreignMetricsTable(): string {
  const rows = Object.entries(FOREIGN_METRICS).map(([name, help]) => row([`\`${name}\``, help]));
  return ['| metric | meaning |', '| --- | --- |', ...rows].join('\n');
}

function formOf(setting: SettingSchema): string {
  if (setting.enum !== undefined) return setting.enum.map((value) => `\`${value}\``).join(', ');
  if (setting.pattern !== undefined) return `text, \`${setting.pattern}\``;
  if (setting.format === 'uri') return 'URL';
  if (setting.type === 'string') return 'text';
  const { minimum, maximum = Number.MAX_SAFE_INTEGER } = setting;
  const kind = setting.type === 'integer' ? 'whole number' : 'number';
  if (minimum === undefined) return kind;
  return maximum === Number.MAX_SAFE_INTEGER
    ? `${kind} from ${minimum}`
    : `${kind}, ${minimum} to ${maximum}`;
}

function defaultOf(setting: SettingSchema): string {
  return setting.default === undefined ? 'none' : `\`${setting.default}\``;
}

/** `text` with the part between its markers replaced by `table`. Throws when the markers are missing. */
export function replacePart(text: string, part: string, table: string): string {
  const begin = `<!-- generated: ${part} -->`;
  const end = `<!-- end: ${part} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document has no markers for the generated part "${part}"`);
  return `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`;
}
