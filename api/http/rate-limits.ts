import { rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import type { Response } from 'express';
import type { Principal } from '../auth/permissions';
import { problem } from './problem';
import { sendProblem } from './respond';

const WINDOW_MS = 1_000;

export interface RateLimits {
  orders: RateLimitRequestHandler;
  reads: RateLimitRequestHandler;
}

/** Counts requests a key and second, orders apart from reads, and says so in RateLimit headers (draft 8). */
export function createRateLimits(requestsPerSecondMax: number): RateLimits {
  return {
    orders: limiter('orders', requestsPerSecondMax),
    reads: limiter('reads', requestsPerSecondMax),
  };
}

function limiter(identifier: string, limit: number): RateLimitRequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit,
    identifier,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (_request, response) => principalOf(response).keyHash,
    handler: (_request, response) => sendProblem(response, problem('RATE_LIMITED')),
  });
}

/** The holder of the key of this request; present once authentication has passed. */
export function principalOf(response: Response): Principal {
  return response.locals['principal'] as Principal;
}
