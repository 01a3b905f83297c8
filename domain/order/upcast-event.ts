import { ORDER_EVENT_VERSION, type OrderEvent, type StoredOrderEvent } from './order-events';

/** Raises an event of one version to the next. Steps are never changed once events of the next version are stored. */
type UpcastStep = (event: StoredOrderEvent) => StoredOrderEvent;

/** By the version that the step starts from. */
const STEPS: Readonly<Record<number, UpcastStep>> = {
  1: (event) => ({ ...event, v: 2, build: null }),
};

/**
 * The event in the newest version that this build knows. One of a later version passes as it is: a build that writes
 * it only runs beside this one when we can read it, and what we do not know of it we ignore. Throws on a version that
 * never was.
 */
export function upcastEvent(stored: StoredOrderEvent): OrderEvent {
  let event = stored;
  while (event.v < ORDER_EVENT_VERSION) {
    const step = STEPS[event.v];
    if (step === undefined)
      throw new Error(`event ${event.orderId}:${event.seq} has no known version: ${event.v}`);
    event = step(event);
  }
  return { ...event, build: event.build ?? null };
}
