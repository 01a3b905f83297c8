import type { ListOutline } from '../domain/order-list/list-view';

/** A list of orders as clients see it, but for its orders; `_id` is {@link listRecordId}. */
export type ListRecord = ListOutline & {
  _id: string;
  /** Grows with each record of the list. */
  revision: number;
  enteredBy: string;
  requestHash: string;
  /** ISO 8601 UTC. */
  createdAt: string;
  updatedAt: string;
};

/** `<account>:<listId>`; neither part can hold the colon between them. */
export function listRecordId(account: string, listId: string): string {
  return `${account}:${listId}`;
}
