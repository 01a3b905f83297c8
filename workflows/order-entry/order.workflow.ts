import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import { isEnded, isOpen } from '../../domain/order/order-status';
import { nextSettlement } from '../../domain/order/order-settlement';
import { VenueDesk } from '../execution/venue-desk';
import { countState } from '../reporting/order-flow';
import { Recorder } from '../reporting/recorder';
import { ExposureKeeper } from '../risk/exposure-keeper';
import { Settler } from '../settlement/settler';
import { Anchor } from './anchor';
import { Alarms, type WantedAlarms } from './alarms';
import { effectsOf, type Effects } from './effects';
import { duplicateFailure, enterOrder } from './entry';
import { listen } from './handlers';
import { Leave } from './leave';
import { OrderLife, type InboxItem } from './order-life';
import { Presence } from './presence';
import { takeAmend, takeCancel, takeResolve } from './requests';
import type { OrderView } from '../../domain/order/order-view';
import type { OrderWorkflowInput } from './order-messages';

/** One order and those who act for it. */
interface Cast {
  life: OrderLife;
  anchor: Anchor;
  desk: VenueDesk;
  keeper: ExposureKeeper;
  recorder: Recorder;
  effects: Effects;
  presence: Presence;
  alarms: Alarms;
  leave: Leave;
}

/**
 * The durable life of one order, from its request to its settlement. State first, handlers second, first wait last.
 * Returns the final view; an order that we denied or the venue rejected ends the workflow as failed with the code of
 * its first reason, so that operations see business failures as such. Cancelling the workflow asks for a cancel of
 * the order: what the venue may hold cannot end by forgetting it.
 */
export async function order(input: OrderWorkflowInput): Promise<OrderView> {
  const anchor = new Anchor(input.anchored === true);
  const now = () => new Date(anchor.nowMs()).toISOString();
  const build = () => workflowInfo().currentDeploymentVersion?.buildId ?? null;
  const life = new OrderLife(input, workflowInfo().workflowId, now, countState, build);
  listen(life);
  cancelOrderOnWorkflowCancellation(life);
  return await CancellationScope.nonCancellable(() => conduct(cast(life, anchor)));
}

function cast(life: OrderLife, anchor: Anchor): Cast {
  const keeper = new ExposureKeeper(life);
  const recorder = new Recorder(life);
  return {
    life,
    anchor,
    desk: new VenueDesk(life),
    keeper,
    recorder,
    effects: effectsOf({ life, keeper, recorder, settler: new Settler(life) }),
    presence: new Presence(life, life.state.state),
    alarms: new Alarms((name) => life.inbox.push({ kind: 'alarm', name })),
    leave: new Leave(life, anchor),
  };
}

async function conduct(all: Cast): Promise<OrderView> {
  const { life } = all;
  if (life.input.carried === undefined) await enterOrder(life, all.keeper);
  if (life.duplicate !== undefined) {
    await condition(allHandlersFinished);
    throw duplicateFailure(life.duplicate.sameContent);
  }
  all.anchor.hold();
  for (;;) {
    await takeInbox(all);
    act(all);
    all.presence.publish();
    if (isFinished(all)) return finish(life);
    if (mustContinueAsNew(all)) await goOnInNewRun(life);
    await condition(() => life.inbox.length > 0 || (isIdle(all) && allHandlersFinished() && hasLeave(all)));
  }
}

async function takeInbox(all: Cast): Promise<void> {
  const { anchor, life, leave } = all;
  for (let item = anchor.next(life.inbox); item !== undefined; item = anchor.next(life.inbox)) {
    anchor.note(item);
    leave.note(item);
    await take(all, item);
    if (anchor.isTakenAlone(item)) return;
  }
}

async function take({ life, desk, keeper, anchor }: Cast, item: InboxItem): Promise<void> {
  switch (item.kind) {
    case 'reports':
      for (const report of item.reports) life.apply({ type: 'applyReport', report });
      return;
    case 'cancel':
      return takeCancel(life, desk, item.request, item.reply);
    case 'amend':
      return await takeAmend(life, keeper, item.request, item.reply);
    case 'resolve':
      return takeResolve(life, item.request, item.reply);
    case 'sendResult':
      return desk.onSendResult(item.send, item.result, anchor.nowMs());
    case 'statusResult':
      return desk.onStatus(item.result, anchor.nowMs());
    case 'settled':
      life.apply({ type: 'settleFills', fillIds: item.fillIds, settlementDate: item.settlementDate });
      return;
    case 'alarm':
      if (item.name === 'dayEnd') desk.onDayEnd(anchor.nowMs());
      return;
    case 'wake':
      return;
  }
}

/** Starts whatever the state asks for; nothing here waits. */
function act(all: Cast): void {
  const now = all.anchor.nowMs();
  all.desk.act(now);
  all.effects.act(now, all.desk.isBusy() && !isEnded(all.life.state));
  all.alarms.sync(wantedAlarms(all, now), now);
}

function wantedAlarms(all: Cast, nowMs: number): WantedAlarms {
  const { life, desk, recorder, effects } = all;
  const { state } = life;
  const wanted: WantedAlarms = {};
  const record = recorder.deferredUntil();
  if (record !== undefined) wanted.record = record;
  const settlement = effects.settlementDueAt(nowMs);
  if (settlement !== undefined) wanted.settlement = settlement;
  if (desk.retryAt !== undefined) wanted.retrySend = desk.retryAt;
  if (desk.askAt !== undefined) wanted.askStatus = desk.askAt;
  const isDay = state.request.timeInForce === 'day';
  // The answer to a message on its way usually ends a day order, so the long timer waits a moment for that.
  const mayNeedDayEnd = isDay && !desk.dayEnded && isOpen(state) && record === undefined;
  if (mayNeedDayEnd && state.terms !== undefined) wanted.dayEnd = Date.parse(state.terms.sessionCloseAt);
  const leave = all.leave.timerAt(nowMs, !isOver(all) && isIdle(all) && allHandlersFinished());
  if (leave !== undefined) wanted.leave = leave;
  return wanted;
}

/** True when nothing is on its way and MongoDB knows everything. */
function isIdle({ life, desk, keeper, effects }: Cast): boolean {
  const busy = desk.isBusy() || effects.isBusy();
  return !busy && life.inbox.length === 0 && life.unrecorded.length === 0 && !keeper.isBehind();
}

function isOver({ life }: Cast): boolean {
  return isEnded(life.state) && nextSettlement(life.state) === undefined;
}

function isFinished(all: Cast): boolean {
  return isOver(all) && isIdle(all) && allHandlersFinished();
}

/** True when the loop has to look at leaving this run: the order is over, or its history is long. */
function hasLeave(all: Cast): boolean {
  return isOver(all) || all.leave.isWanted();
}

/** Messages on their way and unanswered updates stay with this run; unrecorded events would travel. */
function mustContinueAsNew(all: Cast): boolean {
  return all.leave.takeLeave(!isOver(all) && isIdle(all) && allHandlersFinished());
}

async function goOnInNewRun(life: OrderLife): Promise<never> {
  life.hasLeft = true;
  return await continueAsNew<typeof order>({ ...life.input, anchored: true, carried: life.carry() });
}

function finish(life: OrderLife): OrderView {
  life.hasLeft = true;
  const view = life.view();
  if (view.state !== 'rejected') return view;
  const [first] = view.reasons;
  throw ApplicationFailure.create({
    message: `${view.rejectedBy ?? 'venue'} refused: ${view.reasons.map((reason) => reason.code).join(', ')}`,
    type: first?.code ?? 'VENUE_REJECTED',
    nonRetryable: true,
    category: 'BENIGN',
    details: [view],
  });
}

function cancelOrderOnWorkflowCancellation(life: OrderLife): void {
  CancellationScope.current().cancelRequested.catch(() => {
    life.inbox.push({
      kind: 'cancel',
      request: {
        requestId: 'workflow-cancellation',
        by: 'temporal',
        reason: 'the workflow was asked to cancel',
      },
    });
  });
}
