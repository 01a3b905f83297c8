import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import { endOfOrder } from '../../domain/order/order-end';
import { isEnded, isOpen } from '../../domain/order/order-status';
import { nextSettlement } from '../../domain/order/order-settlement';
import { TriggerKeeper } from '../execution/trigger-keeper';
import { VenueDesk } from '../execution/venue-desk';
import { countAnomaly, countState } from '../reporting/order-flow';
import { Recorder } from '../reporting/recorder';
import { ExposureKeeper } from '../risk/exposure-keeper';
import { Settler } from '../settlement/settler';
import { Alarms, type WantedAlarms } from './alarms';
import { effectsOf, type Effects } from './effects';
import { duplicateFailure, enterOrder } from './entry';
import { listen } from './handlers';
import { ListLink } from './list-link';
import { OrderLife, type InboxItem } from './order-life';
import { Presence } from './presence';
import { releaseOrder } from './release';
import { takeAmend, takeCancel, takeResolve, takeTrigger } from './requests';
import { RunLength } from './run-length';
import type { OrderView } from '../../domain/order/order-view';
import type { OrderWorkflowInput } from './order-messages';

/** One order and those who act for it. */
interface Cast {
  life: OrderLife;
  desk: VenueDesk;
  keeper: ExposureKeeper;
  triggers: TriggerKeeper;
  recorder: Recorder;
  effects: Effects;
  link: ListLink;
  presence: Presence;
  alarms: Alarms;
  run: RunLength;
}

/**
 * The durable life of one order, from its request to its settlement. State first, handlers second, first wait last.
 * Returns the final view; an order that we denied or the venue rejected ends the workflow as failed with the code of
 * its first reason, so that operations see business failures as such. Cancelling the workflow asks for a cancel of
 * the order: what the venue may hold cannot end by forgetting it.
 */
export async function order(input: OrderWorkflowInput): Promise<OrderView> {
  const now = () => new Date().toISOString();
  const build = () => workflowInfo().currentDeploymentVersion?.buildId ?? null;
  const life = new OrderLife(input, workflowInfo().workflowId, now, countState, build, countAnomaly);
  listen(life);
  cancelOrderOnWorkflowCancellation(life);
  return await CancellationScope.nonCancellable(() => conduct(cast(life)));
}

function cast(life: OrderLife): Cast {
  const keeper = new ExposureKeeper(life);
  const recorder = new Recorder(life);
  const triggers = new TriggerKeeper(life);
  const desk = new VenueDesk(life);
  return {
    life,
    desk,
    link: new ListLink(life, keeper, desk),
    keeper,
    triggers,
    recorder,
    effects: effectsOf({ life, keeper, recorder, triggers, settler: new Settler(life) }),
    presence: new Presence(life, life.state.state),
    alarms: new Alarms((name) => life.inbox.push({ kind: 'alarm', name })),
    run: new RunLength(life),
  };
}

async function conduct(all: Cast): Promise<OrderView> {
  const { life } = all;
  if (life.input.carried === undefined) await enterOrder(life, all.keeper);
  if (life.duplicate !== undefined) {
    await condition(allHandlersFinished);
    throw duplicateFailure(life.duplicate.sameContent);
  }
  for (;;) {
    await takeInbox(all);
    all.run.look();
    act(all);
    all.presence.publish();
    if (isFinished(all)) return finish(life);
    if (mustContinueAsNew(all)) await continueRun(all);
    await condition(() => life.inbox.length > 0 || (isAtRest(all) && allHandlersFinished() && hasLeave(all)));
  }
}

async function takeInbox(all: Cast): Promise<void> {
  for (let item = all.life.inbox.shift(); item !== undefined; item = all.life.inbox.shift())
    await take(all, item);
}

async function take({ life, desk, keeper, link }: Cast, item: InboxItem): Promise<void> {
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
    case 'trigger':
      return takeTrigger(life, item);
    case 'release':
      return await releaseOrder(life, keeper, item.request);
    case 'legAct':
      return await link.take(item.message);
    case 'sendResult':
      return desk.onSendResult(item.send, item.result, Date.now());
    case 'statusResult':
      return desk.onStatus(item.result, Date.now());
    case 'settled':
      life.apply({ type: 'settleFills', fillIds: item.fillIds, settlementDate: item.settlementDate });
      return;
    case 'alarm':
      if (item.name === 'dayEnd') desk.onDayEnd(Date.now());
      return;
    case 'wake':
      return;
  }
}

/** Starts whatever the state asks for; nothing here waits. */
function act(all: Cast): void {
  const now = Date.now();
  all.desk.act(now);
  if (!all.run.isWindingDown()) all.effects.act(now, all.desk.isBusy() && !isEnded(all.life.state));
  all.link.act();
  all.alarms.sync(wantedAlarms(all, now), now);
}

function wantedAlarms(all: Cast, nowMs: number): WantedAlarms {
  const { life, desk, recorder, effects } = all;
  const { state } = life;
  const wanted: WantedAlarms = {};
  const record = recorder.deferredUntil();
  // A run that winds down begins no effects, so that these timers would fire in vain.
  if (!all.run.isWindingDown()) {
    if (record !== undefined) wanted.record = record;
    const settlement = effects.settlementDueAt(nowMs);
    if (settlement !== undefined) wanted.settlement = settlement;
  }
  const closing = isOver(all) ? windowEndMs(life) : undefined;
  if (closing !== undefined && closing > nowMs) wanted.bustWindow = closing;
  if (desk.retryAt !== undefined) wanted.retrySend = desk.retryAt;
  if (desk.askAt !== undefined) wanted.askStatus = desk.askAt;
  const endsAt = endOfOrder(state);
  // The answer to a message on its way usually ends a day order, so the long timer waits a moment for that.
  const mayNeedDayEnd = !desk.dayEnded && isOpen(state) && record === undefined;
  if (mayNeedDayEnd && endsAt !== undefined) wanted.dayEnd = Date.parse(endsAt);
  return wanted;
}

/** True when nothing is on its way and MongoDB knows everything. */
function isIdle({ life, desk, keeper, triggers, effects, link }: Cast): boolean {
  const busy = desk.isBusy() || effects.isBusy();
  const isTold = life.unrecorded.length === 0 && life.unrecordedFillIds.length === 0;
  const isBehind = keeper.isBehind() || triggers.isBehind() || link.isBehind();
  return !busy && life.inbox.length === 0 && isTold && !isBehind;
}

/** True when the run may end here: idle, or winding down with nothing on its way that the next run would not take. */
function isAtRest(all: Cast): boolean {
  if (!all.run.isWindingDown()) return isIdle(all);
  const { life, desk, effects, link, run } = all;
  if (desk.isBusy() || link.isBehind() || life.inbox.length > 0) return false;
  return !effects.isBusy() || (run.isOverdue() && effects.undelivered() !== undefined);
}

function isOver({ life }: Cast): boolean {
  return isEnded(life.state) && nextSettlement(life.state) === undefined;
}

/** Until when the order waits for busts and corrections of its fills; undefined when it does not. */
function windowEndMs({ state }: OrderLife): number | undefined {
  const windowMs = state.terms?.bustWindowMs ?? 0;
  return windowMs === 0 || state.fills.length === 0 ? undefined : Date.parse(state.updatedAt) + windowMs;
}

/** True when the order is over and no bust is waited for any more. */
function isClosed(all: Cast): boolean {
  return isOver(all) && Date.now() >= (windowEndMs(all.life) ?? 0);
}

function isFinished(all: Cast): boolean {
  return isClosed(all) && isIdle(all) && allHandlersFinished();
}

/** True when the loop may leave this run: the order is over, or its history is long. */
function hasLeave(all: Cast): boolean {
  return isClosed(all) || all.run.isLong();
}

/** Messages on their way and unanswered updates stay with this run; what is not recorded yet travels. */
function mustContinueAsNew(all: Cast): boolean {
  return !isClosed(all) && all.run.isLong() && isAtRest(all) && allHandlersFinished();
}

async function continueRun({ life, effects, run }: Cast): Promise<void> {
  run.warnOfWeight();
  const undelivered = effects.undelivered();
  const carried = { ...life.carry(), ...(undelivered !== undefined && { undelivered }) };
  await continueAsNew<typeof order>({ ...life.input, carried });
}

function finish(life: OrderLife): OrderView {
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
