import { ZERO } from '../../domain/money/decimal';
import { decide } from '../../domain/order/decide';
import { evolve, stampEvents } from '../../domain/order/evolve';
import { openOrder } from '../../domain/order/open-order';
import { toOrderView } from '../../domain/order/order-projection';
import { packState, unpackState } from '../../domain/order/packed-state';
import { upcastEvent } from '../../domain/order/upcast-event';
import type { TriggerSighting } from '../../domain/order/hold';
import type { ExecutionReport } from '../../domain/order/execution-report';
import type { OrderCommand, Refusal } from '../../domain/order/order-commands';
import type { OrderEvent, OrderEventBody } from '../../domain/order/order-events';
import type { OrderState } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';
import type {
  AmendRequest,
  CancelRequest,
  CarriedLink,
  CarriedOrder,
  LegActMessage,
  OrderWorkflowInput,
  RequestResult,
  ResolveRequest,
  SubmitResult,
} from './order-messages';
import type { AlarmName } from './alarms';
import type { DeliveredBy } from '../activity-proxies';
import type { ReleaseRequest } from './release';
import type { OrderStatusResult, SendResult } from '../../activities/execution/execution.port';
import type { VenueSend } from '../execution/venue-send';

/** What handlers and background work hand to the one main loop. */
export type InboxItem =
  | { kind: 'reports'; reports: ExecutionReport[] }
  | { kind: 'cancel'; request: CancelRequest; reply?: Reply }
  | { kind: 'amend'; request: AmendRequest; reply?: Reply }
  | { kind: 'resolve'; request: ResolveRequest; reply?: Reply }
  | { kind: 'trigger'; version: number; sighting: TriggerSighting }
  | { kind: 'release'; request: ReleaseRequest }
  | { kind: 'legAct'; message: LegActMessage }
  | { kind: 'alarm'; name: AlarmName }
  | { kind: 'sendResult'; send: VenueSend; result: SendResult }
  | { kind: 'statusResult'; result: OrderStatusResult }
  | { kind: 'settled'; fillIds: string[]; settlementDate: string; isEvent?: boolean; end?: () => void }
  /**
   * Background work ended; the loop looks again at what there is to do. `isEvent`: the history has an event for it;
   * `end`: what changes with it, for orders that take it in turn.
   */
  | { kind: 'wake'; isEvent?: boolean; end?: () => void };

/** Where the main loop leaves the answer of an update; the handler waits for `answer` to be there. */
export interface Reply {
  answer?: { result: RequestResult } | { failure: Refusal };
}

type OnState = (state: OrderState) => void;
type OnAnomaly = (state: OrderState, code: string) => void;

export type Applied = { ok: true } | { ok: false; refusal: Refusal };

/**
 * One order inside the workflow: the state, which only `apply` changes, and what still has to be told to others.
 * It holds no Temporal object, so that it can be built before any handler is registered.
 */
export class OrderLife {
  state: OrderState;
  readonly inbox: InboxItem[] = [];
  /** Answer of the submit update; undefined until validation and risk have decided. */
  answer: SubmitResult | undefined;
  /** Set when the identity belongs to another run: this run must neither trade nor record. */
  duplicate: { sameContent: boolean } | undefined;
  /** True once this run has ended: what comes to it then must not pass for taken. */
  hasLeft = false;
  createdBy: string;
  readonly unitReserves: Record<string, string>;
  unrecorded: OrderEvent[];
  unrecordedFillIds: string[];
  deliveredExposure: string;
  /** What the watch of the market was told last, as JSON; empty for an order that never waited for a price. */
  deliveredTrigger: string;
  /** What the list of the order knows; of no use to an order of none. */
  link: CarriedLink;
  readonly emitted: OrderEvent[] = [];
  private unnamed = 0;
  /** The view of one state, which several ask for. */
  private shown: { of: OrderState; view: OrderView } | undefined;
  private readonly sequenceAtStart: number;
  readonly input: OrderWorkflowInput;
  private readonly now: () => string;
  private readonly onState: OnState;
  private readonly onAnomaly: OnAnomaly;
  private readonly build: () => string | null;

  /**
   * `now` is the workflow's deterministic clock, ISO 8601 UTC. `onState` hears of each state that the order comes into,
   * the first one included. `build` names the build that runs the present task, as the history keeps it; null when it
   * has no name. `onAnomaly` hears of each report that broke a rule, by the code of the rule.
   */
  constructor(
    input: OrderWorkflowInput,
    workflowId: string,
    now: () => string,
    onState: OnState = () => undefined,
    build: () => string | null = () => null,
    onAnomaly: OnAnomaly = () => undefined,
  ) {
    this.input = input;
    this.now = now;
    this.onState = onState;
    this.onAnomaly = onAnomaly;
    this.build = build;
    const carried = input.carried;
    this.sequenceAtStart = carried?.state.sequence ?? 0;
    this.createdBy = carried?.createdBy ?? '';
    this.unitReserves = { ...carried?.unitReserves };
    this.unrecorded = (carried?.unrecorded ?? []).map(upcastEvent);
    this.unrecordedFillIds = [...(carried?.unrecordedFillIds ?? [])];
    this.deliveredExposure = carried?.deliveredExposure ?? '';
    this.deliveredTrigger = carried?.deliveredTrigger ?? '';
    this.link = carried?.link ?? { told: '', actsAnswered: 0, bookedQty: ZERO };
    if (carried !== undefined) {
      this.state = unpackState(carried.state);
      this.answer = { createdBy: carried.createdBy, outcome: 'accepted', order: toOrderView(this.state) };
      return;
    }
    const { orderId, request, enteredBy, traceId, list } = input;
    const opening = {
      orderId,
      workflowId,
      request,
      enteredBy,
      ...(traceId !== undefined && { traceId }),
      ...(list !== undefined && { list: list.membership }),
    };
    const events = stampEvents(undefined, openOrder(opening), orderId, now(), build());
    this.state = this.fold(undefined, events);
  }

  /** Runs a command through the domain; a refusal changes nothing. */
  apply(command: OrderCommand): Applied {
    const decision = decide(this.state, command);
    if (!decision.ok) return { ok: false, refusal: decision.refusal };
    this.emit(decision.events);
    return { ok: true };
  }

  /** What the domain would say, without doing it. */
  wouldRefuse(command: OrderCommand, state = this.state): Refusal | undefined {
    const decision = decide(state, command);
    return decision.ok ? undefined : decision.refusal;
  }

  /**
   * What the domain would say once the reports that wait in the inbox are taken: for update validators. A worker that
   * replays an order may be handed a signal of an earlier task and a new update at once, and asks the validator before
   * the main loop has seen the signal.
   */
  wouldRefuseAfterReports(command: OrderCommand): Refusal | undefined {
    let { state } = this;
    for (const report of this.inbox.flatMap((item) => (item.kind === 'reports' ? item.reports : []))) {
      const decision = decide(state, { type: 'applyReport', report });
      if (!decision.ok) continue;
      state = stampEvents(state, decision.events, state.orderId, this.now()).reduce(evolve, state);
    }
    return this.wouldRefuse(command, state);
  }

  view(): OrderView {
    if (this.shown?.of !== this.state) this.shown = { of: this.state, view: toOrderView(this.state) };
    return this.shown.view;
  }

  at(): string {
    return this.now();
  }

  /** True when the order takes everything that happens in turn (see anchor.ts). */
  isInTurn(): boolean {
    return this.input.anchored === true && this.input.inTurn === true;
  }

  /** Tells the main loop that background work ended; `end` changes what is different now. */
  wake(isEvent: boolean, end: () => void): void {
    if (this.isInTurn()) {
      this.inbox.push({ kind: 'wake', isEvent, end });
      return;
    }
    end();
    this.inbox.push({ kind: 'wake', isEvent });
  }

  /** As `wake`, for the steps of orders without joint ones, which never said whether their end is an event. */
  wakeSingle(by: DeliveredBy, end: () => void): void {
    this.wake(this.isInTurn() && by === 'durable', end);
  }

  /** A name for a request that came without one; no other request of the order has it. */
  nameSignal(): string {
    if (!this.isInTurn()) return `signal-${this.state.sequence}-${this.inbox.length}`;
    this.unnamed += 1;
    return `signal-${this.sequenceAtStart}-${this.unnamed}`;
  }

  /** What the next run needs; call only when nothing is in flight. */
  carry(): CarriedOrder {
    const { createdBy, unitReserves, unrecorded, unrecordedFillIds, deliveredExposure } = this;
    const { deliveredTrigger, link, input } = this;
    const state = packState(this.state);
    return {
      state,
      createdBy,
      unitReserves,
      unrecorded,
      unrecordedFillIds,
      deliveredExposure,
      ...(deliveredTrigger !== '' && { deliveredTrigger }),
      ...(input.list !== undefined && { link }),
    };
  }

  private emit(bodies: OrderEventBody[]): void {
    const events = stampEvents(this.state, bodies, this.state.orderId, this.now(), this.build());
    this.state = this.fold(this.state, events);
  }

  private fold(before: OrderState | undefined, events: OrderEvent[]): OrderState {
    let state = before;
    for (const event of events) {
      const next = evolve(state, event);
      this.noteChangedFills(state, next);
      if (state?.state !== next.state) this.onState(next);
      if (event.type === 'anomalyRaised') this.onAnomaly(next, event.code);
      state = next;
    }
    this.unrecorded.push(...events);
    this.emitted.push(...events);
    if (state === undefined) throw new Error('an order begins with at least one event');
    return state;
  }

  /** `evolve` keeps untouched fills by reference and never reorders them, so identity tells what changed. */
  private noteChangedFills(before: OrderState | undefined, after: OrderState): void {
    if (before?.fills === after.fills) return;
    after.fills.forEach((fill, index) => {
      if (before?.fills[index] === fill || this.unrecordedFillIds.includes(fill.fillId)) return;
      this.unrecordedFillIds.push(fill.fillId);
    });
  }
}
