import { tickTableOf, type Instrument } from '../instrument/instrument';
import { finestTick } from '../instrument/valid-values';
import { parseDecimal, type Decimal, type Price, type Quantity } from '../money/decimal';
import { PRICES_OF_TYPE } from './order-form';
import { breach, checkNotional, checkPrice, checkQuantity, type ValueRules } from './value-checks';
import type { OrderRequest, OrderTerms, Reason } from '../order/order-types';
import { checkTradable, valueRulesOf } from './validate-order';

/** What a client wants changed; quantity is the new total. Absent means unchanged. */
export interface Amendment {
  quantity?: string;
  limitPrice?: string;
  stopPrice?: string;
}

export interface AmendmentContext {
  request: OrderRequest;
  /** What the order was validated with; its tick and lot are used where there is no reference data. */
  terms: OrderTerms;
  /** The rules of the day: an order of long ago is amended by today's tick, lot and bounds. */
  instrument: Instrument | undefined;
  /** When it is amended, ISO 8601 UTC. */
  at: string;
  /** What is in force at the venue; absent where the caller does not say, and then the value is not checked. */
  working?: { quantity: Quantity; limitPrice?: Price; stopPrice?: Price };
}

const FIELDS = ['quantity', 'limitPrice', 'stopPrice'] as const;

/** Every breach of an amendment; whether the order can be amended at all is for its state to say. */
export function validateAmendment(amendment: Amendment, context: AmendmentContext): Reason[] {
  const reasons: Reason[] = [];
  const given = FIELDS.filter((field) => amendment[field] !== undefined);
  if (given.length === 0) {
    return [{ code: 'NOTHING_TO_CHANGE', message: 'The amendment names no field to change.' }];
  }
  const { instrument, at } = context;
  if (instrument !== undefined) reasons.push(...checkTradable(instrument, at));
  const rules = rulesOf(context);
  for (const field of given) {
    const text = amendment[field] ?? '';
    const value = parseDecimal(text);
    if (value === undefined) {
      reasons.push(breach('MALFORMED_REQUEST', `${field} ${text} is not a plain decimal.`, field, text));
    } else {
      reasons.push(...checkField(field, value, context.request, rules));
    }
  }
  // A value that has a fault of its own is not measured as well.
  return reasons.length > 0 ? reasons : checkValue(amendment, context, rules);
}

function rulesOf({ terms, instrument }: AmendmentContext): ValueRules {
  if (instrument !== undefined) return valueRulesOf(instrument);
  const ticks = tickTableOf(terms);
  return { ticks, tickSize: finestTick(ticks), lotSize: terms.lotSize };
}

/** The value of the order as it would be, where its price is known. */
function checkValue(amendment: Amendment, { working }: AmendmentContext, rules: ValueRules): Reason[] {
  if (working === undefined) return [];
  const quantity = parseDecimal(amendment.quantity) ?? working.quantity;
  const limitPrice = parseDecimal(amendment.limitPrice) ?? working.limitPrice;
  const price = limitPrice ?? parseDecimal(amendment.stopPrice) ?? working.stopPrice;
  return price === undefined ? [] : checkNotional(quantity, price, rules);
}

function checkField(
  field: (typeof FIELDS)[number],
  value: Decimal,
  { type }: OrderRequest,
  rules: ValueRules,
): Reason[] {
  if (field === 'quantity') return checkQuantity(value, rules);
  if (PRICES_OF_TYPE[type][field] !== 'none') return checkPrice(field, value, rules);
  const code = field === 'limitPrice' ? 'LIMIT_PRICE_NOT_ALLOWED' : 'STOP_PRICE_NOT_ALLOWED';
  return [breach(code, `An order of type ${type} takes no ${field}.`, field, value)];
}
