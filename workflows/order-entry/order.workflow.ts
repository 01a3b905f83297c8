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
import { TriggerKeeper } from '../execution/trigger-keeper';
import { VenueDesk } from '../execution/venue-desk';
import { OrderFlow } from '../reporting/order-flow';
import { Recorder } from '../reporting/recorder';
import { ExposureKeeper } from '../risk/exposure-keeper';
import { Settler } from '../settlement/settler';
import { Anchor } from './anchor';
import { Alarms, type WantedAlarms } from './alarms';
import { effectsOf } from './effects';
import { duplicateFailure, enterOrder } from './entry';
import { listen } from './handlers';
import { Leave } from './leave';
import { ListLink } from './list-link';
import { OrderLife, type InboxItem } from './order-life';
import { Presence, shownState } from './presence';
import { releaseOrder } from './release';
import { takeAmend, takeCancel, takeResolve, takeTrigger } from './requests';
import {
  hasLeave,
  isAtRest,
  isFinished,
  isOver,
  isWindingDown,
  mayContinue,
  windowEndMs,
  type Cast,
} from './run-end';
import { RunLength } from './run-length';
import type { OrderView } from '../../domain/order/order-view';
import type { OrderWorkflowInput } from './order-messages';

/** A state that lasts no longer than this is not shown to operations: their index of orders would be a moment behind anyway. */
const MOMENT_MS = 5_000;

/**
 * The durable life of one order, from its request to its settlement. State first, handlers second, first wait last.
 * Returns the final view; an order that we denied or the venue rejected ends the workflow as failed with the code of
 * its first reason, so that operations see business failures as such. Cancelling the workflow asks for a cancel of
 * the order: what the venue may hold cannot end by forgetting it.
 */
export async function order(input: OrderWorkflowInput): Promise<OrderView> {
  const anchor = new Anchor(input);
  const now = () => new Date(anchor.nowMs()).toISOString();
  const build = () => workflowInfo().currentDeploymentVersion?.buildId ?? null;
  const { countState, countAnomaly } = new OrderFlow();
  const life = new OrderLife(input, workflowInfo().workflowId, now, countState, build, countAnomaly);
  listen(life);
  cancelOrderOnWorkflowCancellation(life);
  return await CancellationScope.nonCancellable(() => conduct(cast(life, anchor)));
}

function cast(life: OrderLife, anchor: Anchor): Cast {
  const keeper = new ExposureKeeper(life);
  const recorder = new Recorder(life);
  const triggers = new TriggerKeeper(life);
  const desk = new VenueDesk(life);
  const run = new RunLength(life, anchor);
  return {
    life,
    anchor,
    desk,
    link: new ListLink(life, keeper, desk),
    keeper,
    triggers,
    recorder,
    effects: effectsOf({ life, keeper, recorder, triggers, settler: new Settler(life) }),
    presence: new Presence(life, shownState(life.state)),
    alarms: new Alarms((name) => life.inbox.push({ kind: 'alarm', name }), life.isInTurn()),
    run,
    leave: new Leave(life, run),
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
    all.presence.publish(isPassing(all));
    if (isFinished(all)) return finish(life);
    if (all.leave.takeLeave(mayContinue(all))) await goOnInNewRun(all);
    await condition(() => life.inbox.length > 0 || (isAtRest(all) && allHandlersFinished() && hasLeave(all)));
    await all.anchor.gather();
  }
}

/** True while a timer runs that ends this state in a moment, or has it looked at again. */
function isPassing(all: Cast): boolean {
  const { life, recorder, effects, anchor } = all;
  if (life.input.shows !== 'lasting' || isWindingDown(all)) return false;
  const nowMs = anchor.nowMs();
  const endsAtMs = recorder.deferredUntil() ?? effects.settlementDueAt(nowMs);
  return endsAtMs !== undefined && endsAtMs > nowMs && endsAtMs <= nowMs + MOMENT_MS;
}

async function takeInbox(all: Cast): Promise<void> {
  const { anchor, life, leave, alarms } = all;
  for (let item = anchor.next(life.inbox); item !== undefined; item = anchor.next(life.inbox)) {
    anchor.note(item);
    leave.note(item);
    alarms.note(item);
    await take(all, item);
    if (anchor.isTakenAlone(item)) return;
  }
}

async function take({ life, desk, keeper, link, anchor }: Cast, item: InboxItem): Promise<void> {
  switch (item.kind) {
    case 'reports':
      for (const report of item.reports) life.apply({ type: 'applyReport', report });
      return;
    case 'cancel':
      return takeCancel(life, desk, item.request, anchor.nowMs(), item.reply);
    case 'amend':
      return await takeAmend(life, keeper, item.request, item.reply);
    case 'resolve':
      return takeResolve(life, item.request, item.reply);
    case 'trigger':
      return takeTrigger(life, item);
    case 'release':
      return await releaseOrder(life, keeper, item.request);
    case 'legAct':
      return await link.take(item.message, anchor.nowMs());
    case 'sendResult':
      return desk.onSendResult(item.send, item.result, anchor.nowMs());
    case 'statusResult':
      return desk.onStatus(item.result, anchor.nowMs());
    case 'settled':
      item.end?.();
      life.apply({ type: 'settleFills', fillIds: item.fillIds, settlementDate: item.settlementDate });
      return;
    case 'alarm':
      if (item.name === 'dayEnd') desk.onDayEnd(anchor.nowMs());
      return;
    case 'wake':
      item.end?.();
      return;
  }
}

/** Starts whatever the state asks for; nothing here waits. */
function act(all: Cast): void {
  const now = all.anchor.nowMs();
  all.desk.act(now);
  if (!isWindingDown(all)) all.effects.act(now, all.desk.isBusy() && !isEnded(all.life.state));
  all.link.act();
  all.alarms.sync(wantedAlarms(all, now), now);
}

function wantedAlarms(all: Cast, nowMs: number): WantedAlarms {
  const { life, desk, recorder, effects } = all;
  const { state } = life;
  const wanted: WantedAlarms = {};
  const record = recorder.deferredUntil();
  // A run that winds down begins no effects, so that these timers would fire in vain.
  if (!isWindingDown(all)) {
    if (record !== undefined) wanted.record = record;
    const settlement = effects.settlementDueAt(nowMs);
    if (settlement !== undefined) wanted.settlement = settlement;
  }
  const closing = isOver(life) ? windowEndMs(life) : undefined;
  if (closing !== undefined && closing > nowMs) wanted.bustWindow = closing;
  if (desk.retryAt !== undefined) wanted.retrySend = desk.retryAt;
  if (desk.askAt !== undefined) wanted.askStatus = desk.askAt;
  if (desk.abandonAt !== undefined) wanted.abandonRoute = desk.abandonAt;
  const endsAt = endOfOrder(state);
  // The answer to a message on its way usually ends a day order, so the long timer waits a moment for that.
  const mayBeOver = record !== undefined && !(life.isInTurn() && isWindingDown(all));
  const mayNeedDayEnd = !desk.dayEnded && isOpen(state) && !mayBeOver;
  if (mayNeedDayEnd && endsAt !== undefined) wanted.dayEnd = Date.parse(endsAt);
  const leave = all.leave.timerAt(nowMs, mayContinue(all));
  if (leave !== undefined) wanted.leave = leave;
  return wanted;
}

async function goOnInNewRun({ life, effects, run }: Cast): Promise<never> {
  run.warnOfWeight();
  life.hasLeft = true;
  const undelivered = effects.undelivered();
  const carried = { ...life.carry(), ...(undelivered !== undefined && { undelivered }) };
  return await continueAsNew<typeof order>({
    ...life.input,
    anchored: true,
    inTurn: true,
    shows: 'lasting',
    carried,
  });
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
