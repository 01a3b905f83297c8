import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Permission, Principal } from '../auth/permissions';
import type { Problem } from './problem';
import type { RateLane } from './rate-limits';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * How a route is tied to accounts, so that entitlement is a property of the table and not of each handler:
 * `body`, `query` and `path` name an account that the key must own (403); `filter` narrows the answer to the key's
 * accounts, and one asked for must be among them; `order` finds the order and answers 404 for a foreign one;
 * `firm` concerns the whole firm; `reference` is data that belongs to nobody.
 */
export type Entitlement = 'body' | 'query' | 'path' | 'filter' | 'order' | 'firm' | 'reference';

export interface Answer {
  kind: 'answer';
  status: number;
  body: unknown;
  headers?: Readonly<Record<string, string>>;
}
/** `streaming`: the handler has taken over the response. */
export type Reply = Answer | Problem | { kind: 'streaming' };

export function answer(status: number, body: unknown, headers?: Readonly<Record<string, string>>): Answer {
  return { kind: 'answer', status, body, ...(headers === undefined ? {} : { headers }) };
}

/** What a handler gets: parsed input, who asks, and the accounts that the answer must stay within. */
export interface RouteContext<Params, Query, Body, Headers> {
  params: Params;
  query: Query;
  body: Body;
  headers: Headers;
  principal: Principal;
  /** Accounts to narrow to: undefined means all of them. */
  accounts: readonly string[] | undefined;
  requestId: string;
  request: Request;
  response: Response;
}

export interface RouteAnswer {
  description: string;
  schema?: z.ZodType;
  contentType?: string;
}

interface RouteParts {
  method: HttpMethod;
  /** OpenAPI notation: `/v1/orders/{orderId}`. */
  path: string;
  operationId: string;
  summary: string;
  tag: string;
  permission: Permission;
  entitlement: Entitlement;
  /** Which limit the route counts against; new orders, changes and reads are limited apart from each other. */
  limit: RateLane;
  /** How many hits of the limit a request counts as, by its parsed body; one when left out. */
  weight?: (body: unknown) => number;
  /** Largest body that the route takes, in bytes; the limit of the API when left out. */
  bodyBytesMax?: number;
  answers: Readonly<Record<number, RouteAnswer>>;
  /** Statuses of problems beyond those that every route can answer with. */
  problems?: readonly number[];
}

export interface RouteDefinition<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Headers extends z.ZodType = z.ZodType,
> extends RouteParts {
  params?: Params;
  query?: Query;
  body?: Body;
  headers?: Headers;
  handle(
    context: RouteContext<z.output<Params>, z.output<Query>, z.output<Body>, z.output<Headers>>,
  ): Promise<Reply>;
}

/** A route of any input, as the table of all routes holds it. */
export type Route = RouteDefinition;

/** Types a route by its schemas; the table of routes then forgets the types, as each handler has checked its own. */
export function defineRoute<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Headers extends z.ZodType = z.ZodType,
>(route: RouteDefinition<Params, Query, Body, Headers>): Route {
  return route as unknown as Route;
}
