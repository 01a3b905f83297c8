import { TRIGGER_TYPES } from '../order/hold';
import type { OrderType, TimeInForce } from '../order/order-types';

export type Presence = 'required' | 'optional' | 'none';

/** Which prices an order of each type states; the rest of the form is the same for all. */
export const PRICES_OF_TYPE: Readonly<Record<OrderType, { limitPrice: Presence; stopPrice: Presence }>> = {
  market: { limitPrice: 'none', stopPrice: 'none' },
  limit: { limitPrice: 'required', stopPrice: 'none' },
  stop: { limitPrice: 'none', stopPrice: 'required' },
  stopLimit: { limitPrice: 'required', stopPrice: 'required' },
  // The trail may start from a stated stop or from the market.
  trailingStop: { limitPrice: 'optional', stopPrice: 'optional' },
  marketIfTouched: { limitPrice: 'none', stopPrice: 'required' },
  limitIfTouched: { limitPrice: 'required', stopPrice: 'required' },
  marketOnOpen: { limitPrice: 'none', stopPrice: 'none' },
  limitOnOpen: { limitPrice: 'required', stopPrice: 'none' },
  marketOnClose: { limitPrice: 'none', stopPrice: 'none' },
  limitOnClose: { limitPrice: 'required', stopPrice: 'none' },
  iceberg: { limitPrice: 'required', stopPrice: 'none' },
  // A peg follows the market; a limit bounds how far.
  pegged: { limitPrice: 'optional', stopPrice: 'none' },
};

/** Only a good-till-date order says when it ends; the others end by rule. */
export function expireAtPresence(timeInForce: TimeInForce): Presence {
  return timeInForce === 'gtd' ? 'required' : 'none';
}

/** What is traded in this version, at every venue that can do it. Everything else is denied by its name. */
export const TRADED = {
  sides: ['buy', 'sell'],
  orderTypes: ['market', 'limit', ...TRIGGER_TYPES],
  timesInForce: ['day', 'gtc', 'ioc', 'fok'],
} as const;

/** What orders a venue takes from us. */
export interface TradedTerms {
  sides: readonly string[];
  orderTypes: readonly string[];
  timesInForce: readonly string[];
}
