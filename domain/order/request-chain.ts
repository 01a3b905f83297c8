import { clOrdIdOf } from './order-id';
import type { OrderState, PendingRequest } from './order-types';
import type { Price, Quantity } from '../money/decimal';

/** The terms of an order as a whole; a replace always repeats all of them. */
export interface WorkingTerms {
  quantity: Quantity;
  limitPrice?: Price;
  stopPrice?: Price;
}

/** The ClOrdID of the next request. */
export function nextClOrdId(state: OrderState): string {
  return clOrdIdOf(state.orderId, state.clOrdIdCount + 1);
}

/** OrigClOrdID of the next request: the last one not yet refused (the optimistic sender's rule). */
export function origClOrdIdOf(state: OrderState): string {
  return state.pending.at(-1)?.clOrdId ?? state.clOrdId;
}

/**
 * The terms that the client wants in the end: those of the last replace in flight, else those in force. The next
 * replace builds on them, and repeats them whole, because an earlier link of the chain may still be refused.
 */
export function wantedTerms(state: OrderState): WorkingTerms {
  const last = state.pending.filter(({ kind }) => kind === 'replace').at(-1);
  const { quantity, limitPrice, stopPrice } = last ?? state;
  return {
    quantity: quantity ?? state.quantity,
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
  };
}

/** The request in flight that carries this ClOrdID. */
export function pendingRequest(state: OrderState, clOrdId: string): PendingRequest | undefined {
  return state.pending.find((request) => request.clOrdId === clOrdId);
}

/** Place of a ClOrdID in the chain of the order (1 = the order itself), or undefined when it is not ours. */
export function chainNumber(state: OrderState, clOrdId: string): number | undefined {
  const prefix = `${state.orderId}-`;
  if (!clOrdId.startsWith(prefix)) return undefined;
  const number = Number(clOrdId.slice(prefix.length));
  return Number.isInteger(number) && number >= 1 && number <= state.clOrdIdCount ? number : undefined;
}

/** True when the request with this ClOrdID was made before the one that the order answers to now. */
export function isSuperseded(state: OrderState, clOrdId: string): boolean {
  const current = chainNumber(state, state.clOrdId) ?? 0;
  const number = chainNumber(state, clOrdId);
  return number !== undefined && number < current;
}
