import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { OrderRequest } from './order-types';

/** What account and clientOrderId must match (design: identity). */
export const IDENTIFIER_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** SHA-256 of the UTF-8 bytes of `text`, as 64 hex digits. */
export type Sha256Hex = (text: string) => string;

/** Runs anywhere, also in the workflow sandbox. Where there is a faster one, callers hand it over. */
const portableSha256Hex: Sha256Hex = (text) => bytesToHex(sha256(utf8ToBytes(text)));

/** The opaque, URL-safe order id: a function of the pair that is unique for ever, and of nothing else. */
export function orderIdOf(
  account: string,
  clientOrderId: string,
  sha256Hex: Sha256Hex = portableSha256Hex,
): string {
  return `o${sha256Hex(`${account}\n${clientOrderId}`).slice(0, 31)}`;
}

/** Temporal's workflow id of an order; people can read and search it. */
export function workflowIdOf(account: string, clientOrderId: string): string {
  return `order:${account}:${clientOrderId}`;
}

/** The pair of an order's workflow; undefined for the id of any other workflow. */
export function pairOf(workflowId: string): { account: string; clientOrderId: string } | undefined {
  const [kind, account, clientOrderId, ...more] = workflowId.split(':');
  if (kind !== 'order' || account === undefined || clientOrderId === undefined || more.length > 0)
    return undefined;
  return { account, clientOrderId };
}

/**
 * Hash of the canonical request. Equality is by value because decimals are canonical before they come here and
 * keys are put in one order, so `100` and `100.00` meet the same answer.
 */
export function requestHashOf(request: OrderRequest, sha256Hex: Sha256Hex = portableSha256Hex): string {
  const fields = Object.entries(request)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256Hex(JSON.stringify(fields)).slice(0, 32);
}

/** The nth ClOrdID that an order uses at its venue; n starts at 1. */
export function clOrdIdOf(orderId: string, n: number): string {
  return `${orderId}-${n}`;
}
