import { rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import type { Response } from 'express';
import type { Principal } from '../auth/permissions';
import type { SharedHits } from '../cluster/shared-hits';
import { problem } from './problem';
import { sendProblem } from './respond';

export const RATE_WINDOW_MS = 1_000;

/**
 * Lanes: new orders, changes of orders that exist, and reads. Each is counted by itself, so that somebody who sends too
 * many orders can still cancel them.
 */
export type RateLane = 'orders' | 'changes' | 'reads';
export type RateLimits = Readonly<Record<RateLane, RateLimitRequestHandler>>;

/**
 * Counts requests a key, lane and second, and says so in RateLimit headers (draft 8). With `hits` the counts are those
 * of all processes that share them.
 */
export function createRateLimits(requestsPerSecondMax: number, hits?: SharedHits): RateLimits {
  const of = (lane: RateLane): RateLimitRequestHandler => limiter(lane, requestsPerSecondMax, hits);
  return { orders: of('orders'), changes: of('changes'), reads: of('reads') };
}

function limiter(identifier: RateLane, limit: number, hits: SharedHits | undefined): RateLimitRequestHandler {
  return rateLimit({
    windowMs: RATE_WINDOW_MS,
    limit,
    identifier,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    ...(hits === undefined ? {} : { store: hits.store(identifier) }),
    keyGenerator: (_request, response) => principalOf(response).keyHash,
    handler: (_request, response) => sendProblem(response, problem('RATE_LIMITED')),
  });
}

/** The holder of the key of this request; present once authentication has passed. */
export function principalOf(response: Response): Principal {
  return response.locals['principal'] as Principal;
}
