import { ALL_ACCOUNTS, mayUseAccount, type Principal } from '../auth/permissions';
import { isoNow } from '../clock';
import { problem } from '../http/problem';
import { answer, defineRoute, type Route } from '../http/route';
import type { Services } from '../services';
import { haltBody, haltListSchema, haltParams, haltSchema } from './risk.schemas';

const TAG = 'Risk';

/** Stopping and resuming trading. */
export function riskRoutes(services: Services): Route[] {
  return [setHaltRoute(services), listHaltsRoute(services)];
}

/** A halt of one account needs that account; any wider halt touches everybody's and needs them all. */
function mayHalt(principal: Principal, scope: string, id: string): boolean {
  return scope === 'account' ? mayUseAccount(principal, id) : principal.accounts.includes(ALL_ACCOUNTS);
}

function setHaltRoute({ reads, clock, logger }: Services): Route {
  return defineRoute({
    method: 'put',
    path: '/v1/halts/{scope}/{id}',
    operationId: 'setHalt',
    summary: 'Halt or resume trading',
    tag: TAG,
    permission: 'setHalt',
    entitlement: 'firm',
    limit: 'changes',
    params: haltParams,
    body: haltBody,
    answers: { 200: { description: 'In force for every order from now on', schema: haltSchema } },
    problems: [413, 415],
    handle: async ({ params, body, principal, requestId }) => {
      const { scope, id } = params;
      if (!mayHalt(principal, scope, id)) return problem('FORBIDDEN_ACCOUNT');
      const halt = { scope, id, ...body, by: principal.name, at: isoNow(clock) };
      const written = await reads.orUnavailable(() => reads.setHalt(halt));
      if (!written.ok)
        return problem('SERVICE_UNAVAILABLE', { detail: 'The halt may not be in force; repeat it.' });
      // Who did it and why is in the halt itself; a log names no person.
      logger.warn('halt set', { requestId, scope, id, halted: halt.halted });
      return answer(200, halt);
    },
  });
}

function listHaltsRoute({ reads, clock }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/halts',
    operationId: 'listHalts',
    summary: 'List halts, in force or lifted',
    tag: TAG,
    permission: 'readHalts',
    entitlement: 'reference',
    limit: 'reads',
    answers: { 200: { description: 'All halts', schema: haltListSchema } },
    handle: async () => {
      const asOf = isoNow(clock);
      const found = await reads.orUnavailable(() => reads.listHalts());
      if (!found.ok) return problem('SERVICE_UNAVAILABLE', { detail: 'Halts cannot be read.' });
      return answer(200, { items: found.value, nextCursor: null, asOf });
    },
  });
}
