import { compare, isMultipleOf, isPositive, nearestMultiples } from '../money/decimal';
import { auctionKindOf, auctionOf } from './order-ending';
import { breach } from './value-checks';
import { tickTableOf, type Instrument } from '../instrument/instrument';
import { finestTick } from '../instrument/valid-values';
import type { OrderRequest, OrderType, Reason, TimeInForce } from '../order/order-types';

/** A good-till-date order may live this long: longer ones are slips of the finger, or belong to another system. */
export const GTD_DAYS_MAX = 366;
const DAY_MS = 86_400_000;

/** Times in force of the types that do not take them all. `day` of an auction's order means that auction. */
const TIMES_IN_FORCE_OF: Partial<Record<OrderType, readonly TimeInForce[]>> = {
  iceberg: ['day', 'gtc', 'gtd'],
  pegged: ['day', 'gtc', 'gtd'],
  marketOnOpen: ['day', 'opg'],
  limitOnOpen: ['day', 'opg'],
  marketOnClose: ['day', 'cls'],
  limitOnClose: ['day', 'cls'],
};

/** Breaches of what only some types and times in force have. The instrument is absent where the symbol is unknown. */
export function checkVenueType(
  request: OrderRequest,
  instrument: Instrument | undefined,
  at: string,
): Reason[] {
  return [
    ...checkTimeInForce(request),
    ...checkDate(request, at),
    ...checkAuction(request, instrument, at),
    ...checkDisplay(request, instrument),
    ...checkPeg(request, instrument),
  ];
}

function checkTimeInForce(request: OrderRequest): Reason[] {
  const { type, timeInForce } = request;
  const allowed = TIMES_IN_FORCE_OF[type];
  if (allowed === undefined || allowed.includes(timeInForce)) return [];
  const message = `An order of type ${type} does not take timeInForce ${timeInForce}.`;
  return [breach('TIME_IN_FORCE_NOT_ALLOWED', message, 'timeInForce', timeInForce, allowed.join(', '))];
}

function checkDate({ timeInForce, expireAt }: OrderRequest, at: string): Reason[] {
  if (timeInForce !== 'gtd' || expireAt === undefined) return [];
  const latest = new Date(Date.parse(at) + GTD_DAYS_MAX * DAY_MS).toISOString();
  if (!(Date.parse(expireAt) > Date.parse(latest))) return [];
  const message = `expireAt ${expireAt} is more than ${GTD_DAYS_MAX} days away.`;
  return [breach('EXPIRE_AT_TOO_FAR', message, 'expireAt', expireAt, latest)];
}

/** An order for an auction has to come before the venue's cut-off; after the auction it is for the next one. */
function checkAuction(request: OrderRequest, instrument: Instrument | undefined, at: string): Reason[] {
  if (instrument === undefined || auctionKindOf(request) === undefined) return [];
  const auction = auctionOf(request, instrument.venue, at);
  const field = request.timeInForce === 'day' ? 'type' : 'timeInForce';
  if (auction === undefined) {
    const message = `Orders for auctions of ${instrument.venue} are not taken.`;
    return [breach('AUCTION_NOT_HELD', message, field, request[field])];
  }
  if (Date.parse(at) < Date.parse(auction.entryEndsAt)) return [];
  const message = `${instrument.venue} takes no more orders for the auction at ${auction.at}; send it after that.`;
  return [breach('AUCTION_ENTRY_CLOSED', message, field, request[field], auction.entryEndsAt)];
}

function checkDisplay(request: OrderRequest, instrument: Instrument | undefined): Reason[] {
  const { type, quantity, displayQuantity } = request;
  const field = 'displayQuantity';
  if (type !== 'iceberg') {
    if (displayQuantity === undefined) return [];
    const message = `An order of type ${type} takes no ${field}.`;
    return [breach('DISPLAY_QUANTITY_NOT_ALLOWED', message, field, displayQuantity)];
  }
  if (displayQuantity === undefined) {
    return [breach('DISPLAY_QUANTITY_REQUIRED', `An order of type ${type} needs ${field}.`, field)];
  }
  const reasons: Reason[] = [];
  if (!isPositive(displayQuantity) || compare(displayQuantity, quantity) > 0) {
    const message = `${field} ${displayQuantity} is not above zero and at most the quantity.`;
    reasons.push(breach('DISPLAY_QUANTITY_OUT_OF_BOUNDS', message, field, displayQuantity, quantity));
  }
  if (instrument !== undefined && !isMultipleOf(displayQuantity, instrument.lotSize)) {
    const message = `${field} ${displayQuantity} is not a multiple of the lot size ${instrument.lotSize}.`;
    reasons.push(breach('QUANTITY_NOT_ON_LOT', message, field, displayQuantity, instrument.lotSize));
  }
  return reasons;
}

function checkPeg(request: OrderRequest, instrument: Instrument | undefined): Reason[] {
  const { type, side, pegPriceType, pegOffset, limitPrice } = request;
  if (type !== 'pegged') {
    const field = pegPriceType === undefined ? 'pegOffset' : 'pegPriceType';
    if (request[field] === undefined) return [];
    return [breach('PEG_NOT_ALLOWED', `An order of type ${type} takes no ${field}.`, field, request[field])];
  }
  if (pegOffset === undefined) return [];
  const reasons: Reason[] = [];
  const tick = instrument === undefined ? undefined : finestTick(tickTableOf(instrument));
  if (tick !== undefined && !isMultipleOf(pegOffset, tick)) {
    const { below, above } = nearestMultiples(pegOffset, tick);
    const message = `pegOffset ${pegOffset} is not a multiple of the tick size ${tick}. Nearest valid: ${below} and ${above}.`;
    reasons.push(breach('PRICE_NOT_ON_TICK', message, 'pegOffset', pegOffset, tick));
  }
  const isTowardsMarket = side === 'buy' ? isPositive(pegOffset) : pegOffset.startsWith('-');
  if (isTowardsMarket && limitPrice === undefined) {
    const message = `A ${side} with pegOffset ${pegOffset} chases the market and needs a limitPrice.`;
    reasons.push(breach('PEG_LIMIT_REQUIRED', message, 'limitPrice'));
  }
  return reasons;
}
