import { compare, isPositive, parseDecimal, type Decimal } from '../money/decimal';
import { accept, refusalByTable, refuse, refuseRepeat } from './decision';
import type { Decision, OrderCommand } from './order-commands';
import { cumQtyOf, isFilled } from './order-quantities';
import type { OrderState } from './order-types';
import { nextClOrdId, wantedTerms } from './request-chain';

/** Replaces of one order in flight at once; far more than anybody needs, and a bound on the state. */
export const PENDING_REPLACES_MAX = 8;

type CancelCommand = Extract<OrderCommand, { type: 'requestCancel' }>;
type ReplaceCommand = Extract<OrderCommand, { type: 'requestReplace' }>;

/** A cancel may follow any number of replaces in flight, but one cancel at a time is enough. */
export function decideCancel(state: OrderState, command: CancelCommand): Decision {
  if (state.seenRequests.includes(command.requestId)) return refuseRepeat('DUPLICATE_REQUEST');
  const refusal = refusalByTable(state, 'cancelRequest');
  if (refusal !== undefined) return refusal;
  if (hasPendingCancel(state)) return refuse('CANCEL_PENDING');
  const { requestId, by, reason } = command;
  // Nothing of it is at the venue, so there is nobody to ask.
  if (state.held !== undefined) {
    return accept({ type: 'endedLocally', how: 'cancelled', by, ...(reason !== undefined && { reason }) });
  }
  return accept({
    type: 'cancelRequested',
    requestId,
    by,
    clOrdId: nextClOrdId(state),
    ...(reason !== undefined && { reason }),
  });
}

/**
 * A replace while another one is pending is taken and sent: FIX leaves it to the venue to process them in turn, to
 * pend both, or to refuse the second (CxlRejReason 3), and all three are played here. It builds on the terms of the
 * one before it. No replace follows a cancel in flight.
 */
export function decideReplace(state: OrderState, command: ReplaceCommand): Decision {
  if (state.seenRequests.includes(command.requestId)) return refuseRepeat('DUPLICATE_REQUEST');
  const refusal = refusalByTable(state, 'replaceRequest');
  if (refusal !== undefined) return refusal;
  if (hasPendingCancel(state)) return refuse('CANCEL_PENDING');
  if (state.pending.length >= PENDING_REPLACES_MAX) return refuse('REPLACE_PENDING');
  const terms = namedTerms(command);
  if (terms === undefined) return refuse('MALFORMED_REQUEST');
  const objection = objectionTo(state, terms);
  if (objection !== undefined) return objection;
  const { requestId, by } = command;
  if (state.held !== undefined) return accept({ type: 'heldTermsChanged', requestId, by, ...terms });
  return accept({ type: 'replaceRequested', requestId, by, clOrdId: nextClOrdId(state), ...terms });
}

interface NamedTerms {
  quantity?: Decimal;
  limitPrice?: Decimal;
  stopPrice?: Decimal;
}

/** The terms that the request names, canonical; undefined when one is not a decimal (signals come unchecked). */
function namedTerms(command: ReplaceCommand): NamedTerms | undefined {
  const terms: NamedTerms = {};
  for (const name of ['quantity', 'limitPrice', 'stopPrice'] as const) {
    const given: unknown = command[name];
    if (given === undefined || given === null) continue;
    const value = parseDecimal(given);
    if (value === undefined) return undefined;
    terms[name] = value;
  }
  return terms;
}

function objectionTo(state: OrderState, terms: NamedTerms): Decision | undefined {
  const wanted = wantedTerms(state);
  if (terms.limitPrice !== undefined && wanted.limitPrice === undefined)
    return refuse('LIMIT_PRICE_NOT_ALLOWED');
  if (terms.stopPrice !== undefined && state.taken !== undefined)
    return refuse('STOP_PRICE_NOT_ALLOWED', 'The order was triggered; its stop is used up.');
  if (terms.stopPrice !== undefined && wanted.stopPrice === undefined && !mayTrail(state))
    return refuse('STOP_PRICE_NOT_ALLOWED');
  const quantity = terms.quantity ?? wanted.quantity;
  if (!isPositive(quantity)) return refuse('QUANTITY_OUT_OF_BOUNDS');
  const isChange =
    quantity !== wanted.quantity ||
    (terms.limitPrice ?? wanted.limitPrice) !== wanted.limitPrice ||
    (terms.stopPrice ?? wanted.stopPrice) !== wanted.stopPrice;
  const toFilled = compare(quantity, cumQtyOf(state));
  if (isFilled(state) && toFilled <= 0)
    return refuse('ORDER_CLOSED', 'A filled order can only be increased.');
  if (!isChange) return refuse('NOTHING_TO_CHANGE');
  // To exactly the filled quantity is a wish to end the order there; below it is a mistake that we can see here.
  if (toFilled < 0) return refuse('QUANTITY_BELOW_FILLED');
  return undefined;
}

/** A trail may be given another start, also when it began at the market. */
function mayTrail({ request }: OrderState): boolean {
  return request.type === 'trailingStop';
}

function hasPendingCancel(state: OrderState): boolean {
  return state.pending.some(({ kind }) => kind === 'cancel');
}
