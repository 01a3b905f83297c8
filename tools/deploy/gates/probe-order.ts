import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { tickTableOf, type Instrument } from '../../../domain/instrument/instrument';
import { instrumentAt } from '../../../domain/instrument/instrument-versions';
import { nearestValidPrices } from '../../../domain/instrument/valid-values';
import { compare, decimal, multiply, ZERO, type Price } from '../../../domain/money/decimal';
import { checkTradable } from '../../../domain/order-entry/validate-order';
import { collection, type InstrumentRecord } from '../../../storage/collections';
import { fromStored } from '../../../storage/decimal128';
import { versionedOf } from '../../../storage/queries/instruments';
import { createLogger } from '../../../observability/logger';
import { createSimulatorMarketData } from '../../../venues/market-data/simulator-market-data';
import { PROBE_ACCOUNT } from './probe-account';
import type { OrderRequest } from '../../../domain/order/order-types';
import type { MarketDataPort } from '../../../venues/venue-port';

/** Far enough below the market to rest for the seconds of a probe. */
const BELOW_MARKET = decimal('0.95');
const QUOTE_MS_MAX = 5_000;
const QUOTE_POLL_MS = 50;
const ID_CHARACTERS_MAX = 64;

export interface ProbeOrder {
  request: OrderRequest;
  currency: string;
}

/** Quotes for the time of one look; the caller stops them. */
export function openQuotes(venueUrl: string): MarketDataPort {
  return createSimulatorMarketData({ url: venueUrl, logger: createLogger('deploy', 'error') });
}

/**
 * A buy of the smallest size in the first instrument that has a quote, at a price below the market: it rests at the
 * venue until it is cancelled, and costs nothing. Throws when no instrument is quoted.
 */
export async function chooseProbeOrder(
  db: Db,
  quotes: Pick<MarketDataPort, 'latest'>,
  clientOrderId: string,
): Promise<ProbeOrder> {
  const stored = await collection<InstrumentRecord>(db, 'instruments').find({}).sort({ _id: 1 }).toArray();
  const now = new Date().toISOString();
  const instruments = stored
    .map((doc) => instrumentAt(versionedOf(fromStored<InstrumentRecord>(doc)), now))
    .filter((instrument) => checkTradable(instrument, now).length === 0);
  const deadlineMs = performance.now() + QUOTE_MS_MAX;
  for (;;) {
    for (const instrument of instruments) {
      const limitPrice = restingPrice(instrument, quotes.latest(instrument.symbol)?.bid);
      if (limitPrice === undefined) continue;
      const { symbol, lotSize, quantityMin, currency, venue } = instrument;
      const quantity = compare(lotSize, quantityMin) > 0 ? lotSize : quantityMin;
      return {
        currency,
        request: {
          clientOrderId: clientOrderId.slice(0, ID_CHARACTERS_MAX),
          account: PROBE_ACCOUNT,
          symbol,
          side: 'buy',
          type: 'limit',
          quantity,
          limitPrice,
          timeInForce: 'day',
          venue,
        },
      };
    }
    if (performance.now() > deadlineMs)
      throw new Error(`none of ${instruments.length} instruments has a bid to place a probe order below`);
    await pause(QUOTE_POLL_MS);
  }
}

function restingPrice(instrument: Instrument, bid: Price | undefined): Price | undefined {
  if (bid === undefined) return undefined;
  const { priceMin: min, priceMax: max } = instrument;
  const wanted = multiply(bid, BELOW_MARKET);
  const { below } = nearestValidPrices(wanted, tickTableOf(instrument), { min, max });
  return below !== undefined && compare(below, ZERO) > 0 ? below : undefined;
}
