import { assertNever } from '../errors/assert-never';
import type { Decimal, Price } from '../money/decimal';
import type { OrderType, Side } from './order-types';

/** Which price of the market reaches a stop: the last trade, the side that the order would trade with, or the middle. */
export const TRIGGER_PRICE_TYPES = ['last', 'bidAsk', 'mid'] as const;
export type TriggerPriceType = (typeof TRIGGER_PRICE_TYPES)[number];

/** In what a trailing offset counts: money, hundredths of a per cent of the price, or ticks. */
export const TRAILING_OFFSET_TYPES = ['price', 'bps', 'ticks'] as const;
export type TrailingOffsetType = (typeof TRAILING_OFFSET_TYPES)[number];

/** Order types that wait for a price of the market before they become market or limit orders. */
export const TRIGGER_TYPES = [
  'stop',
  'stopLimit',
  'trailingStop',
  'marketIfTouched',
  'limitIfTouched',
] as const;
export type TriggerType = (typeof TRIGGER_TYPES)[number];

/** True for the types that wait for a price; whether the venue or we wait is for the terms of the order to say. */
export function isTriggerType(type: OrderType): type is TriggerType {
  return (TRIGGER_TYPES as readonly string[]).includes(type);
}

/**
 * What an order waits for that we keep here: the word of another order or of a person, or a price of the market. The
 * version counts what it waited for: a sighting that was made for earlier terms does not count for later ones.
 */
export type Hold =
  | { until: 'release'; since: string }
  /** `since` is when these terms of the trigger came into force, ISO 8601 UTC. */
  | { until: 'trigger'; since: string; version: number };

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

/** What was seen of the market that triggered an order. */
export interface TriggerSighting {
  /** The price that reached the stop, and which price of the market it is. */
  price: Price;
  priceType: TriggerPriceType;
  /** The stop that it reached; of a trailing order where the trail stood. */
  stopPrice: Price;
  /** When the venue published it, ISO 8601 UTC. */
  seenAt: string;
  /** Time of the recorded market, when the venue replays one. */
  marketTime?: string;
  /** True when it happened, or was found, only after a time in which nobody watched the market. */
  missed: boolean;
  /** `present`: the market stood there when it was looked at. `range`: it had been there since the last look. */
  basis: 'present' | 'range';
}

/** The trigger that was taken: once an order, whatever comes after it. */
export interface TakenTrigger extends TriggerSighting {
  version: number;
  /** Workflow time of the trigger, ISO 8601 UTC. */
  at: string;
}

/** What an order of this type is at the venue once it was triggered here. */
export function typeOnceTriggered(type: TriggerType, hasLimit: boolean): 'market' | 'limit' {
  switch (type) {
    case 'stop':
    case 'marketIfTouched':
      return 'market';
    case 'stopLimit':
    case 'limitIfTouched':
      return 'limit';
    case 'trailingStop':
      return hasLimit ? 'limit' : 'market';
    default:
      return assertNever(type);
  }
}
