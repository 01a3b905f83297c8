import { SIMULATED_MIC } from '../calendar/simulated-venue-day';
import { TRADED, type TradedTerms } from './order-form';

/** What a venue works by itself beyond the plain orders that all take. */
type NativeTerms = Pick<TradedTerms, 'orderTypes' | 'timesInForce'>;

const NATIVE: Readonly<Record<string, NativeTerms>> = {
  [SIMULATED_MIC]: {
    orderTypes: ['iceberg', 'pegged', 'marketOnOpen', 'limitOnOpen', 'marketOnClose', 'limitOnClose'],
    timesInForce: ['gtd', 'opg', 'cls'],
  },
};
const NOTHING_MORE: NativeTerms = { orderTypes: [], timesInForce: [] };

/**
 * What orders we take for a venue: those traded everywhere and what it does natively. Of a venue that is not known
 * here only the plain orders are taken. Before the venue of an order is known, the demo venue's terms hold.
 */
export function tradedAt(venue: string = SIMULATED_MIC): TradedTerms {
  const native = NATIVE[venue] ?? NOTHING_MORE;
  return {
    sides: TRADED.sides,
    orderTypes: [...TRADED.orderTypes, ...native.orderTypes],
    timesInForce: [...TRADED.timesInForce, ...native.timesInForce],
  };
}
