import type { Decimal, Price } from '../../domain/money/decimal';
import type { TrailingOffsetType, TriggerPriceType, TriggerType } from '../../domain/order/hold';
import type { Side } from '../../domain/order/order-types';

/** What is to be watched for an order that waits here for a price of the market. */
export interface TriggerTerms {
  /** Counts the terms of one order; a sighting names the version that it was made for. */
  version: number;
  /** When these terms came into force: nothing that the market did before counts. ISO 8601 UTC. */
  since: string;
  venue: string;
  symbol: string;
  account: string;
  side: Side;
  type: TriggerType;
  priceType: TriggerPriceType;
  /** Absent on a trailing order that begins at the market. */
  stopPrice?: Price;
  trailingOffset?: Decimal;
  trailingOffsetType?: TrailingOffsetType;
  tickSize: Price;
}

/** What the watch of the market is to do for an order. Absolute: the one with the highest sequence stands. */
export interface KeepTriggerInput {
  orderId: string;
  workflowId: string;
  /** Sequence of the order's last event; what comes with a lower one changes nothing. */
  sequence: number;
  /** Null once there is nothing to watch for any more. */
  terms: TriggerTerms | null;
}

export interface TriggerActivities {
  /** Durable once it resolves. Idempotent by the order's sequence. Throws retryably while MongoDB is away. */
  keepTrigger(input: KeepTriggerInput): Promise<void>;
}
