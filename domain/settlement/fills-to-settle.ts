import { settlementPostings, type Posting } from '../money/ledger';
import type { Decimal } from '../money/decimal';
import type { Fill, Side } from '../order/order-types';

/** Fills of one order that settle together. */
export interface SettlementBatch {
  orderId: string;
  account: string;
  symbol: string;
  side: Side;
  currency: string;
  multiplier: Decimal;
  venue: string;
  fills: readonly Fill[];
  /** Business time of the settlement, ISO 8601 UTC. */
  at: string;
}

/**
 * The postings that settle these fills: shares and cash go from unsettled to settled, fee included. A fill that was
 * busted before it settled has nothing left to settle; a corrected one settles as it is now, and one that was busted or
 * corrected after it settled, by the difference.
 */
export function postingsOfSettlement(batch: SettlementBatch): Posting[] {
  const { orderId, account, symbol, side, currency, multiplier, venue, fills, at } = batch;
  return fills
    .filter(({ status, settledAs }) => status !== 'busted' || settledAs !== undefined)
    .flatMap((fill) => {
      const ledgerFill = { ...fill, orderId, account, symbol, side, venue };
      return settlementPostings(ledgerFill, currency, multiplier, at);
    });
}
