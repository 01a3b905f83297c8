import type { Posting } from '../../domain/money/ledger';
import type { OrderEvent } from '../../domain/order/order-events';
import type { FillView, OrderView } from '../../domain/order/order-view';

export interface RecordOrderInput {
  /** Contiguous events of one order, ascending. */
  events: OrderEvent[];
  /** The fold of all events up to the last of these. */
  view: OrderView;
  /** Fills that these events added or changed, as they are now. */
  fills: FillView[];
  currency: string;
  multiplier: string;
}
export interface ReportingActivities {
  /**
   * Appends to the event log and updates the views orders, fills, positions and accounts, and the trade-date
   * postings of the ledger. Idempotent: keyed by (orderId, seq), applied only if newer. `settled` are postings of the
   * settlement that these events tell of; they become durable together with them, and those that exist stay as they are.
   */
  recordOrder(input: RecordOrderInput, settled?: readonly Posting[]): Promise<void>;
}
