import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { OrderView } from '../../domain/order/order-view';
import type { Authenticator } from '../auth/authenticator';
import { bearerKey } from '../auth/api-key';
import { accountScope, mayUseAccount, PERMISSIONS_BY_ROLE, type Principal } from '../auth/permissions';
import { problem, type Problem } from './problem';
import { principalOf, type RateLimits } from './rate-limits';
import { jsonBodyReader } from './request-guards';
import { requestIdOf, sendAnswer, sendProblem } from './respond';
import type { HttpMethod, Reply, Route } from './route';
import { parsePart } from './validation';

export interface MountDependencies {
  authenticator: Authenticator;
  limits: RateLimits;
  isDraining: () => boolean;
}

/** Turns the table of routes into a router: each path answers 405 with Allow to methods that it does not have. */
export function mountRoutes(routes: readonly Route[], dependencies: MountDependencies): Router {
  const router = Router({ caseSensitive: true, strict: false });
  for (const path of new Set(routes.map((route) => route.path))) {
    const here = routes.filter((route) => route.path === path);
    const mounted = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const route of here) mounted[route.method](...chainOf(route, dependencies));
    mounted.all(refuseMethod(here.map((route) => route.method)));
  }
  return router;
}

/** Answers 405 and names the methods that the path does have. */
export function refuseMethod(methods: readonly HttpMethod[]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  return (_request, response) => {
    sendProblem(response, problem('METHOD_NOT_ALLOWED', { headers: { Allow: allowed.join(', ') } }));
  };
}

function chainOf(route: Route, dependencies: MountDependencies): RequestHandler[] {
  const chain: RequestHandler[] = [
    nameRoute(route.path),
    refuseWhileDraining(dependencies.isDraining),
    authenticate(dependencies.authenticator),
    dependencies.limits[route.limit],
    authorise(route),
  ];
  if (route.body !== undefined) chain.push(jsonBodyReader(route.bodyBytesMax));
  chain.push((request, response) => run(route, request, response, dependencies.limits));
  return chain;
}

/** The path of the table, not of the request, so that metrics have few labels. */
function nameRoute(path: string): RequestHandler {
  return (_request, response, next) => {
    response.locals['route'] = path;
    next();
  };
}

function refuseWhileDraining(isDraining: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (!isDraining()) return next();
    sendProblem(response, problem('SHUTTING_DOWN', { headers: { Connection: 'close' } }));
  };
}

function authenticate(authenticator: Authenticator): RequestHandler {
  return async (request, response, next) => {
    const key = bearerKey(request.get('Authorization'));
    const verdict = key === undefined ? undefined : await authenticator.authenticate(key);
    if (verdict?.outcome === 'valid') {
      response.locals['principal'] = verdict.principal;
      return next();
    }
    const refusal =
      verdict?.outcome === 'unavailable'
        ? problem('SERVICE_UNAVAILABLE', { detail: 'API keys cannot be checked at the moment.' })
        : problem('UNAUTHENTICATED', { headers: { 'WWW-Authenticate': 'Bearer realm="steadfill"' } });
    sendProblem(response, refusal);
  };
}

function authorise(route: Route): RequestHandler {
  return (_request, response, next) => {
    const { role } = principalOf(response);
    if (PERMISSIONS_BY_ROLE[role].has(route.permission)) return next();
    const detail = `The role ${role} may not ${route.summary.charAt(0).toLowerCase()}${route.summary.slice(1)}.`;
    sendProblem(response, problem('FORBIDDEN_ROLE', { detail }));
  };
}

async function run(route: Route, request: Request, response: Response, limits: RateLimits): Promise<void> {
  const parsed: Record<string, unknown> = {};
  for (const part of ['params', 'query', 'headers', 'body'] as const) {
    const schema = route[part];
    if (schema === undefined) continue;
    const result = parsePart(schema, request[part], part);
    if (!result.ok) return sendProblem(response, result.problem);
    parsed[part] = result.value;
  }
  const principal = principalOf(response);
  const more = (route.weight?.(parsed['body']) ?? 1) - 1;
  if (more > 0 && !(await limits.charge(route.limit, principal, more)))
    return sendProblem(response, problem('RATE_LIMITED'));
  const scope = scopeOf(route, parsed, principal);
  if ('kind' in scope) return sendProblem(response, scope);
  const reply = await route.handle({
    params: parsed['params'],
    query: parsed['query'],
    body: parsed['body'],
    headers: parsed['headers'],
    principal,
    accounts: scope.accounts,
    requestId: requestIdOf(response),
    request,
    response,
  });
  noteOrder(response, reply, parsed['params']);
  if (reply.kind === 'problem') response.locals['problemCode'] = reply.code;
  if (reply.kind === 'answer') sendAnswer(response, reply);
  else if (reply.kind === 'problem') sendProblem(response, reply);
}

/** Leaves for the log line which order the request was about. */
function noteOrder(response: Response, reply: Reply, params: unknown): void {
  const held = reply.kind === 'answer' ? (reply.body as { order?: OrderView }).order : undefined;
  const order = held ?? (reply.kind === 'problem' ? reply.order : undefined);
  const orderId = order?.orderId ?? (params as { orderId?: string } | undefined)?.orderId;
  if (orderId === undefined) return;
  response.locals['orderFields'] = {
    orderId,
    ...(order === undefined
      ? {}
      : { clientOrderId: order.clientOrderId, workflowId: order.workflowId, state: order.state }),
  };
}

const PART_OF_ENTITLEMENT = { body: 'body', query: 'query', filter: 'query', path: 'params' } as const;

/** The accounts that this request may touch, or a refusal when it names one that the key does not own. */
function scopeOf(
  route: Route,
  parsed: Readonly<Record<string, unknown>>,
  principal: Principal,
): { accounts: readonly string[] | undefined } | Problem {
  const { entitlement } = route;
  if (entitlement === 'order' || entitlement === 'firm' || entitlement === 'reference') {
    return { accounts: accountScope(principal) };
  }
  const named = (parsed[PART_OF_ENTITLEMENT[entitlement]] as { account?: string } | undefined)?.account;
  if (named === undefined) return { accounts: accountScope(principal) };
  if (!mayUseAccount(principal, named)) return problem('FORBIDDEN_ACCOUNT');
  return { accounts: [named] };
}
