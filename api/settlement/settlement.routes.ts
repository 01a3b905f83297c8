import { z } from 'zod';
import type { Price } from '../../domain/money/decimal';
import { isoNow } from '../clock';
import { identifier } from '../http/common.schemas';
import { problem } from '../http/problem';
import { answer, defineRoute, type Route } from '../http/route';
import type { Services } from '../services';
import { accountSchema, positionListSchema, positionQuery } from './settlement.schemas';

const TAG = 'Settlement';

/** What accounts own and owe, traded and settled. */
export function settlementRoutes(services: Services): Route[] {
  return [positionsRoute(services), accountRoute(services)];
}

function positionsRoute({ reads, clock, marketData }: Services): Route {
  /** Valued at the last trade, or for want of one at the bid. */
  const mark = (symbol: string): Price | undefined => {
    const quote = marketData.latest(symbol);
    return quote?.last ?? quote?.bid;
  };
  return defineRoute({
    method: 'get',
    path: '/v1/positions',
    operationId: 'listPositions',
    summary: 'List positions',
    tag: TAG,
    permission: 'readAccounts',
    entitlement: 'filter',
    limit: 'reads',
    query: positionQuery,
    answers: { 200: { description: 'All positions', schema: positionListSchema } },
    handle: async ({ accounts }) => {
      const asOf = isoNow(clock);
      const found = await reads.orUnavailable(() => reads.listPositions(accounts, mark));
      if (!found.ok) return problem('SERVICE_UNAVAILABLE', { detail: 'Positions cannot be read.' });
      return answer(200, { items: found.value, nextCursor: null, asOf });
    },
  });
}

function accountRoute({ reads, clock }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/accounts/{account}',
    operationId: 'getAccount',
    summary: 'Read an account',
    tag: TAG,
    permission: 'readAccounts',
    entitlement: 'path',
    limit: 'reads',
    params: z.object({ account: identifier }),
    answers: { 200: { description: 'The account', schema: accountSchema } },
    problems: [404],
    handle: async ({ params }) => {
      const asOf = isoNow(clock);
      const found = await reads.orUnavailable(() => reads.readAccount(params.account));
      if (!found.ok) return problem('SERVICE_UNAVAILABLE', { detail: 'The account cannot be read.' });
      return found.value === undefined ? problem('NOT_FOUND') : answer(200, { ...found.value, asOf });
    },
  });
}
