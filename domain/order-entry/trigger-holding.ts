import { isTriggerType, type TriggerType } from '../order/hold';
import type { OrderType } from '../order/order-types';

/** What a venue triggers by itself; a venue that is not named here triggers nothing. */
const TRIGGERED_AT: Readonly<Record<string, readonly TriggerType[]>> = {};

/** True when orders of this type wait with us, because their venue does not wait for them. */
export function isHeldFor(venue: string, type: OrderType): boolean {
  return isTriggerType(type) && TRIGGERED_AT[venue]?.includes(type) !== true;
}
