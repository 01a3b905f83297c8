import type { CivilDate } from '../calendar/civil-date';
import type { Decimal, Price, Quantity } from '../money/decimal';

/** The rules that orders in one instrument are checked by, as they are between two days. */
export interface Instrument {
  symbol: string;
  /** The venue where we trade it. */
  venue: string;
  /** MIC of the market whose calendar and settlement days it follows. */
  listing: string;
  currency: string;
  /** Prices are multiples of it; zero allows every price. */
  tickSize: Price;
  /** Quantities are multiples of it. */
  lotSize: Quantity;
  /** Money that a price of one moves for one unit. */
  multiplier: Decimal;
  priceMin: Price;
  priceMax: Price;
  quantityMin: Quantity;
  quantityMax: Quantity;
  tradable: boolean;
  effectiveFrom: CivilDate;
  /** The last day on which these rules hold; absent while no end is known. */
  effectiveTo?: CivilDate;
}

/** True when the instrument may be traded on that day of its venue. */
export function isTradableOn(instrument: Instrument, date: CivilDate): boolean {
  const { tradable, effectiveFrom, effectiveTo } = instrument;
  return tradable && effectiveFrom <= date && (effectiveTo === undefined || date <= effectiveTo);
}
