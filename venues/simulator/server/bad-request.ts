import type { z } from 'zod';

/** A refusal of the request itself: it had no effect, and its ClOrdID stays free. */
export class BadRequest extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'BadRequest';
    this.status = status;
    this.code = code;
  }
}

/** The body or query by its schema. Throws BadRequest with every fault. */
export function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new BadRequest(400, 'MALFORMED_REQUEST', faults.join('; '));
}
