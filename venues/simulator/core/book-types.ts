import { minimum, subtract, ZERO, type Price, type Quantity } from '../../../domain/money/decimal';
import type { WireAuction, WireOrder, WireOrderStatus, WireReport } from '../protocol';

/** An order as the venue knows it. `reports` are kept as text: they are written once and read as they are. */
export interface BookedOrder {
  venueOrderId: string;
  entryClOrdId: string;
  clOrdId: string;
  terms: WireOrder;
  quantity: Quantity;
  limitPrice?: Price;
  cumQty: Quantity;
  status: WireOrderStatus;
  open: boolean;
  /** Place in time: the sequence number of the report that gave the order its present place. */
  priority: number;
  enteredAt: string;
  expiresAt?: string;
  /** The auction that the order waits for; it is not in the continuous book then. */
  auction?: WireAuction;
  /** What shows of an iceberg: the rest of its present tranche. */
  shown?: Quantity;
  /** Where a pegged order stands. Not in the journal, because it follows from the standing quote. */
  pegPrice?: Price;
  reports: string[];
}

/** What one line of the journal holds, in the order in which it happened. The state is the fold of all entries. */
export type JournalEntry =
  | { e: 'venue'; epoch: string }
  | {
      e: 'order';
      venueOrderId: string;
      terms: WireOrder;
      enteredAt: string;
      expiresAt?: string;
      auction?: WireAuction;
    }
  /** A cancel or replace took its ClOrdID; without `venueOrderId` it named no order of ours. */
  | { e: 'request'; clOrdId: string; venueOrderId?: string }
  | { e: 'report'; report: WireReport; quoteId?: string }
  | { e: 'market'; run: MarketRun };

/** Where a recorded market stands, so that after a crash it goes on where it would be. */
export interface MarketRun {
  source: string;
  /** Wall-clock time and market time at which it began, epoch milliseconds. */
  startedAtMs: number;
  marketStartMs: number;
  speed: number;
  /** True once the venue was stopped in order; the next start begins the day anew. */
  stopped: boolean;
}

/** The market's best bid and ask as shown, and how much of each our users have not taken yet. */
export interface StandingQuote {
  /** Names the quote row, where the market has rows. */
  id?: string;
  bid?: Price;
  bidSize?: Quantity;
  ask?: Price;
  askSize?: Quantity;
  bidLeft: Quantity;
  askLeft: Quantity;
  asOf: string;
  marketTime?: string;
}

/** A new row of the market. Sides may be empty. */
export interface QuoteRow {
  symbol: string;
  id?: string;
  bid?: Price;
  bidSize?: Quantity;
  ask?: Price;
  askSize?: Quantity;
}

export function leavesOf(order: BookedOrder): Quantity {
  return order.open ? subtract(order.quantity, order.cumQty) : ZERO;
}

export function isBuy(order: BookedOrder): boolean {
  return order.terms.side === 'buy';
}

export function isPegged(order: BookedOrder): boolean {
  return order.terms.type === 'pegged';
}

/** The worst price that the order trades at now; undefined means any for a market order, none for a peg. */
export function workingPrice(order: BookedOrder): Price | undefined {
  return isPegged(order) ? order.pegPrice : order.limitPrice;
}

/** How much of an open order others can see and trade with before it gives up its place. */
export function visibleOf(order: BookedOrder): Quantity {
  return order.shown === undefined ? leavesOf(order) : minimum(order.shown, leavesOf(order));
}
