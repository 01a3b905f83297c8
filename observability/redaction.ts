const REDACTED = '[redacted]';
const DEPTH_MAX = 6;
const ITEMS_MAX = 100;

/** Field names whose values never reach a log, in lower case and without separators. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'credentials',
  'key',
  'apikey',
  'passphrase',
  'password',
  'privatekey',
  'secret',
  'token',
]);

/** User info of a URI (`mongodb://user:password@host`): the password is a secret, the rest helps to find a fault. */
const URI_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi;
const BEARER = /\b(bearer\s+)[^\s"',]+/gi;

/** `text` without passwords of URIs and without bearer tokens. */
export function redactText(text: string): string {
  // Most texts hold neither, and a log line must stay cheap.
  const withoutPasswords = text.includes('://') ? text.replace(URI_PASSWORD, `$1${REDACTED}@`) : text;
  return /bearer\s/i.test(withoutPasswords)
    ? withoutPasswords.replace(BEARER, `$1${REDACTED}`)
    : withoutPasswords;
}

function isSecretName(name: string): boolean {
  return SECRET_NAMES.has(name.toLowerCase().replace(/[-_]/g, ''));
}

/**
 * A JSON-safe copy of a log field: secrets replaced, errors as plain objects with their cause, depth at most
 * {@link DEPTH_MAX} and at most {@link ITEMS_MAX} items a list, so that a record never fails or grows without bound.
 */
export function toLogValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? '[function]' : value;
  if (depth >= DEPTH_MAX) return '[too deep]';
  if (value instanceof Error) return errorToLogValue(value, depth);
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => toLogValue(item, depth + 1));
  // Dates, decimals of the database and the like know their own plain form.
  if (hasPlainForm(value)) return toLogValue(value.toJSON(), depth + 1);
  return redactFields(value, depth);
}

function hasPlainForm(value: object): value is { toJSON: () => unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    copy[name] = isSecretName(name) && value !== undefined ? REDACTED : toLogValue(value, depth + 1);
  }
  return copy;
}

function errorToLogValue(fault: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause, ...rest } = fault;
  return {
    name,
    message: redactText(message),
    ...redactFields(rest, depth),
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
    ...(cause === undefined ? {} : { cause: toLogValue(cause, depth + 1) }),
  };
}

/** The fields of one record, each made safe by name and by value. */
export function toLogFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactFields(fields, 0);
}
