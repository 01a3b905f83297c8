import { MemoryStore, rateLimit, type RateLimitRequestHandler, type Store } from 'express-rate-limit';
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
export interface RateLimits extends Readonly<Record<RateLane, RateLimitRequestHandler>> {
  /** Counts more hits of a request that is about several things; false when that is over the limit. */
  charge(lane: RateLane, principal: Principal, hits: number): Promise<boolean>;
}

/**
 * Counts requests a key, lane and second, and says so in RateLimit headers (draft 8). With `hits` the counts are those
 * of all processes that share them.
 */
export function createRateLimits(requestsPerSecondMax: number, hits?: SharedHits): RateLimits {
  const stores = new Map<RateLane, Store>();
  const of = (lane: RateLane): RateLimitRequestHandler => {
    const store = hits?.store(lane) ?? new MemoryStore();
    stores.set(lane, store);
    return limiter(lane, requestsPerSecondMax, store);
  };
  return {
    orders: of('orders'),
    changes: of('changes'),
    reads: of('reads'),
    charge: async (lane, { keyHash }, count) => {
      let totalHits = 0;
      for (let hit = 0; hit < count; hit += 1)
        totalHits = (await stores.get(lane)?.increment(keyHash))?.totalHits ?? 0;
      return totalHits <= requestsPerSecondMax;
    },
  };
}

function limiter(identifier: RateLane, limit: number, store: Store): RateLimitRequestHandler {
  return rateLimit({
    windowMs: RATE_WINDOW_MS,
    limit,
    identifier,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    store,
    keyGenerator: (_request, response) => principalOf(response).keyHash,
    handler: (_request, response) => sendProblem(response, problem('RATE_LIMITED')),
  });
}

/** The holder of the key of this request; present once authentication has passed. */
export function principalOf(response: Response): Principal {
  return response.locals['principal'] as Principal;
}
