import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import { listWorkflowIdOf } from '../../domain/order-list/list-id';
import type { ListRequest } from '../../domain/order-list/list-types';
import type { ListView } from '../../domain/order-list/list-view';
import { listSearchAttributes } from '../../temporal-config/search-attributes';
import {
  cancelListUpdate,
  LIST_WORKFLOW_TYPE,
  NEW_LIST,
  listAnswerQuery,
  listQuery,
  submitListUpdate,
  type CancelListInput,
  type ListAnswer,
  type ListWorkflowInput,
} from '../../workflows/order-list/list-messages';
import { callUntil, type CallResult } from './call-fault';
import { submitWithStart, type Created } from './submit-with-start';

/** A list waits for the answers of all its orders. */
const ANSWER_MS_MAX = 20_000;
const CANCEL_MS_MAX = 10_000;
const QUERY_MS_MAX = 3_000;
const DESCRIBE_MS_MAX = 1_500;

export interface NewList {
  request: ListRequest;
  requestHash: string;
  enteredBy: string;
  traceId?: string;
}

/** Everything that the API asks of Temporal about lists. */
export class ListGateway {
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly historyEventsMax: number;

  constructor(client: Client, taskQueue: string, historyEventsMax: number) {
    this.client = client;
    this.taskQueue = taskQueue;
    this.historyEventsMax = historyEventsMax;
  }

  /** Starts the list, or meets the one that is there, and waits for the answer of each of its orders. */
  async submit(list: NewList): Promise<CallResult<Created<ListAnswer>>> {
    return await submitWithStart(this.client, {
      update: submitListUpdate,
      requestHash: list.requestHash,
      answerMsMax: ANSWER_MS_MAX,
      startOperation: () => this.startOperation(list),
    });
  }

  async cancel(account: string, listId: string, input: CancelListInput): Promise<CallResult<ListView>> {
    const deadlineMs = Date.now() + CANCEL_MS_MAX;
    return await callUntil(deadlineMs, () =>
      this.client.withDeadline(deadlineMs, () =>
        this.handle(account, listId).executeUpdate(cancelListUpdate, { args: [input] }),
      ),
    );
  }

  async view(account: string, listId: string): Promise<CallResult<ListView>> {
    const deadlineMs = Date.now() + QUERY_MS_MAX;
    return await callUntil(deadlineMs, () =>
      this.client.withDeadline(deadlineMs, () => this.handle(account, listId).query(listQuery)),
    );
  }

  /** The first answer of a list, also after it is done. */
  async firstAnswer(account: string, listId: string): Promise<CallResult<ListAnswer | null>> {
    const deadlineMs = Date.now() + QUERY_MS_MAX;
    return await callUntil(deadlineMs, () =>
      this.client.withDeadline(deadlineMs, () => this.handle(account, listId).query(listAnswerQuery)),
    );
  }

  /** Whose content the list id holds; needs neither MongoDB nor a worker. */
  async hashOf(account: string, listId: string): Promise<CallResult<string>> {
    const deadlineMs = Date.now() + DESCRIBE_MS_MAX;
    return await callUntil(deadlineMs, async () => {
      const found = await this.client.withDeadline(deadlineMs, () => this.handle(account, listId).describe());
      const noted: unknown = found.memo?.['requestHash'];
      return typeof noted === 'string' ? noted : '';
    });
  }

  private startOperation({ request, requestHash, enteredBy, traceId }: NewList) {
    const { account, listId, contingency, orders } = request;
    const trace = traceId === undefined ? {} : { traceId };
    const { historyEventsMax } = this;
    const limits = { historyEventsMax, ...NEW_LIST };
    const input: ListWorkflowInput = { request, requestHash, enteredBy, ...limits, ...trace };
    return new WithStartWorkflowOperation(LIST_WORKFLOW_TYPE, {
      workflowId: listWorkflowIdOf(account, listId),
      taskQueue: this.taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      typedSearchAttributes: listSearchAttributes({ account, trader: enteredBy }),
      staticSummary: `LIST OF ${orders.length} ${contingency.toUpperCase()}`,
      memo: { requestHash, enteredBy, ...trace },
    });
  }

  private handle(account: string, listId: string) {
    return this.client.workflow.getHandle(listWorkflowIdOf(account, listId));
  }
}
