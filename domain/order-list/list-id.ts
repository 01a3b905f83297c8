import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { requestHashOf } from '../order/order-id';
import type { ListRequest } from './list-types';

/** Temporal's workflow id of a list; people can read and search it. */
export function listWorkflowIdOf(account: string, listId: string): string {
  return `list:${account}:${listId}`;
}

/** Hash of the canonical list: the same orders, by value and in the same order, have the same hash. */
export function listHashOf({ listId, account, contingency, orders }: ListRequest): string {
  const content = JSON.stringify([
    listId,
    account,
    contingency,
    orders.map((request) => requestHashOf(request)),
  ]);
  return bytesToHex(sha256(utf8ToBytes(content))).slice(0, 32);
}
