import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../domain/errors/error-codes';
import type { Reason } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';
import { fixReasonOutput, nearestSchema, orderSchema } from '../order-entry/order.schemas';

/** One fault inside a problem; `pointer` is an RFC 6901 JSON pointer into the request, empty for the whole of it. */
export interface ProblemError {
  pointer: string;
  code: string;
  message: string;
  value?: string;
  limit?: string;
  /** The valid values next to a value that would have to be rounded. */
  nearest?: { below?: string; above?: string };
  /** FIX OrdRejReason(103) by number. */
  fixReason?: string;
}

/** A refusal as data: handlers return it, middleware sends it, and only bugs are thrown. */
export interface Problem {
  kind: 'problem';
  status: number;
  code: ErrorCode;
  detail?: string;
  errors: ProblemError[];
  retryAfterSeconds?: number;
  /** The order as it is now, where the refusal is about one. */
  order?: OrderView;
  headers?: Readonly<Record<string, string>>;
}

/** HTTP status by code, for codes that travel as a problem on their own. Denials of an order are always 422. */
const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  MALFORMED_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN_ACCOUNT: 403,
  FORBIDDEN_ROLE: 403,
  NOT_FOUND: 404,
  UNKNOWN_SYMBOL: 404,
  METHOD_NOT_ALLOWED: 405,
  CLIENT_ORDER_ID_CONFLICT: 409,
  LIST_ID_CONFLICT: 409,
  CANCEL_PENDING: 409,
  REPLACE_PENDING: 409,
  ORDER_CLOSED: 409,
  ORDER_NOT_OPEN: 409,
  OUTCOME_NOT_UNKNOWN: 409,
  INVALID_TRANSITION: 409,
  DUPLICATE_REQUEST: 409,
  INSTRUMENT_CHANGED: 409,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  OVERLOADED: 429,
  INTERNAL_ERROR: 500,
  TOO_BUSY: 503,
  SERVICE_UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
  NO_MARKET_PRICE: 503,
  VENUE_UNAVAILABLE: 503,
  ORDER_OUTCOME_UNKNOWN: 504,
  REQUEST_OUTCOME_UNKNOWN: 504,
};

const RETRYABLE_STATUSES = new Set([429, 500, 503, 504]);
const RETRY_AFTER_DEFAULT_SECONDS = 1;

/** A problem for `code`; the status follows from the code unless `options.status` says otherwise (422 is the rest). */
export function problem(code: ErrorCode, options: Partial<Omit<Problem, 'kind' | 'code'>> = {}): Problem {
  const status = options.status ?? STATUS_BY_CODE[code] ?? 422;
  const retryAfter =
    status === 429 || status === 503 ? { retryAfterSeconds: RETRY_AFTER_DEFAULT_SECONDS } : {};
  return { kind: 'problem', code, errors: [], ...retryAfter, ...options, status };
}

/** True when `code` is one of the closed set, so that text from elsewhere never becomes a code of ours. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}

/** Breaches of an order or of an amendment, in the form of problem errors. */
export function errorsOfReasons(reasons: readonly Reason[]): ProblemError[] {
  return reasons.map(({ field, ...reason }) => ({
    pointer: field === undefined ? '' : `/${field}`,
    ...reason,
  }));
}

/** A 422: our validation, risk or rules refused, and nothing was sent. Every breach is named. */
export function denial(reasons: readonly Reason[], order: OrderView): Problem {
  const first = reasons[0];
  const code = isErrorCode(first?.code) ? first.code : 'VENUE_REJECTED';
  return problem(code, {
    status: 422,
    errors: errorsOfReasons(reasons),
    order,
    ...(first === undefined ? {} : { detail: first.message }),
  });
}

/** The body of a problem response (RFC 9457). */
export function problemBody(refusal: Problem, requestId: string, traceId?: string): Record<string, unknown> {
  return {
    type: `urn:steadfill:problem:${refusal.code}`,
    title: ERROR_CODES[refusal.code],
    status: refusal.status,
    ...(refusal.detail === undefined ? {} : { detail: refusal.detail }),
    code: refusal.code,
    errors: refusal.errors,
    requestId,
    retryable: RETRYABLE_STATUSES.has(refusal.status),
    ...(traceId === undefined ? {} : { traceId }),
    ...(refusal.order === undefined ? {} : { order: refusal.order }),
  };
}

const errorCodeNames = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

export const problemErrorSchema = z.object({
  pointer: z.string().meta({ description: 'JSON pointer into the request; empty for the whole of it' }),
  code: z.string(),
  message: z.string(),
  value: z.string().optional(),
  limit: z.string().optional(),
  nearest: nearestSchema.optional(),
  fixReason: fixReasonOutput.optional(),
});

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.enum(errorCodeNames),
    errors: z.array(problemErrorSchema),
    requestId: z.string(),
    retryable: z.boolean(),
    traceId: z.string().optional(),
    order: orderSchema.optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details. Switch on `code`; texts may change.' });
