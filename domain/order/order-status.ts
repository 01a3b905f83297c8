import { isPositive } from '../money/decimal';
import { openQtyOf } from './order-quantities';
import type { OrderState } from './order-types';

/**
 * True while the order may still trade: it was validated and something of it is, or may come to be, open at the
 * venue. A filled order with a replace for more on its way is open too.
 */
export function isOpen(state: OrderState): boolean {
  return state.state !== 'new' && isPositive(openQtyOf(state));
}

/**
 * True once the order will not trade any more, settled or not. Only a bust or an agreed increase of a filled order
 * can undo this.
 */
export function isEnded(state: OrderState): boolean {
  return state.state !== 'new' && !isOpen(state);
}
