import { allHandlersFinished } from '@temporalio/workflow';
import { isEnded } from '../../domain/order/order-status';
import { nextSettlement } from '../../domain/order/order-settlement';
import type { TriggerKeeper } from '../execution/trigger-keeper';
import type { VenueDesk } from '../execution/venue-desk';
import type { Recorder } from '../reporting/recorder';
import type { ExposureKeeper } from '../risk/exposure-keeper';
import type { Alarms } from './alarms';
import type { Anchor } from './anchor';
import type { Effects } from './effects';
import type { Leave } from './leave';
import type { ListLink } from './list-link';
import type { OrderLife } from './order-life';
import type { Presence } from './presence';
import type { RunLength } from './run-length';

/** One order and those who act for it. */
export interface Cast {
  life: OrderLife;
  anchor: Anchor;
  desk: VenueDesk;
  keeper: ExposureKeeper;
  triggers: TriggerKeeper;
  recorder: Recorder;
  effects: Effects;
  link: ListLink;
  presence: Presence;
  alarms: Alarms;
  run: RunLength;
  leave: Leave;
}

/** True when nothing is on its way and MongoDB knows everything. */
function isIdle({ life, desk, keeper, triggers, effects, link }: Cast): boolean {
  // The cheap questions come first: this is asked whenever the order looks around.
  if (desk.isBusy() || effects.isBusy() || life.inbox.length > 0) return false;
  if (life.unrecorded.length > 0 || life.unrecordedFillIds.length > 0) return false;
  return !keeper.isBehind() && !triggers.isBehind() && !link.isBehind();
}

/** True when nothing new is to be begun because the order goes on in a new run. One that is over ends in this one. */
export function isWindingDown(all: Cast): boolean {
  return all.run.isWindingDown() && !isClosed(all);
}

/** True when the run may end here: idle, or winding down with nothing on its way that the next run would not take. */
export function isAtRest(all: Cast): boolean {
  if (!isWindingDown(all)) return isIdle(all);
  const { life, desk, effects, link, run } = all;
  if (desk.isBusy() || link.isBehind() || life.inbox.length > 0) return false;
  return !effects.isBusy() || (run.isOverdue() && effects.undelivered() !== undefined);
}

/** True when the order will not trade any more and all its fills are settled. */
export function isOver(life: OrderLife): boolean {
  return isEnded(life.state) && nextSettlement(life.state) === undefined;
}

/** Until when the order waits for busts and corrections of its fills; undefined when it does not. */
export function windowEndMs({ state }: OrderLife): number | undefined {
  const windowMs = state.terms?.bustWindowMs ?? 0;
  return windowMs === 0 || state.fills.length === 0 ? undefined : Date.parse(state.updatedAt) + windowMs;
}

/** True when the order is over and no bust is waited for any more. */
function isClosed({ life, anchor }: Cast): boolean {
  return isOver(life) && anchor.nowMs() >= (windowEndMs(life) ?? 0);
}

export function isFinished(all: Cast): boolean {
  return isClosed(all) && isIdle(all) && allHandlersFinished();
}

/** True when the loop has to look at leaving this run: the order is over, or its history is long. */
export function hasLeave(all: Cast): boolean {
  return isClosed(all) || all.leave.isWanted();
}

/** Messages on their way and unanswered updates stay with this run; what is not recorded yet may travel. */
export function mayContinue(all: Cast): boolean {
  return !isClosed(all) && isAtRest(all) && allHandlersFinished();
}
