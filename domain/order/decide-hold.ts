import { accept, refusalByTable, refuse, refuseRepeat } from './decision';
import type { Decision, OrderCommand } from './order-commands';
import type { OrderEventBody } from './order-events';
import type { OrderState } from './order-types';

type Command<T extends OrderCommand['type']> = Extract<OrderCommand, { type: T }>;

/** Keeps the order here. An order is held once at its beginning, before anything of it is sent. */
export function decideHold(state: OrderState, until: 'release' | 'trigger'): Decision {
  const refusal = refusalByTable(state, 'hold');
  if (refusal !== undefined) return refusal;
  if (state.held !== undefined) return refuseRepeat('INVALID_TRANSITION');
  if (until === 'release') return accept({ type: 'orderHeld', until });
  return isToTrigger(state) ? accept(heldUntilTrigger(state)) : refuse('INVALID_TRANSITION');
}

/** Lets the order go; one that waits for a price as well begins to wait for it now. A repeat changes nothing. */
export function decideRelease(state: OrderState, command: Command<'release'>): Decision {
  const refusal = refusalByTable(state, 'release');
  if (refusal !== undefined) return refusal;
  if (state.held?.until !== 'release') return refuseRepeat('ORDER_NOT_HELD');
  const { by, reason } = command;
  const released = { type: 'orderReleased' as const, by, ...(reason !== undefined && { reason }) };
  return isToTrigger(state) ? accept(released, heldUntilTrigger(state)) : accept(released);
}

/** Takes a sighting of the market, once; one that was made for earlier terms of the order does not count. */
export function decideTrigger(state: OrderState, command: Command<'trigger'>): Decision {
  if (state.taken !== undefined) return refuseRepeat('ORDER_NOT_HELD');
  const refusal = refusalByTable(state, 'trigger');
  if (refusal !== undefined) return refusal;
  const { version, sighting } = command;
  if (state.held?.until !== 'trigger' || state.held.version !== version) return refuse('ORDER_NOT_HELD');
  return accept({ type: 'orderTriggered', version, sighting });
}

function isToTrigger({ terms, taken }: OrderState): boolean {
  return terms?.hold === 'trigger' && taken === undefined;
}

function heldUntilTrigger(state: OrderState): OrderEventBody {
  const version = state.held?.until === 'trigger' ? state.held.version + 1 : 1;
  return { type: 'orderHeld', until: 'trigger', version };
}
