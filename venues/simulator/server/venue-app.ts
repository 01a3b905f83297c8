import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { z } from 'zod';
import { compare } from '../../../domain/money/decimal';
import {
  cancelSchema,
  listSchema,
  orderSchema,
  quoteSchema,
  replaceSchema,
  ticksSchema,
} from './entry.schemas';
import { viewOf } from '../core/order-view';
import { addVenueMetrics } from './venue-metrics';
import type { Outcome } from '../core/venue-engine';
import type { QuoteRow } from '../core/book-types';
import type { WireCancel, WireOrder, WireReplace } from '../protocol';
import type { VenueHost } from './venue-host';
import { logRequest, traceRequest } from './trace-request';
import type { Logger } from '../../../observability/logger';

const BODY_LIMIT = '16kb';

export interface VenueAppOptions {
  host: VenueHost;
  logger: Logger;
  /** Quotes may be set by `PUT /quotes/{symbol}`. */
  manualQuotes: boolean;
}

/** A refusal of the request itself: it had no effect, and its ClOrdID stays free. */
class BadRequest extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'BadRequest';
    this.status = status;
    this.code = code;
  }
}

/** The venue's HTTP order entry and quotes. */
export function createVenueApp({ host, logger, manualQuotes }: VenueAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(logRequest(logger), traceRequest);
  app.use(express.json({ limit: BODY_LIMIT }));
  app.get('/healthz', (_request, response) => {
    const { epoch, log, orders } = host.engine.state;
    response.json({ status: 'ok', epoch, seq: log.length, orders: orders.length });
  });
  addVenueMetrics(app, host);
  addEntryRoutes(app, host);
  addReadRoutes(app, host);
  addTicks(app, host);
  if (manualQuotes) addManualQuotes(app, host);
  app.use((request: Request) => {
    throw new BadRequest(404, 'NOT_FOUND', `there is no ${request.method} ${request.path}`);
  });
  app.use((fault: unknown, _request: Request, response: Response, _next: NextFunction) => {
    answerFault(fault, response, logger);
  });
  return app;
}

function addEntryRoutes(app: Express, host: VenueHost): void {
  app.post('/orders', async (request, response) => {
    const order = parse(orderSchema, request.body) as WireOrder;
    if (!host.hasRoom() && !host.engine.state.knows(order.clOrdId)) {
      throw new BadRequest(503, 'VENUE_FULL', 'the venue holds as many orders as it can');
    }
    const outcome = await host.enter(order);
    answer(response, outcome.duplicate ? 200 : 201, outcome);
  });
  app.delete('/orders/:clOrdId', async (request, response) => {
    const body: unknown = request.body ?? { clOrdId: request.query['clOrdId'] };
    const cancel = parse(cancelSchema, body) as WireCancel;
    answer(response, 200, await host.cancel(request.params.clOrdId, cancel));
  });
  app.post('/orders/:clOrdId/replace', async (request, response) => {
    const replace = parse(replaceSchema, request.body) as WireReplace;
    answer(response, 200, await host.replace(request.params.clOrdId, replace));
  });
}

function addReadRoutes(app: Express, host: VenueHost): void {
  app.get('/orders/:clOrdId', async (request, response) => {
    const { clOrdId } = request.params;
    const outcome = host.engine.status(clOrdId);
    if (outcome === undefined)
      throw new BadRequest(404, 'UNKNOWN_ORDER', `unknown order: clOrdId=${clOrdId}`);
    await host.settled();
    answer(response, 200, outcome);
  });
  app.get('/orders', async (request, response) => {
    const { open, symbol, limit } = parse(listSchema, request.query);
    const items = [];
    // Newest first, so that a page without a limit shows what happened last.
    const { orders } = host.engine.state;
    for (let index = orders.length - 1; index >= 0 && items.length < limit; index -= 1) {
      const order = orders[index];
      if (order === undefined || (open !== undefined && String(order.open) !== open)) continue;
      if (symbol === undefined || order.terms.symbol === symbol) items.push(viewOf(order));
    }
    await host.settled();
    response.json({ items, total: orders.length });
  });
  app.get('/quotes', (_request, response) => {
    response.json({ items: host.allQuotes() });
  });
  app.get('/quotes/:symbol', (request, response) => {
    const quote = host.quoteOf(request.params.symbol);
    if (quote === undefined)
      throw new BadRequest(404, 'NO_QUOTE', `no quote: symbol=${request.params.symbol}`);
    response.json(quote);
  });
}

function addTicks(app: Express, host: VenueHost): void {
  app.get('/ticks/:symbol', (request, response) => {
    const { since, limit } = parse(ticksSchema, request.query);
    response.json(host.ticks.since(request.params.symbol, Date.parse(since), limit));
  });
}

function addManualQuotes(app: Express, host: VenueHost): void {
  app.put('/quotes/:symbol', async (request, response) => {
    const { last, ...sides } = parse(quoteSchema, request.body);
    const { symbol } = request.params;
    if (sides.bid !== undefined && sides.ask !== undefined && compare(sides.bid, sides.ask) >= 0) {
      throw new BadRequest(400, 'CROSSED_QUOTE', `bid must be below ask: bid=${sides.bid} ask=${sides.ask}`);
    }
    if (last !== undefined) host.trade(symbol, last);
    host.quotes([{ symbol, ...sides } as QuoteRow]);
    await host.settled();
    response.json(host.quoteOf(symbol));
  });
}

function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new BadRequest(400, 'MALFORMED_REQUEST', faults.join('; '));
}

/** Reports are text already; putting them in as they are saves writing each one again. */
function answer(response: Response, status: number, { duplicate, order, reports }: Outcome): void {
  const view = order === undefined ? '' : `"order":${JSON.stringify(order)},`;
  response.status(status).type('application/json');
  response.end(`{"duplicate":${String(duplicate)},${view}"reports":[${reports.join(',')}]}`);
}

function answerFault(fault: unknown, response: Response, logger: Logger): void {
  const { status, code, message } = fault as Partial<BadRequest>;
  if (response.headersSent) return void response.destroy();
  if (typeof status === 'number' && status < 500) {
    response.status(status).json({ code: code ?? 'MALFORMED_REQUEST', message });
    return;
  }
  if (fault instanceof BadRequest) {
    response.status(fault.status).set('Retry-After', '1').json({ code: fault.code, message: fault.message });
    return;
  }
  logger.error('A request failed', { fault });
  response.status(500).json({ code: 'INTERNAL_ERROR', message: 'a fault of the venue; ask for the status' });
}
