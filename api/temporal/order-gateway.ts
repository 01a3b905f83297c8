import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation, type Client, type WorkflowHandle } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES, orderSearchAttributes } from '../../temporal-config/search-attributes';
import { upcastEvent } from '../../domain/order/upcast-event';
import type { OrderEvent } from '../../domain/order/order-events';
import type { OrderRequest } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';
import {
  ORDER_WORKFLOW_TYPE,
  orderEventsQuery,
  orderQuery,
  requestAmendUpdate,
  requestCancelUpdate,
  resolveUpdate,
  submitUpdate,
  type AmendRequest,
  type CancelRequest,
  type OrderWorkflowInput,
  type RequestResult,
  type ResolveRequest,
  type SubmitResult,
} from '../../workflows/order-entry/order-messages';
import { callUntil, type CallResult } from './call-fault';
import { summaryOf } from '../../domain/order/order-summary';

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

/** `created` is true for the one call that made the order; a repeat meets the first answer. */
export interface Submitted extends SubmitResult {
  created: boolean;
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
  async submit(order: NewOrder, historyEventsMax?: number): Promise<CallResult<Submitted>> {
    const requestId = randomUUID();
    const { requestHash } = order;
    const deadlineMs = Date.now() + ANSWER_MS_MAX;
    let started = false;
    const result = await callUntil(deadlineMs, async () => {
      const operation = this.startOperation(order, historyEventsMax);
      void operation.workflowHandle().then(
        () => (started = true),
        () => undefined,
      );
      const options = { args: [{ requestId, requestHash }] as [{ requestId: string; requestHash: string }] };
      return await this.client.withDeadline(deadlineMs, () =>
        this.client.workflow.executeUpdateWithStart(submitUpdate, {
          ...options,
          updateId: requestHash,
          startWorkflowOperation: operation,
        }),
      );
    });
    if (result.ok)
      return { ok: true, value: { ...result.value, created: result.value.createdBy === requestId } };
    const { fault } = result;
    const claimsNothing =
      fault.kind === 'neverSent' || fault.kind === 'exhausted' || fault.kind === 'invalid';
    if (!started || !claimsNothing) return result;
    return { ok: false, fault: { kind: 'unknown', repeatable: true, message: 'started, but not answered' } };
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
    const { orderId, workflowId, request, requestHash, enteredBy, traceId } = order;
    const trace = traceId === undefined ? {} : { traceId };
    const { account, symbol, side, type, venue } = request;
    const input: OrderWorkflowInput = {
      orderId,
      request,
      requestHash,
      enteredBy,
      steps: 'joint',
      anchored: true,
      ...trace,
      ...(historyEventsMax === undefined ? {} : { historyEventsMax }),
    };
    return new WithStartWorkflowOperation(ORDER_WORKFLOW_TYPE, {
      workflowId,
      taskQueue: this.taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      typedSearchAttributes: orderSearchAttributes({
        account,
        symbol,
        side,
        state: 'new',
        venue: venue ?? DEFAULT_VENUE,
        orderType: type,
        trader: enteredBy,
      }),
      staticSummary: summaryOf(request),
      memo: { orderId, requestHash, enteredBy, ...trace },
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

/** Where orders go that name no venue; validation decides, this is only what the search attribute shows. */
const DEFAULT_VENUE = 'XSIM';

/** Identifiers and symbols have no quotes by their patterns; escaping keeps that from being a condition. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
