import { compare } from '../money/decimal';
import { isOver } from './leg-facts';
import type { LegAct, LegState, ListAction, ListState } from './list-types';
import { CONTINGENCY_RULES, haveAllHeldEntered, isHeldAtEntry, wantOf, type Want } from './list-wants';

/** Orders of one list that are on their way in at once: a bound on what one list asks of the system. */
export const LEGS_ENTERING_MAX = 10;
/** Cancels that an order may refuse; then operations are told, and a person has to act. */
export const CANCELS_REFUSED_MAX = 3;

/**
 * What the list has to do now, as a function of its state alone, so that nothing is forgotten over a crash and nothing
 * is done twice: what was asked and not answered is part of the state. One act an order at a time.
 */
export function nextActions(list: ListState): ListAction[] {
  let entering = list.legs.filter(({ phase }) => phase === 'entering').length;
  const actions: ListAction[] = [];
  list.legs.forEach((leg, index) => {
    const want = wantOf(list, index);
    if (leg.phase === 'waiting') {
      if (want.kind === 'stop') actions.push({ kind: 'skip', leg: index });
      else if (entering < LEGS_ENTERING_MAX && mayBegin(list, index)) {
        entering += 1;
        actions.push({ kind: 'begin', leg: index, held: isHeldAtEntry(list, index) });
      }
      return;
    }
    const act = actOf(list, leg, want);
    if (act !== undefined) actions.push({ kind: 'ask', leg: index, act });
  });
  return actions;
}

/** True when an act was refused for a reason that passes, so that it is to be asked again after a while. */
export function isToRetry({ legs }: ListState): boolean {
  return legs.some((leg) => leg.isToRetry === true && !isOver(leg));
}

/** Orders that are to be held come in first: what they wait for must not happen while one may still be refused. */
function mayBegin(list: ListState, index: number): boolean {
  return isHeldAtEntry(list, index) || haveAllHeldEntered(list);
}

function actOf(list: ListState, leg: LegState, want: Want): LegAct | undefined {
  const isBusy = leg.asked !== undefined || leg.isPending || leg.isToRetry === true;
  if (isBusy || want.kind === 'wait') return undefined;
  if (leg.phase === 'held')
    return want.kind === 'go' ? { kind: 'release', quantity: want.quantity } : { kind: 'cancel' };
  if (leg.phase !== 'working') return undefined;
  if (want.kind === 'stop') return cancelOf(leg);
  return CONTINGENCY_RULES[list.request.contingency].resizes ? resizeOf(leg, want) : undefined;
}

function cancelOf(leg: LegState): LegAct | undefined {
  return leg.cancelsRefused < CANCELS_REFUSED_MAX ? { kind: 'cancel' } : undefined;
}

/** Less is asked for whatever a person did; more only of an order that still has the quantity which the list gave it. */
function resizeOf(leg: LegState, { quantity }: Extract<Want, { kind: 'go' }>): LegAct | undefined {
  const has = leg.order?.quantity ?? quantity;
  const direction = compare(quantity, has);
  if (direction === 0) return undefined;
  const isRefused = leg.refusedQty === quantity;
  // An order that will not take less must not trade on: it could fill what is not there.
  if (direction < 0) return isRefused ? cancelOf(leg) : { kind: 'resize', quantity };
  return isRefused || has !== leg.givenQty ? undefined : { kind: 'resize', quantity };
}
