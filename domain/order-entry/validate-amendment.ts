import { parseDecimal, type Decimal } from '../money/decimal';
import { PRICES_OF_TYPE } from './order-form';
import { breach, checkPrice, checkQuantity, type ValueRules } from './value-checks';
import type { Instrument } from '../instrument/instrument';
import type { OrderRequest, OrderTerms, Reason } from '../order/order-types';
import { valueRulesOf } from './validate-order';

/** What a client wants changed; quantity is the new total. Absent means unchanged. */
export interface Amendment {
  quantity?: string;
  limitPrice?: string;
  stopPrice?: string;
}

export interface AmendmentContext {
  request: OrderRequest;
  /** What the order was validated with: tick and lot stay those of its first day. */
  terms: OrderTerms;
  /** Today's reference data, for bounds; without it only tick and lot are checked. */
  instrument: Instrument | undefined;
}

const FIELDS = ['quantity', 'limitPrice', 'stopPrice'] as const;

/** Every breach of an amendment; whether the order can be amended at all is for its state to say. */
export function validateAmendment(amendment: Amendment, context: AmendmentContext): Reason[] {
  const reasons: Reason[] = [];
  const given = FIELDS.filter((field) => amendment[field] !== undefined);
  if (given.length === 0) {
    return [{ code: 'NOTHING_TO_CHANGE', message: 'The amendment names no field to change.' }];
  }
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
  return reasons;
}

function rulesOf({ terms, instrument }: AmendmentContext): ValueRules {
  const { tickSize, lotSize } = terms;
  return { ...(instrument === undefined ? {} : valueRulesOf(instrument)), tickSize, lotSize };
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
