import { WithStartWorkflowOperation, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isDeepStrictEqual } from 'node:util';
import { foldOrder } from '../../domain/order/evolve';
import type { ExecutionReport } from '../../domain/order/execution-report';
import { orderIdOf, requestHashOf, workflowIdOf } from '../../domain/order/order-id';
import { toOrderView } from '../../domain/order/order-projection';
import type { OrderRequest, OrderState } from '../../domain/order/order-types';
import {
  executionReportSignal,
  ORDER_WORKFLOW_TYPE,
  orderEventsQuery,
  orderQuery,
  requestAmendUpdate,
  requestCancelUpdate,
  submitUpdate,
  NEW_ORDER,
  orderStartOf,
} from '../../workflows/order-entry/order-messages';
import type { MatrixStep } from './matrix-form';
import { FAR_AWAY_MS } from './scripted-world';

const SETTLE_MS_MAX = 60_000;
const POLL_MS = 10;
/** The one activity that a play leaves open; see scriptedWorld. */
const NEVER_DONE = 'deliverEffects';
const ENTERED_BY = 'matrix';

/** Where a play finds Temporal and the worker. */
export interface PlayGround {
  client: Client;
  taskQueue: string;
}

/** One order workflow under a play: takes the steps of the client and the reports of the venue. */
export class PlayedOrder {
  readonly orderId: string;
  private readonly ground: PlayGround;
  private readonly request: OrderRequest;
  private readonly workflowId: string;

  constructor(ground: PlayGround, request: OrderRequest) {
    this.ground = ground;
    this.request = request;
    this.orderId = orderIdOf(request.account, request.clientOrderId);
    this.workflowId = workflowIdOf(request.account, request.clientOrderId);
  }

  /** Sends what the client does. The code of the refusal when the order refuses it. Returns once it is settled. */
  async act(step: MatrixStep): Promise<string | undefined> {
    try {
      const { outcome, reasons } = await this.send(step);
      return outcome === 'denied' ? (reasons[0]?.code ?? 'denied') : undefined;
    } catch (fault) {
      const refusal = fault instanceof WorkflowUpdateFailedError ? fault.cause : undefined;
      if (!(refusal instanceof ApplicationFailure)) throw fault;
      return refusal.type ?? refusal.message;
    } finally {
      await this.settle();
    }
  }

  /** Delivers reports of the venue, in one signal. Returns once they are settled. */
  async deliver(reports: readonly ExecutionReport[]): Promise<void> {
    const settleAt = new Date(Date.now() + FAR_AWAY_MS).toISOString();
    // Fills settle on a date that the gateway stamps; here it never comes.
    const stamped = reports.map((report) => ({ ...report, settlementDate: settleAt.slice(0, 10), settleAt }));
    await this.handle().signal(executionReportSignal, stamped);
    await this.settle();
  }

  /** The order as its events tell it. Throws when the order shows anything else than they do. */
  async state(): Promise<OrderState> {
    const handle = this.handle();
    const [view, events] = [await handle.query(orderQuery), await handle.query(orderEventsQuery)];
    const state = foldOrder(events);
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(toOrderView(state))), view)) {
      throw new Error(`order ${this.orderId} shows something else than its events: ${JSON.stringify(view)}`);
    }
    return state;
  }

  /** Makes the server forget which worker had this order last. */
  async forgetWorker(): Promise<void> {
    const { client } = this.ground;
    await client.workflowService.resetStickyTaskQueue({
      namespace: client.options.namespace,
      execution: { workflowId: this.workflowId },
    });
  }

  private handle() {
    return this.ground.client.workflow.getHandle(this.workflowId);
  }

  private async send(step: MatrixStep) {
    const { quantity, limitPrice, stopPrice } = step;
    const request = { requestId: `matrix-${step.clOrdId ?? ''}`, by: ENTERED_BY };
    switch (step.client) {
      case 'cancel':
        return await this.handle().executeUpdate(requestCancelUpdate, { args: [request] });
      case 'replace':
        return await this.handle().executeUpdate(requestAmendUpdate, {
          args: [
            {
              ...request,
              ...(quantity !== undefined && { quantity }),
              ...(limitPrice !== undefined && { limitPrice }),
              ...(stopPrice !== undefined && { stopPrice }),
            },
          ],
        });
      default: {
        const { outcome, order } = await this.submit();
        return { outcome, reasons: order.reasons };
      }
    }
  }

  /** As the API does it: the update comes with the start, and a repeat meets the first answer. */
  private async submit() {
    const { request, orderId, workflowId } = this;
    const requestHash = requestHashOf(request);
    const input = { orderId, request, requestHash, enteredBy: ENTERED_BY, ...NEW_ORDER };
    return await this.ground.client.workflow.executeUpdateWithStart(submitUpdate, {
      args: [{ requestId: workflowId, requestHash }],
      updateId: requestHash,
      startWorkflowOperation: new WithStartWorkflowOperation(ORDER_WORKFLOW_TYPE, {
        ...orderStartOf(input),
        taskQueue: this.ground.taskQueue,
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });
  }

  /** Waits until nothing is on its way: no task of the workflow, and no activity but the one that never ends. */
  private async settle(): Promise<void> {
    const { client } = this.ground;
    const deadline = Date.now() + SETTLE_MS_MAX;
    for (;;) {
      const { pendingWorkflowTask, pendingActivities } =
        await client.workflowService.describeWorkflowExecution({
          namespace: client.options.namespace,
          execution: { workflowId: this.workflowId },
        });
      const isBusy = (pendingActivities ?? []).some(
        ({ activityType, lastFailure }) => activityType?.name !== NEVER_DONE || !lastFailure,
      );
      if (!pendingWorkflowTask && !isBusy) return;
      if (Date.now() > deadline)
        throw new Error(`order ${this.orderId} did not come to rest in ${SETTLE_MS_MAX} ms`);
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  }
}
