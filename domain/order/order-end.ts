import type { OrderState } from './order-types';

/**
 * When the time of an order is over by its own terms, ISO 8601 UTC: at its auction, at its date, or with its day;
 * undefined for one that lives until somebody ends it. The venue ends it then; our timer only asks.
 */
export function endOfOrder({ request, terms }: OrderState): string | undefined {
  if (terms?.endsAt !== undefined) return terms.endsAt;
  return request.timeInForce === 'day' ? terms?.sessionCloseAt : undefined;
}
