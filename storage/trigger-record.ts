import type { Price } from '../domain/money/decimal';
import type { TriggerSighting, TriggerTerms } from '../domain/order/hold';

/** What the watch of the market does for an order that waits here for a price; `_id` is the order id. */
export interface TriggerRecord {
  _id: string;
  workflowId: string;
  /** Sequence of the order when it asked for this. */
  sequence: number;
  isArmed: boolean;
  /** As of the last time that it was armed. */
  terms?: TriggerTerms;
  /** How far the watch came with this version of the terms. */
  watched?: { version: number; stopPrice?: Price; seenAt: string };
  /** The sighting that the order's workflow has been told of. */
  fired?: { version: number; sighting: TriggerSighting; at: string };
}
