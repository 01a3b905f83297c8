import {
  ApplicationFailure,
  ChildWorkflowFailure,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  TemporalFailure,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { requestHashOf, workflowIdOf } from '../../domain/order/order-id';
import { isOver } from '../../domain/order-list/leg-facts';
import { toOrderView } from '../../domain/order/order-projection';
import { isEnded } from '../../domain/order/order-status';
import { unpackState } from '../../domain/order/packed-state';
import { corrections } from '../activity-proxies';
import {
  legActSignal,
  NEW_ORDER,
  ORDER_WORKFLOW_TYPE,
  orderStartOf,
  type OrderWorkflowInput,
} from '../order-entry/order-messages';
import type { OrderRequest } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';
import type { ListAction } from '../../domain/order-list/list-types';
import type { ListLife } from './list-life';

type Begin = Extract<ListAction, { kind: 'begin' }>;
type Ask = Extract<ListAction, { kind: 'ask' }>;

/** How the list begins its orders and speaks to them. Each is a workflow of its own, which outlives the list. */
export class Legs {
  private onTheirWay = 0;
  private readonly life: ListLife;

  constructor(life: ListLife) {
    this.life = life;
  }

  /** True while an order is being begun or a word to one is on its way. */
  isBusy(): boolean {
    return this.onTheirWay > 0;
  }

  /** Begins an order as a child that stays with the build of the list. An id that is taken is a conflict. */
  begin({ leg, held }: Begin): void {
    const request = this.requestOf(leg);
    this.track(
      startChild(ORDER_WORKFLOW_TYPE, {
        ...orderStartOf(this.inputOf(leg, request, held)),
        parentClosePolicy: ParentClosePolicy.ABANDON,
      }).then(
        (child) => this.follow(leg, child),
        (fault: unknown) => {
          if (!(fault instanceof WorkflowExecutionAlreadyStartedError)) throw fault;
          this.life.inbox.push({ type: 'conflicted', leg, at: now() });
        },
      ),
    );
  }

  /** Sends an act to an order. One whose workflow is gone cannot take it, and has said or shown how it ended. */
  ask({ leg, act }: Ask): void {
    const { clientOrderId, account } = this.requestOf(leg);
    const number = this.life.list.legs[leg]?.acts ?? 0;
    const handle = getExternalWorkflowHandle(workflowIdOf(account, clientOrderId));
    this.track(
      handle.signal(legActSignal, { number, act }).catch(async (fault: unknown) => {
        if (!(fault instanceof TemporalFailure)) throw fault;
        if (this.isContinued()) await this.onGone(leg);
      }),
    );
  }

  /** True when the orders were begun by an earlier run, which alone is told how their workflows end. */
  isContinued(): boolean {
    const { carried, followEveryMs } = this.life.input;
    return carried !== undefined && followEveryMs !== undefined;
  }

  /** Looks whether the workflows of the open orders are there, by an act that each of them has answered long ago. */
  look(): void {
    this.life.list.legs.forEach((leg, index) => {
      if (isOver(leg) || leg.phase === 'waiting') return;
      const { clientOrderId, account } = this.requestOf(index);
      const handle = getExternalWorkflowHandle(workflowIdOf(account, clientOrderId));
      this.track(
        handle.signal(legActSignal, { number: 0, act: { kind: 'cancel' } }).catch(async (fault: unknown) => {
          if (!(fault instanceof TemporalFailure)) throw fault;
          await this.onGone(index);
        }),
      );
    });
  }

  /** The workflow of the order has closed. One that ended by itself recorded its end first. */
  private async onGone(leg: number): Promise<void> {
    const known = this.life.list.legs[leg];
    if (known === undefined || isOver(known)) return;
    const read = await corrections.readOrder({ orderId: known.orderId });
    const state = read.outcome === 'found' ? unpackState(read.state) : undefined;
    this.onClosed(leg, state !== undefined && isEnded(state) ? toOrderView(state) : undefined);
  }

  private track(way: Promise<void>): void {
    this.onTheirWay += 1;
    void way.then(() => {
      this.onTheirWay -= 1;
    });
  }

  private requestOf(leg: number): OrderRequest {
    const request = this.life.input.request.orders[leg];
    if (request === undefined) throw new Error(`the list has no order ${leg}`);
    return request;
  }

  private inputOf(leg: number, request: OrderRequest, held: boolean): OrderWorkflowInput {
    const { input, list } = this.life;
    const { listId, contingency } = input.request;
    const isAlternative =
      contingency === 'oco' || contingency === 'ouo' || (contingency === 'bracket' && leg > 0);
    return {
      orderId: list.legs[leg]?.orderId ?? '',
      request,
      requestHash: requestHashOf(request),
      enteredBy: input.enteredBy,
      ...NEW_ORDER,
      ...(input.traceId !== undefined && { traceId: input.traceId }),
      ...(input.historyEventsMax !== undefined && { historyEventsMax: input.historyEventsMax }),
      list: {
        workflowId: workflowInfo().workflowId,
        membership: { listId, contingency, leg },
        ...(held && { held }),
        ...(isAlternative && { group: listId }),
      },
    };
  }

  /** Hears how the workflow of an order ended, in case it ended without telling. */
  private follow(
    leg: number,
    child: ChildWorkflowHandle<(input: OrderWorkflowInput) => Promise<OrderView>>,
  ): void {
    void child.result().then(
      (order) => this.onClosed(leg, order),
      (fault: unknown) => {
        if (!(fault instanceof ChildWorkflowFailure)) throw fault;
        const cause = fault.cause instanceof ApplicationFailure ? fault.cause : undefined;
        if (cause?.type === 'DUPLICATE_REQUEST' || cause?.type === 'CLIENT_ORDER_ID_CONFLICT') {
          this.life.inbox.push({ type: 'conflicted', leg, at: now() });
        } else this.onClosed(leg, cause?.details?.[0] as OrderView | undefined);
      },
    );
  }

  private onClosed(leg: number, order: OrderView | undefined): void {
    const known = this.life.list.legs[leg];
    if (known === undefined || isOver(known)) return;
    if (order === undefined) {
      this.life.inbox.push({ type: 'lost', leg, at: now() });
      return;
    }
    const { cumQty: bookedQty } = order;
    const note = { leg, order, isHeld: false, bookedQty, isPending: false, actsAnswered: known.acts };
    this.life.inbox.push({ type: 'noted', note, at: now() });
  }
}

/** Workflow time, ISO 8601 UTC. */
function now(): string {
  return new Date().toISOString();
}
