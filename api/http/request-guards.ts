import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Logger } from '../../observability/logger';
import { InvalidCursorError } from '../../storage/queries/page';
import { problem, type Problem } from './problem';
import { requestIdOf, sendProblem } from './respond';

export const BODY_BYTES_MAX = 16 * 1024;
/** An incoming id reaches logs and headers, so its length and characters are bounded. */
const REQUEST_ID_PATTERN = /^[A-Za-z0-9._:-]{1,128}$/;

const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** Gives each request its id (the caller's own when it is well formed) and the headers that every answer carries. */
export const identifyRequest: RequestHandler = (request, response, next) => {
  const given = request.get('X-Request-Id');
  const requestId = given !== undefined && REQUEST_ID_PATTERN.test(given) ? given : randomUUID();
  response.locals['requestId'] = requestId;
  response.set({ ...SECURITY_HEADERS, 'X-Request-Id': requestId });
  next();
};

/**
 * Reads a JSON body of at most `bytesMax`; any other content type is refused before a byte of the body is looked at.
 */
export function jsonBodyReader(bytesMax = BODY_BYTES_MAX): RequestHandler {
  const parseJson = express.json({ limit: bytesMax, strict: true, type: 'application/json' });
  return (request, response, next) => {
    if (request.is('application/json') === false || request.get('Content-Type') === undefined) {
      sendProblem(response, problem('UNSUPPORTED_MEDIA_TYPE'));
      return;
    }
    parseJson(request, response, next);
  };
}

/** Faults that express and its body parser raise by `type`. */
const PROBLEM_BY_FAULT_TYPE: Readonly<Record<string, (fault: HttpFault) => Problem>> = {
  'entity.too.large': ({ limit = BODY_BYTES_MAX }) =>
    problem('BODY_TOO_LARGE', { detail: `At most ${limit} bytes are taken.` }),
  'entity.parse.failed': () => problem('MALFORMED_REQUEST', { detail: 'The body is not JSON.' }),
  'charset.unsupported': () => problem('UNSUPPORTED_MEDIA_TYPE', { detail: 'The charset must be UTF-8.' }),
  'encoding.unsupported': () =>
    problem('UNSUPPORTED_MEDIA_TYPE', { detail: 'This content encoding is not taken.' }),
  'request.aborted': () => problem('MALFORMED_REQUEST', { detail: 'The body ended early.' }),
  'request.size.invalid': () =>
    problem('MALFORMED_REQUEST', { detail: 'Content-Length does not fit the body.' }),
};

interface HttpFault extends Error {
  type?: string;
  status?: number;
  /** The limit that a body was larger than, in bytes. */
  limit?: number;
}

/** The last resort: known faults of the transport are the client's, anything else is a bug of ours and is logged. */
export function handleFaults(logger: Logger): ErrorRequestHandler {
  return (fault: HttpFault, request, response, next) => {
    void next;
    const known = fault.type === undefined ? undefined : PROBLEM_BY_FAULT_TYPE[fault.type];
    if (known !== undefined) return sendProblem(response, known(fault));
    if (fault instanceof InvalidCursorError) {
      const errors = [{ pointer: '/query/cursor', code: 'MALFORMED_REQUEST', message: fault.message }];
      return sendProblem(response, problem('MALFORMED_REQUEST', { errors }));
    }
    if (
      fault instanceof URIError ||
      (fault.status !== undefined && fault.status >= 400 && fault.status < 500)
    ) {
      return sendProblem(response, problem('MALFORMED_REQUEST', { detail: 'The request cannot be read.' }));
    }
    const requestId = requestIdOf(response);
    logger.error('request failed', {
      requestId,
      method: request.method,
      path: request.path,
      error: fault.stack,
    });
    sendProblem(response, problem('INTERNAL_ERROR'));
  };
}
