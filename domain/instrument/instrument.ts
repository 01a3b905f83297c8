import type { CivilDate } from '../calendar/civil-date';
import type { Decimal, Money, Price, Quantity } from '../money/decimal';
import type { TickBand, TickTable } from './valid-values';

/** The rules that orders in one instrument are checked by, as they are between two days. */
export interface Instrument {
  symbol: string;
  /** The venue where we trade it. */
  venue: string;
  /** MIC of the market whose calendar and settlement days it follows. */
  listing: string;
  currency: string;
  /** Prices are multiples of it; zero asks for no step. Where the step depends on the price, the largest step. */
  tickSize: Price;
  /** The steps by price, where there is more than one. */
  ticks?: readonly TickBand[];
  /** Quantities are multiples of it. */
  lotSize: Quantity;
  /** Money that a price of one moves for one unit. */
  multiplier: Decimal;
  priceMin: Price;
  priceMax: Price;
  quantityMin: Quantity;
  quantityMax: Quantity;
  /** Bounds of price times quantity times multiplier, for orders that state a price. */
  notionalMin?: Money;
  notionalMax?: Money;
  tradable: boolean;
  /** Why it is not tradable, where a person stopped it. */
  notTradableReason?: string;
  effectiveFrom: CivilDate;
  /** The last day on which these rules hold; absent while no end is known. */
  effectiveTo?: CivilDate;
}

/** True when the instrument may be traded on that day of its listing. */
export function isTradableOn(instrument: Instrument, date: CivilDate): boolean {
  return instrument.tradable && isInEffectOn(instrument, date);
}

/** True when these rules hold on that day. */
export function isInEffectOn(
  { effectiveFrom, effectiveTo }: Pick<Instrument, 'effectiveFrom' | 'effectiveTo'>,
  date: CivilDate,
): boolean {
  return effectiveFrom <= date && (effectiveTo === undefined || date <= effectiveTo);
}

/** The steps of prices, also of records and terms from before there were bands. */
export function tickTableOf({ tickSize, ticks }: Pick<Instrument, 'tickSize' | 'ticks'>): TickTable {
  return ticks ?? [{ from: '0' as Price, tickSize }];
}
