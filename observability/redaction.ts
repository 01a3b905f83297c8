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

/** Field names that hold people's names or words; they belong to the record of an order, not to a log. */
const PERSONAL_NAMES: ReadonlySet<string> = new Set([
  'by',
  'email',
  'enteredby',
  'evidence',
  'phone',
  'trader',
  'username',
]);

/** User info of a URI (`mongodb://user:password@host`): the password is a secret, the rest helps to find a fault. */
const URI_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi;
const BEARER = /\b(bearer\s+)[^\s"',]+/gi;
/** Our own keys begin like this, wherever they stand. */
const OWN_KEY = /\bsf_[A-Za-z0-9_-]{16,}/g;
const EMAIL = /[\w.+-]{1,64}@[\w-]{1,64}(\.[\w-]{1,64})+/g;

/** `text` without passwords of URIs, bearer tokens, keys of ours and mail addresses. */
export function redactText(text: string): string {
  let clean = text;
  // Most texts hold none of it, and a log line must stay cheap.
  if (clean.includes('://')) clean = clean.replace(URI_PASSWORD, `$1${REDACTED}@`);
  if (clean.includes('earer ') || clean.includes('EARER ')) clean = clean.replace(BEARER, `$1${REDACTED}`);
  if (clean.includes('sf_')) clean = clean.replace(OWN_KEY, REDACTED);
  if (clean.includes('@')) clean = clean.replace(EMAIL, REDACTED);
  return clean;
}

/** True when a value under this name must not be seen: a secret, or the name or words of a person. */
function isHiddenName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_]/g, '');
  return SECRET_NAMES.has(plain) || PERSONAL_NAMES.has(plain);
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
    copy[name] = isHiddenName(name) && value !== undefined ? REDACTED : toLogValue(value, depth + 1);
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
