import { z } from 'zod';
import { orderIdParameter, symbolInput } from '../http/common.schemas';
import { problem } from '../http/problem';
import { answer, defineRoute, type Route } from '../http/route';
import { requestIdFor } from '../order-entry/change-order';
import { idempotencyHeaders, orderHintQuery, requestAnswerSchema } from '../order-entry/order.schemas';
import type { Services } from '../services';
import { quoteSchema, resolveBody } from './execution.schemas';

const TAG = 'Market and execution';

/** At what price things trade, and the end of outcomes that nobody knows. */
export function executionRoutes(services: Services): Route[] {
  return [quoteRoute(services), resolveRoute(services)];
}

function quoteRoute({ reads, marketData }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/quotes/{symbol}',
    operationId: 'getQuote',
    summary: 'Read the best bid and ask',
    tag: TAG,
    permission: 'readReference',
    entitlement: 'reference',
    limit: 'reads',
    params: z.object({ symbol: symbolInput }),
    answers: { 200: { description: 'The latest quote', schema: quoteSchema } },
    problems: [404],
    handle: async ({ params }) => {
      const quote = marketData.latest(params.symbol);
      if (quote === undefined) {
        const known = await reads.orUnavailable(() => reads.listInstruments());
        const exists = !known.ok || known.value.some(({ symbol }) => symbol === params.symbol);
        return problem(exists ? 'NO_MARKET_PRICE' : 'UNKNOWN_SYMBOL', exists ? {} : { status: 404 });
      }
      const { symbol, venue, bid, bidSize, ask, askSize, last, asOf, marketTime } = quote;
      return answer(200, {
        symbol,
        venue,
        bid: bid ?? null,
        bidSize: bidSize ?? null,
        ask: ask ?? null,
        askSize: askSize ?? null,
        last: last ?? null,
        asOf,
        marketTime: marketTime ?? null,
      });
    },
  });
}

function resolveRoute({ locator, changes }: Services): Route {
  return defineRoute({
    method: 'post',
    path: '/v1/orders/{orderId}/resolve',
    operationId: 'resolveOrder',
    summary: 'Resolve an unknown outcome, with evidence',
    tag: TAG,
    permission: 'resolveOrder',
    entitlement: 'order',
    limit: 'changes',
    params: z.object({ orderId: orderIdParameter }),
    query: orderHintQuery,
    headers: idempotencyHeaders,
    body: resolveBody,
    answers: { 202: { description: 'Resolved as said', schema: requestAnswerSchema } },
    problems: [404, 409, 413, 415, 422, 504],
    handle: async ({ params, query, headers, body, principal }) => {
      const located = await locator.locate(params.orderId, principal, query);
      if (located.kind === 'problem') return located;
      const requestId = requestIdFor('resolve', principal, located.place, headers['idempotency-key'], body);
      return await changes.resolve(located.place, { requestId, by: principal.name, ...body });
    },
  });
}
