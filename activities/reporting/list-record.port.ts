import type { ListOutline } from '../../domain/order-list/list-view';

export interface RecordListInput {
  /** Grows with each record of the list; an older one never replaces a newer. */
  revision: number;
  outline: ListOutline;
  enteredBy: string;
  requestHash: string;
  /** When the list came and when it became what it is here; ISO 8601 UTC. */
  createdAt: string;
  updatedAt: string;
}

export interface ListRecordActivities {
  /** Keeps the list as clients see it, but for its orders, which are kept by themselves. Idempotent by revision. */
  recordList(input: RecordListInput): Promise<void>;
}
