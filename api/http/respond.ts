import type { Response } from 'express';
import { currentTraceId } from '../../observability/trace-context';
import { problemBody, type Problem } from './problem';
import type { Answer } from './route';

export function sendAnswer(response: Response, { status, body, headers }: Answer): void {
  if (headers !== undefined) response.set(headers);
  response.status(status).json(body);
}

/** Sends a refusal as RFC 9457 problem details; a response that began already can only be cut off. */
export function sendProblem(response: Response, refusal: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (refusal.retryAfterSeconds !== undefined && !response.hasHeader('Retry-After')) {
    response.set('Retry-After', String(refusal.retryAfterSeconds));
  }
  if (refusal.headers !== undefined) response.set(refusal.headers);
  const body = problemBody(refusal, requestIdOf(response), currentTraceId());
  response.status(refusal.status).type('application/problem+json').send(JSON.stringify(body));
}

export function requestIdOf(response: Response): string {
  return String(response.locals['requestId'] ?? '');
}
