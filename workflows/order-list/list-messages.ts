import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { LegNote, ListRequest, ListState } from '../../domain/order-list/list-types';
import type { ListView } from '../../domain/order-list/list-view';

/** Workflow type of a list of orders and its message names. */
export const LIST_WORKFLOW_TYPE = 'orderList';

/** Argument of the `orderList` workflow. `carried` is present only on continue-as-new. */
export interface ListWorkflowInput {
  request: ListRequest;
  /** Hash of the canonical list; another hash under the same id is a conflict. */
  requestHash: string;
  enteredBy: string;
  /** Trace of the request that brought the list, 32 hex digits; its orders belong to it. */
  traceId?: string;
  /** For its orders and for itself: continue as new beyond this many history events. */
  historyEventsMax?: number;
  /** Keeps its view in MongoDB. Lists that began without it go on, and replay, without. */
  recorded?: boolean;
  /**
   * For a run that continues another: so often, in milliseconds and without news, it looks whether its orders are there.
   * Their ends are told to the run that began them. Runs that began without it do not look.
   */
  followEveryMs?: number;
  carried?: { list: ListState; answer?: ListAnswer; record?: CarriedListRecord };
}

/** What a list has every time that begins now (as NEW_ORDER for orders). */
export const NEW_LIST = { recorded: true } as const satisfies Partial<ListWorkflowInput>;

/** What was recorded last: its number and its content as JSON, and when the list came, ISO 8601 UTC. */
export interface CarriedListRecord {
  revision: number;
  text: string;
  createdAt: string;
}

export interface SubmitListInput {
  /** Nonce of this HTTP request; echoed by the answer of the one call that created the list. */
  requestId: string;
  requestHash: string;
}
/** The list at the moment when each of its orders had its answer; a repeat is answered with the same. */
export interface ListAnswer {
  createdBy: string;
  list: ListView;
}
export interface CancelListInput {
  by: string;
  reason?: string;
}

export const submitListUpdate = defineUpdate<ListAnswer, [SubmitListInput]>('submitList');
export const cancelListUpdate = defineUpdate<ListView, [CancelListInput]>('cancelList');
export const listQuery = defineQuery<ListView>('list');
/** The first answer of the list; null until there is one. */
export const listAnswerQuery = defineQuery<ListAnswer | null>('listAnswer');
/** What an order tells its list. */
export const legNoteSignal = defineSignal<[LegNote]>('legNote');
