import { ALL_ACCOUNTS, type Principal } from '../auth/permissions';
import { isoNow } from '../clock';
import { problem } from '../http/problem';
import { answer, defineRoute, type Reply, type Route } from '../http/route';
import type { Services } from '../services';
import { putInstrumentVersion, setInstrumentFlags } from './instrument-desk';
import { shownAudit, shownInFull, shownNow, shownOn } from './instrument-view';
import {
  instrumentDetailSchema,
  instrumentHistoryQuery,
  instrumentHistorySchema,
  instrumentListQuery,
  instrumentListSchema,
  instrumentParams,
  putVersionBody,
  setFlagsBody,
} from './instrument.schemas';

const TAG = 'Instruments';
const UNREADABLE = { detail: 'Instruments cannot be read.' };

/** What can be traded by which rules, and the changes of them. */
export function instrumentRoutes(services: Services): Route[] {
  return [
    listRoute(services),
    readRoute(services),
    putVersionRoute(services),
    setFlagsRoute(services),
    historyRoute(services),
  ];
}

function listRoute({ reads, clock }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/instruments',
    operationId: 'listInstruments',
    summary: 'List instruments',
    tag: TAG,
    permission: 'readReference',
    entitlement: 'reference',
    limit: 'reads',
    query: instrumentListQuery,
    answers: { 200: { description: 'All instruments', schema: instrumentListSchema } },
    handle: async ({ query }) => {
      const asOf = isoNow(clock);
      const found = await reads.orUnavailable(() =>
        Promise.all([reads.listInstruments(), reads.listHalts()]),
      );
      if (!found.ok) return problem('SERVICE_UNAVAILABLE', UNREADABLE);
      const [instruments, halts] = found.value;
      const items =
        query.on === undefined
          ? instruments.map((instrument) => shownNow(instrument, halts, asOf))
          : shownOn(instruments, halts, query.on);
      return answer(200, { items, nextCursor: null, asOf });
    },
  });
}

function readRoute({ reads, clock }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/instruments/{symbol}',
    operationId: 'getInstrument',
    summary: 'Read an instrument with all its versions',
    tag: TAG,
    permission: 'readReference',
    entitlement: 'reference',
    limit: 'reads',
    params: instrumentParams,
    answers: { 200: { description: 'The instrument', schema: instrumentDetailSchema } },
    problems: [404],
    handle: async ({ params }) => {
      const found = await reads.orUnavailable(() =>
        Promise.all([reads.findInstrument(params.symbol), reads.listHalts()]),
      );
      if (!found.ok) return problem('SERVICE_UNAVAILABLE', UNREADABLE);
      const [instrument, halts] = found.value;
      if (instrument === undefined) return unknown(params.symbol);
      return answer(200, shownInFull(instrument, halts, isoNow(clock)));
    },
  });
}

const unknown = (symbol: string): Reply =>
  problem('UNKNOWN_SYMBOL', { detail: `There is no instrument ${symbol}.` });

/** A change of an instrument touches everybody who trades it, so it needs a key for all accounts. */
function mayChange({ accounts }: Principal): boolean {
  return accounts.includes(ALL_ACCOUNTS);
}

function putVersionRoute({ reads, clock }: Services): Route {
  return defineRoute({
    method: 'put',
    path: '/v1/instruments/{symbol}',
    operationId: 'putInstrumentVersion',
    summary: 'Put rules of an instrument on record, from a day on',
    tag: TAG,
    permission: 'changeInstrument',
    entitlement: 'firm',
    limit: 'changes',
    params: instrumentParams,
    body: putVersionBody,
    answers: {
      200: { description: 'The instrument with the version', schema: instrumentDetailSchema },
      201: { description: 'A new instrument', schema: instrumentDetailSchema },
    },
    problems: [409, 413, 415, 422],
    handle: async ({ params: { symbol }, body, principal }) => {
      if (!mayChange(principal)) return problem('FORBIDDEN_ACCOUNT');
      return await putInstrumentVersion({ reads, symbol, principal, now: isoNow(clock) }, body);
    },
  });
}

function setFlagsRoute({ reads, clock, logger }: Services): Route {
  return defineRoute({
    method: 'patch',
    path: '/v1/instruments/{symbol}',
    operationId: 'setInstrumentFlags',
    summary: 'Stop, resume or end trading in an instrument',
    tag: TAG,
    permission: 'changeInstrument',
    entitlement: 'firm',
    limit: 'changes',
    params: instrumentParams,
    body: setFlagsBody,
    answers: { 200: { description: 'In force within five seconds', schema: instrumentDetailSchema } },
    problems: [404, 409, 413, 415, 422],
    handle: async ({ params: { symbol }, body, principal, requestId }) => {
      if (!mayChange(principal)) return problem('FORBIDDEN_ACCOUNT');
      const reply = await setInstrumentFlags({ reads, symbol, principal, now: isoNow(clock) }, body);
      // Who did it and why is in the audit trail; a log names no person.
      if (reply.kind === 'answer') logger.warn('instrument flags set', { requestId, symbol });
      return reply;
    },
  });
}

function historyRoute({ reads, clock }: Services): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/instruments/{symbol}/history',
    operationId: 'getInstrumentHistory',
    summary: 'Read who changed an instrument, newest first',
    tag: TAG,
    permission: 'readInstrumentHistory',
    entitlement: 'firm',
    limit: 'reads',
    params: instrumentParams,
    query: instrumentHistoryQuery,
    answers: { 200: { description: 'A page of changes', schema: instrumentHistorySchema } },
    handle: async ({ params: { symbol }, query: { limit, cursor } }) => {
      const asOf = isoNow(clock);
      const page = await reads.orUnavailable(() => reads.listInstrumentAudit({ symbol, limit, cursor }));
      if (!page.ok) return problem('SERVICE_UNAVAILABLE', UNREADABLE);
      const { items, nextCursor } = page.value;
      return answer(200, { items: items.map(shownAudit), nextCursor, asOf });
    },
  });
}
