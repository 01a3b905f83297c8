import { WithStartWorkflowOperation, type Client, type WorkflowHandle } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES } from '../../temporal-config/search-attributes';
import { upcastEvent } from '../../domain/order/upcast-event';
import type { OrderEvent } from '../../domain/order/order-events';
import type { OrderRequest } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';
import {
  NEW_ORDER,
  ORDER_WORKFLOW_TYPE,
  orderEventsQuery,
  orderQuery,
  orderStartOf,
  requestAmendUpdate,
  requestCancelUpdate,
  resolveUpdate,
  submitUpdate,
  type AmendRequest,
  type CancelRequest,
  type RequestResult,
  type ResolveRequest,
  type SubmitResult,
} from '../../workflows/order-entry/order-messages';
import { callUntil, type CallResult } from './call-fault';
import { submitWithStart, type Created } from './submit-with-start';

/** A submit or a request waits this long for its durable answer. */
const ANSWER_MS_MAX = 10_000;
const QUERY_MS_MAX = 3_000;
const DESCRIBE_MS_MAX = 1_500;
const OPEN_ORDERS_SCANNED_MAX = 5_000;

export interface NewOrder {
  orderId: string;
  workflowId: string;
  request: OrderRequest;
  requestHash: string;
  enteredBy: string;
  /** Trace of the request, so that all that becomes of the order can be found by it. */
  traceId?: string;
}

/** Who the order of a workflow is, as its start recorded it. */
export interface Identity {
  requestHash: string;
  open: boolean;
}

export interface OpenOrder {
  account: string;
  clientOrderId: string;
  workflowId: string;
}

/** Everything that the API asks of Temporal about orders. It never retries what may not be repeated. */
export class OrderGateway {
  private readonly client: Client;
  private readonly taskQueue: string;

  constructor(client: Client, taskQueue: string) {
    this.client = client;
    this.taskQueue = taskQueue;
  }

  /** Starts the order, or meets the one that is there, and waits for validation and risk. */
  async submit(order: NewOrder, historyEventsMax?: number): Promise<CallResult<Created<SubmitResult>>> {
    return await submitWithStart(this.client, {
      update: submitUpdate,
      requestHash: order.requestHash,
      answerMsMax: ANSWER_MS_MAX,
      startOperation: () => this.startOperation(order, historyEventsMax),
    });
  }

  async cancel(workflowId: string, request: CancelRequest): Promise<CallResult<RequestResult>> {
    return await this.update(workflowId, (handle) =>
      handle.executeUpdate(requestCancelUpdate, { args: [request], updateId: request.requestId }),
    );
  }

  async amend(workflowId: string, request: AmendRequest): Promise<CallResult<RequestResult>> {
    return await this.update(workflowId, (handle) =>
      handle.executeUpdate(requestAmendUpdate, { args: [request], updateId: request.requestId }),
    );
  }

  async resolve(workflowId: string, request: ResolveRequest): Promise<CallResult<RequestResult>> {
    return await this.update(workflowId, (handle) =>
      handle.executeUpdate(resolveUpdate, { args: [request], updateId: request.requestId }),
    );
  }

  /** The answer that an earlier request with this id got, also after the order has ended. */
  async earlierAnswer(workflowId: string, requestId: string): Promise<CallResult<RequestResult>> {
    const deadlineMs = Date.now() + DESCRIBE_MS_MAX;
    const earlier = this.handle(workflowId).getUpdateHandle<RequestResult>(requestId);
    return await callUntil(deadlineMs, () => this.client.withDeadline(deadlineMs, () => earlier.result()));
  }

  async view(workflowId: string): Promise<CallResult<OrderView>> {
    const deadlineMs = Date.now() + QUERY_MS_MAX;
    return await callUntil(deadlineMs, () =>
      this.client.withDeadline(deadlineMs, () => this.handle(workflowId).query(orderQuery)),
    );
  }

  /** The events of the current run, in the newest version: the order may run on an older build. */
  async events(workflowId: string): Promise<CallResult<OrderEvent[]>> {
    const deadlineMs = Date.now() + QUERY_MS_MAX;
    return await callUntil(deadlineMs, () =>
      this.client.withDeadline(deadlineMs, async () =>
        (await this.handle(workflowId).query(orderEventsQuery)).map(upcastEvent),
      ),
    );
  }

  /** Whose content the workflow id holds; needs neither MongoDB nor a worker. */
  async identify(workflowId: string): Promise<CallResult<Identity>> {
    const deadlineMs = Date.now() + DESCRIBE_MS_MAX;
    return await callUntil(deadlineMs, async () => {
      const found = await this.client.withDeadline(deadlineMs, () => this.handle(workflowId).describe());
      const noted: unknown = found.memo?.['requestHash'];
      const requestHash = typeof noted === 'string' ? noted : '';
      return { requestHash, open: found.status.name === 'RUNNING' };
    });
  }

  /** Orders whose workflow runs, newest first, from Temporal's visibility (about a second behind). Bounded. */
  async openOrders(
    accounts: readonly string[] | undefined,
    symbol?: string,
  ): Promise<CallResult<OpenOrder[]>> {
    const [accountAttribute, symbolAttribute] = SEARCH_ATTRIBUTE_NAMES;
    const terms = [`WorkflowType = '${ORDER_WORKFLOW_TYPE}'`, `ExecutionStatus = 'Running'`];
    if (accounts !== undefined) terms.push(`${accountAttribute} IN (${accounts.map(quoted).join(', ')})`);
    if (symbol !== undefined) terms.push(`${symbolAttribute} = ${quoted(symbol)}`);
    const deadlineMs = Date.now() + QUERY_MS_MAX;
    return await callUntil(deadlineMs, () =>
      this.client.withDeadline(deadlineMs, async () => {
        const found: OpenOrder[] = [];
        for await (const execution of this.client.workflow.list({ query: terms.join(' AND ') })) {
          const [, account, clientOrderId] = execution.workflowId.split(':');
          if (account === undefined || clientOrderId === undefined) continue;
          found.push({ account, clientOrderId, workflowId: execution.workflowId });
          if (found.length >= OPEN_ORDERS_SCANNED_MAX) break;
        }
        return found;
      }),
    );
  }

  private startOperation(order: NewOrder, historyEventsMax: number | undefined) {
    const { orderId, request, requestHash, enteredBy, traceId } = order;
    const start = orderStartOf({
      orderId,
      request,
      requestHash,
      enteredBy,
      ...NEW_ORDER,
      ...(traceId !== undefined && { traceId }),
      ...(historyEventsMax !== undefined && { historyEventsMax }),
    });
    return new WithStartWorkflowOperation(ORDER_WORKFLOW_TYPE, {
      ...start,
      taskQueue: this.taskQueue,
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  }

  private async update(
    workflowId: string,
    send: (handle: WorkflowHandle) => Promise<RequestResult>,
  ): Promise<CallResult<RequestResult>> {
    const deadlineMs = Date.now() + ANSWER_MS_MAX;
    return await callUntil(deadlineMs, () =>
      this.client.withDeadline(deadlineMs, () => send(this.handle(workflowId))),
    );
  }

  private handle(workflowId: string): WorkflowHandle {
    return this.client.workflow.getHandle(workflowId);
  }
}

/** Identifiers and symbols have no quotes by their patterns; escaping keeps that from being a condition. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
