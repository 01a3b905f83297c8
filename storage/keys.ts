import type { RiskDecision } from '../domain/risk/risk-decision';

/** `_id` of the identity of a pair; neither part can hold the colon between them. */
export function identityIdOf(account: string, clientOrderId: string): string {
  return `${account}:${clientOrderId}`;
}

const SEQUENCE_DIGITS = 8;

/** Id of an event in the log; ids of one order sort as the events happened. */
export function orderEventId(orderId: string, seq: number): string {
  return `${orderId}:${String(seq).padStart(SEQUENCE_DIGITS, '0')}`;
}

/** Finds the whole log of one order: events have no index but their id, which begins with the order. */
export function orderLogOf(orderId: string): { _id: { $gte: string; $lt: string } } {
  // Of all characters that may follow the order in an id, the semicolon is the one after the colon.
  return { _id: { $gte: orderEventId(orderId, 0), $lt: `${orderId};` } };
}

export function decisionId({ orderId, riskVersion, sequence }: RiskDecision): string {
  return `${orderId}:${riskVersion}:${sequence}`;
}

/** A symbol as a field name: MongoDB reads dots as paths and dollars as operators. */
export function fieldKey(symbol: string): string {
  return symbol.replace(/[%.$]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

/** Where an account keeps a group of alternatives in one symbol. */
export function groupKey(group: string, symbol: string): string {
  return fieldKey(`${group}:${symbol}`);
}
