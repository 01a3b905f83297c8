import { isInSession, tradeDateOf } from '../calendar/day-end';
import { isTradableOn, type Instrument } from '../instrument/instrument';
import { expireAtPresence, PRICES_OF_TYPE, type Presence, type TradedTerms } from './order-form';
import { checkTrigger } from './validate-trigger';
import { breach, checkPrice, checkQuantity, type ValueRules } from './value-checks';
import type { ErrorCode } from '../errors/error-codes';
import type { OrderRequest, Reason } from '../order/order-types';

/** The static data that an order is checked against; undefined where the account or symbol does not exist. */
export interface ValidationContext {
  account: { account: string; currency: string } | undefined;
  instrument: Instrument | undefined;
  /** What the instrument's venue takes. */
  traded: TradedTerms;
  /** Business time of the order, ISO 8601 UTC. */
  at: string;
}

/**
 * Every breach of the rules of order entry, in the order of the form; none means that the order is valid. Only static
 * data is looked at: limits, money and positions are for risk.
 */
export function validateOrder(request: OrderRequest, context: ValidationContext): Reason[] {
  const { account, instrument, traded } = context;
  const reasons: Reason[] = [];
  if (account === undefined) {
    reasons.push(
      breach('UNKNOWN_ACCOUNT', `There is no account ${request.account}.`, 'account', request.account),
    );
  }
  reasons.push(...checkInstrument(request, context));
  reasons.push(
    ...untraded('UNSUPPORTED_SIDE', 'side', request.side, traded.sides),
    ...untraded('UNSUPPORTED_ORDER_TYPE', 'type', request.type, traded.orderTypes),
    ...untraded('UNSUPPORTED_TIME_IN_FORCE', 'timeInForce', request.timeInForce, traded.timesInForce),
    ...checkForm(request, context.at),
  );
  if (instrument === undefined) return reasons;
  reasons.push(...checkValues(request, instrument));
  return reasons;
}

function checkInstrument(request: OrderRequest, { instrument, at }: ValidationContext): Reason[] {
  const { symbol, venue } = request;
  if (instrument === undefined) {
    return [breach('UNKNOWN_SYMBOL', `There is no instrument ${symbol}.`, 'symbol', symbol)];
  }
  const reasons: Reason[] = [];
  if (!isTradableOn(instrument, tradeDateOf(instrument.venue, at))) {
    reasons.push(breach('INSTRUMENT_NOT_TRADABLE', `${symbol} is not tradable now.`, 'symbol', symbol));
  }
  if (venue !== undefined && venue !== instrument.venue) {
    const message = `${symbol} is not traded at ${venue} but at ${instrument.venue}.`;
    reasons.push(breach('UNKNOWN_VENUE', message, 'venue', venue, instrument.venue));
  }
  reasons.push(...checkSession(request, instrument.venue, at));
  return reasons;
}

/** An order that lives for a moment needs a session now; the others may wait for the next one. */
function checkSession({ timeInForce }: OrderRequest, venue: string, at: string): Reason[] {
  const isForNow = timeInForce === 'ioc' || timeInForce === 'fok';
  if (!isForNow || isInSession(venue, at)) return [];
  return [breach('SESSION_CLOSED', `${venue} is not in session at ${at}.`, 'timeInForce', timeInForce)];
}

function untraded(code: ErrorCode, field: string, value: string, traded: readonly string[]): Reason[] {
  if (traded.includes(value)) return [];
  return [breach(code, `${field} ${value} is not traded yet.`, field, value, traded.join(', '))];
}

/** Fields that the type and the time in force ask for or do not take. */
function checkForm(request: OrderRequest, at: string): Reason[] {
  const { type, timeInForce, limitPrice, stopPrice, expireAt } = request;
  const form = PRICES_OF_TYPE[type];
  const reasons = [
    ...checkPresence(form.limitPrice, 'limitPrice', limitPrice, `type ${type}`, {
      missing: 'LIMIT_PRICE_REQUIRED',
      surplus: 'LIMIT_PRICE_NOT_ALLOWED',
    }),
    ...checkPresence(form.stopPrice, 'stopPrice', stopPrice, `type ${type}`, {
      missing: 'STOP_PRICE_REQUIRED',
      surplus: 'STOP_PRICE_NOT_ALLOWED',
    }),
    ...checkPresence(expireAtPresence(timeInForce), 'expireAt', expireAt, `timeInForce ${timeInForce}`, {
      missing: 'EXPIRE_AT_REQUIRED',
      surplus: 'EXPIRE_AT_NOT_ALLOWED',
    }),
  ];
  if (timeInForce === 'gtd' && expireAt !== undefined && !(Date.parse(expireAt) > Date.parse(at))) {
    reasons.push(
      breach('EXPIRE_AT_PAST', `expireAt ${expireAt} is not after ${at}.`, 'expireAt', expireAt, at),
    );
  }
  return reasons;
}

function checkPresence(
  presence: Presence,
  field: string,
  value: string | undefined,
  cause: string,
  codes: { missing: ErrorCode; surplus: ErrorCode },
): Reason[] {
  if (presence === 'required' && value === undefined) {
    return [breach(codes.missing, `An order of ${cause} needs ${field}.`, field)];
  }
  if (presence === 'none' && value !== undefined) {
    return [breach(codes.surplus, `An order of ${cause} takes no ${field}.`, field, value)];
  }
  return [];
}

/** The rules for values that an instrument sets. */
export function valueRulesOf(instrument: Instrument): ValueRules {
  const { tickSize, lotSize, priceMin, priceMax, quantityMin, quantityMax } = instrument;
  return {
    tickSize,
    lotSize,
    price: { min: priceMin, max: priceMax },
    quantity: { min: quantityMin, max: quantityMax },
  };
}

/** A price that the order must not have at all is named once, not measured too. */
function checkValues(request: OrderRequest, instrument: Instrument): Reason[] {
  const rules = valueRulesOf(instrument);
  const form = PRICES_OF_TYPE[request.type];
  const reasons = [...checkQuantity(request.quantity, rules), ...checkTrigger(request, rules)];
  for (const field of ['limitPrice', 'stopPrice'] as const) {
    const price = request[field];
    if (price !== undefined && form[field] !== 'none') reasons.push(...checkPrice(field, price, rules));
  }
  return reasons;
}
