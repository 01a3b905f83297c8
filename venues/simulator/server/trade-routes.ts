import type { Express, Response } from 'express';
import { answer } from './answer';
import { BadRequest, parse } from './bad-request';
import { bustSchema, correctSchema } from './entry.schemas';
import type { TradeRefusal } from '../core/trade-corrections';
import type { Outcome } from '../core/venue-engine';
import type { WireTradeBust, WireTradeCorrection } from '../protocol';
import type { VenueHost } from './venue-host';

/**
 * What the venue's operator does about executions: busts and corrections, each named by the last id of its chain and
 * told over the stream like any report. Each side of a trade between two users has an execution of its own.
 */
export function addTradeRoutes(app: Express, host: VenueHost): void {
  app.post('/trades/:execId/bust', async (request, response) => {
    const wanted = parse(bustSchema, request.body) as WireTradeBust;
    give(response, await host.bust(request.params.execId, wanted));
  });
  app.post('/trades/:execId/correct', async (request, response) => {
    const wanted = parse(correctSchema, request.body) as WireTradeCorrection;
    give(response, await host.correct(request.params.execId, wanted));
  });
}

function give(response: Response, outcome: Outcome | TradeRefusal): void {
  if ('code' in outcome) throw new BadRequest(outcome.status, outcome.code, outcome.message);
  answer(response, 200, outcome);
}
