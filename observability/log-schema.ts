import { z } from 'zod';
import { LOG_LEVELS } from './log-levels';

const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const text = z.string();
const count = z.number();

/**
 * The one schema of a log line. These names are all that stands at the top level; whatever else a message has goes
 * under `detail`, so that whoever collects logs meets a fixed set of fields.
 */
export const logRecordSchema = z.strictObject({
  time: z.iso.datetime({ precision: 3 }).describe('when it happened, UTC with milliseconds'),
  level: z.enum(Object.keys(LOG_LEVELS) as [keyof typeof LOG_LEVELS]).describe('how grave it is'),
  msg: text.describe('what happened, in fixed words; what varies is in the fields'),
  component: text.regex(/^[a-z][a-z0-9-]*$/).describe('the process that says so'),
  requestId: text.optional().describe('HTTP request: `X-Request-Id`'),
  orderId: text.optional().describe('order'),
  clientOrderId: text.optional().describe("the client's own id of the order"),
  account: text.optional().describe('account, never the name of a person'),
  workflowId: text.optional().describe('workflow, `order:<account>:<clientOrderId>` for an order'),
  runId: text.optional().describe('run of the workflow'),
  clOrdId: text.optional().describe('message to the venue, `<orderId>-<n>`'),
  execId: text.optional().describe("the venue's id of an execution report"),
  venue: text.optional().describe('venue'),
  trace_id: text.regex(TRACE_ID).optional().describe('trace'),
  span_id: text.regex(SPAN_ID).optional().describe('span within the trace'),
  outcome: text.optional().describe('how a step turned out'),
  state: text.optional().describe('lifecycle state of the order after it'),
  sequence: count.optional().describe('number of the last event of the order that it knows'),
  kind: text.optional().describe('kind of an execution report'),
  code: text.optional().describe('error code'),
  reason: text.optional().describe('cause in words of a program, never those of a person'),
  method: text.optional().describe('HTTP method'),
  path: text.optional().describe('HTTP path without its query'),
  status: count.optional().describe('HTTP status'),
  durationMs: count
    .optional()
    .describe('milliseconds that it took; of an admission, what was left of it when its activity began'),
  attempt: count.optional().describe('which attempt of an activity'),
  count: count.optional().describe('how many things it is about'),
  taskQueue: text.optional().describe('Temporal task queue'),
  buildId: text.optional().describe('build'),
  url: text.optional().describe('address that a process listens at or speaks to'),
  port: count.optional().describe('port that a process listens at'),
  sdkComponent: text.optional().describe('part of the Temporal SDK that speaks'),
  fault: z
    .union([text, z.record(z.string(), z.unknown())])
    .optional()
    .describe('error: name, message, stack, cause'),
  detail: z.record(z.string(), z.unknown()).optional().describe('everything else'),
});

export type LogLine = z.infer<typeof logRecordSchema>;

type Kind = 'string' | 'number' | 'fault' | 'trace' | 'span';
const TEXT_FIELDS =
  'requestId orderId clientOrderId account workflowId runId clOrdId execId venue outcome state ' +
  'kind code reason method path taskQueue buildId url sdkComponent';
const NUMBER_FIELDS = 'sequence status durationMs attempt count port';

/** The kinds of the optional fields, apart from the schema because each line asks for them. */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...TEXT_FIELDS.split(' ').map((name): [string, Kind] => [name, 'string']),
  ...NUMBER_FIELDS.split(' ').map((name): [string, Kind] => [name, 'number']),
  ['fault', 'fault'],
  ['trace_id', 'trace'],
  ['span_id', 'span'],
]);

/** Sorts redacted fields into those of the schema and the rest. What has a known name and another kind is rest. */
export function arrangeFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const arranged: Record<string, unknown> = {};
  let detail: Record<string, unknown> | undefined;
  for (const [given, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    // The SDK calls it `error`.
    const name = given === 'error' && fields['fault'] === undefined ? 'fault' : given;
    if (fits(KINDS.get(name), value)) arranged[name] = value;
    else (detail ??= {})[given] = value;
  }
  if (detail !== undefined) arranged['detail'] = detail;
  return arranged;
}

function fits(kind: Kind | undefined, value: unknown): boolean {
  switch (kind) {
    case undefined:
      return false;
    case 'fault':
      return typeof value === 'string' || isPlainObject(value);
    case 'trace':
      return typeof value === 'string' && TRACE_ID.test(value);
    case 'span':
      return typeof value === 'string' && SPAN_ID.test(value);
    case 'string':
      return typeof value === 'string';
    case 'number':
      return Number.isFinite(value);
  }
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
