import type { Fill, Side } from '../../domain/order/order-types';

export interface SettleFillsInput {
  orderId: string;
  account: string;
  symbol: string;
  side: Side;
  currency: string;
  multiplier: string;
  venue: string;
  fills: Fill[];
  settlementDate: string;
  at: string;
}
export interface SettlementActivities {
  /** Books the settlement postings of these fills (unsettled to settled, both legs). Idempotent by posting id. */
  settleFills(input: SettleFillsInput): Promise<void>;
}
