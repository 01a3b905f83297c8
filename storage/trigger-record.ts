import type { Decimal, Price } from '../domain/money/decimal';
import type {
  TriggerSighting,
  TrailingOffsetType,
  TriggerPriceType,
  TriggerType,
} from '../domain/order/hold';
import type { Side } from '../domain/order/order-types';

/** What the watch of the market does for an order that waits here for a price; `_id` is the order id. */
export interface TriggerRecord {
  _id: string;
  workflowId: string;
  /** Sequence of the order when it asked for this. */
  sequence: number;
  isArmed: boolean;
  /** As of the last time that it was armed (see TriggerTerms of the execution activities). */
  terms?: {
    version: number;
    since: string;
    venue: string;
    symbol: string;
    account: string;
    side: Side;
    type: TriggerType;
    priceType: TriggerPriceType;
    stopPrice?: Price;
    trailingOffset?: Decimal;
    trailingOffsetType?: TrailingOffsetType;
    tickSize: Price;
  };
  /** How far the watch came with this version of the terms. */
  watched?: { version: number; stopPrice?: Price; seenAt: string };
  /** The sighting that the order's workflow has been told of. */
  fired?: { version: number; sighting: TriggerSighting; at: string };
}
