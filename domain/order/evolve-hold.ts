import type { OrderEvent } from './order-events';
import type { Hold } from './hold';
import type { OrderState } from './order-types';

type Event<T extends OrderEvent['type']> = Extract<OrderEvent, { type: T }>;

/** The order waits here from now on. */
export function hold(state: OrderState, event: Event<'orderHeld'>): OrderState {
  const since = event.at;
  const held: Hold =
    event.until === 'release'
      ? { until: 'release', since }
      : { until: 'trigger', since, version: event.version };
  return { ...state, held, takenToHold: true };
}

/** Nothing keeps the order here any more. */
export function release(state: OrderState): OrderState {
  const { held: _over, ...rest } = state;
  return rest;
}

/** From now on it is a market or limit order; its stop shows where it was triggered. */
export function trigger(state: OrderState, event: Event<'orderTriggered'>): OrderState {
  const { version, sighting, at } = event;
  const taken = { ...sighting, version, at };
  return { ...release(state), stopPrice: sighting.stopPrice, triggered: true, taken };
}

/** New terms, in force at once. Another stop is another trigger: what was seen for the old one does not count. */
export function changeHeldTerms(state: OrderState, event: Event<'heldTermsChanged'>): OrderState {
  const { requestId, quantity, limitPrice, stopPrice, at } = event;
  const { held } = state;
  const isOtherTrigger = stopPrice !== undefined && stopPrice !== state.stopPrice;
  const rearmed: Hold | undefined =
    held?.until === 'trigger' && isOtherTrigger
      ? { until: 'trigger', since: at, version: held.version + 1 }
      : held;
  return {
    ...state,
    ...(quantity !== undefined && { quantity }),
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
    ...(rearmed !== undefined && { held: rearmed }),
    seenRequests: [...state.seenRequests, requestId],
  };
}
