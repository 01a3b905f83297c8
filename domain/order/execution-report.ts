import type { Money, Price, Quantity } from '../money/decimal';

/** What a venue can tell us about an order, normalised over protocols (FIX ExecType and cancel rejects). */
export const REPORT_KINDS = [
  'accepted',
  'rejected',
  'fill',
  'pendingCancel',
  'cancelled',
  'cancelRejected',
  'pendingReplace',
  'replaced',
  'replaceRejected',
  'restated',
  'doneForDay',
  'suspended',
  'stopped',
  'triggered',
  'calculated',
  'expired',
  'bust',
  'correct',
] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export interface ExecutionReport {
  venue: string;
  kind: ReportKind;
  /** Unique per venue; absent on cancelRejected and replaceRejected, as in FIX OrderCancelReject. */
  execId?: string;
  /** The request this report answers, or the order's current ClOrdID on unsolicited reports. */
  clOrdId: string;
  origClOrdId?: string;
  venueOrderId?: string;
  /** Our order id when the gateway could resolve it; the signal is addressed by it. */
  orderId: string;
  lastQty?: Quantity;
  lastPx?: Price;
  fee?: Money;
  /** On bust and correct: the last ExecID of the fill's chain. */
  execRefId?: string;
  /** On replaced and restated: the terms now in force; absent means "as requested". */
  orderQty?: Quantity;
  limitPrice?: Price;
  stopPrice?: Price;
  /** FIX ExecRestatementReason, CxlRejReason or OrdRejReason by number, when the venue gave one. */
  reason?: string;
  text?: string;
  /** Venue time, ISO 8601 UTC. */
  transactTime: string;
  /** On fills, stamped by the gateway from the calendar of the listing. */
  tradeDate?: string;
  settlementDate?: string;
  settleAt?: string;
  marketTime?: string;
}
