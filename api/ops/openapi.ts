import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { problemSchema } from '../http/problem';
import type { Route, RouteAnswer } from '../http/route';

type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

/** Every route may answer with these; a route adds its own. */
const COMMON_PROBLEMS = [400, 401, 403, 429, 500, 503] as const;

const PROBLEM_DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is malformed; nothing was done',
  401: 'No valid key was given',
  403: 'The key may not do this, or not for this account',
  404: 'There is no such thing, or it is not yours',
  409: 'Impossible now; the current order is in the problem where there is one',
  413: 'The body is too large',
  415: 'The body must be JSON',
  422: 'Denied by validation, rules or risk, with every breach; nothing was sent',
  429: 'Too much at once; see Retry-After',
  500: 'A fault of ours',
  503: 'Too busy, or a part that this needs is not available; nothing was sent; see Retry-After',
  504: 'The outcome is not known; repeat the request or look',
};

const SECURITY_SCHEME = 'apiKey';

/** The OpenAPI 3.1 document of `routes`, from the schemas that requests are checked by. */
export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', SECURITY_SCHEME, { type: 'http', scheme: 'bearer' });
  for (const route of routes) registry.registerPath(pathOf(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Steadfill',
      version,
      description:
        'Orders as durable workflows. Decimals are strings, times are UTC, problems follow RFC 9457.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ [SECURITY_SCHEME]: [] }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
  });
}

function pathOf(route: Route): RouteConfig {
  const responses: RouteConfig['responses'] = {};
  for (const [status, given] of Object.entries(route.answers)) responses[status] = responseOf(given);
  for (const status of [...COMMON_PROBLEMS, ...(route.problems ?? [])]) {
    responses[String(status)] = {
      description: PROBLEM_DESCRIPTIONS[status] ?? 'A problem',
      content: { 'application/problem+json': { schema: problemSchema } },
    };
  }
  return {
    method: route.method,
    path: route.path,
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: [{ [SECURITY_SCHEME]: [] }],
    request: requestOf(route),
    responses,
  };
}

function requestOf({ params, query, headers, body }: Route): NonNullable<RouteConfig['request']> {
  return {
    ...(params instanceof z.ZodObject ? { params } : {}),
    ...(query instanceof z.ZodObject ? { query } : {}),
    ...(headers instanceof z.ZodObject ? { headers } : {}),
    ...(body === undefined
      ? {}
      : { body: { required: true, content: { 'application/json': { schema: body } } } }),
  };
}

function responseOf({ description, schema, contentType = 'application/json' }: RouteAnswer) {
  return { description, ...(schema === undefined ? {} : { content: { [contentType]: { schema } } }) };
}
