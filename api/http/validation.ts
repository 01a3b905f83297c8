import type { z } from 'zod';
import { problem, type Problem, type ProblemError } from './problem';

/** RFC 6901: `~` and `/` inside a segment are escaped. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Where a part of the request that is not its body appears in a pointer. */
type RequestPart = 'params' | 'query' | 'headers' | 'body';

export type Parsed = { ok: true; value: unknown } | { ok: false; problem: Problem };

/** Parses one part of a request. Every fault is named with its pointer; body pointers start at the body's root. */
export function parsePart(schema: z.ZodType, input: unknown, part: RequestPart): Parsed {
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, value: result.data };
  const prefix = part === 'body' ? '' : `/${part}`;
  const errors = result.error.issues.flatMap((issue) => errorsOfIssue(issue, prefix));
  return { ok: false, problem: problem('MALFORMED_REQUEST', { errors }) };
}

function errorsOfIssue(issue: z.core.$ZodIssue, prefix: string): ProblemError[] {
  const at = `${prefix}${jsonPointer(issue.path)}`;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: `${at}${jsonPointer([key])}`,
      code: 'MALFORMED_REQUEST',
      message: 'is not a known field',
    }));
  }
  return [{ pointer: at, code: 'MALFORMED_REQUEST', message: messageOf(issue) }];
}

/** What is left out is said to be missing, and not to be of the wrong type. */
function messageOf({ code, message }: z.core.$ZodIssue): string {
  return code === 'invalid_type' && message.endsWith('received undefined') ? 'is missing' : message;
}
