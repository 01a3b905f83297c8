import type { Decimal, Price, Quantity } from '../money/decimal';
import type { TrailingOffsetType, TriggerPriceType } from './hold';

export const SIDES = ['buy', 'sell', 'sellShort'] as const;
export type Side = (typeof SIDES)[number];

export const ORDER_TYPES = [
  'market',
  'limit',
  'stop',
  'stopLimit',
  'trailingStop',
  'marketIfTouched',
  'limitIfTouched',
  'marketOnOpen',
  'limitOnOpen',
  'marketOnClose',
  'limitOnClose',
  'iceberg',
  'pegged',
] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** The market's price that a pegged order follows: of its own side, of the other side, or the middle of both. */
export const PEG_PRICE_TYPES = ['primary', 'market', 'mid'] as const;
export type PegPriceType = (typeof PEG_PRICE_TYPES)[number];

export const TIMES_IN_FORCE = ['day', 'gtc', 'ioc', 'fok', 'gtd', 'opg', 'cls'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/** What the client asked for, canonical (decimals canonical, timeInForce present). The submit hash is over this. */
export interface OrderRequest {
  clientOrderId: string;
  account: string;
  symbol: string;
  side: Side;
  type: OrderType;
  quantity: Quantity;
  limitPrice?: Price;
  stopPrice?: Price;
  /** Which price of the market reaches the stop; the last trade when left out. */
  triggerPriceType?: TriggerPriceType;
  /** How far the stop of a trailing order stays behind the market, in units of `trailingOffsetType`. */
  trailingOffset?: Decimal;
  trailingOffsetType?: TrailingOffsetType;
  timeInForce: TimeInForce;
  /** ISO 8601 UTC, for gtd. */
  expireAt?: string;
  /** Of an iceberg: at most this much of it shows at the venue at a time. */
  displayQuantity?: Quantity;
  /** Of a pegged order: the price that it follows, primary when left out, and what is added to it. */
  pegPriceType?: PegPriceType;
  pegOffset?: Decimal;
  venue?: string;
}
