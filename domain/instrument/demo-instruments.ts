import { SIMULATED_MIC } from '../calendar/simulated-venue-day';
import { decimal } from '../money/decimal';
import type { Instrument } from './instrument';

const DEMO_SYMBOLS = ['SPY', 'IBM', 'BAC', 'AIG'] as const;

/**
 * The instruments of the demo world. Their bounds only catch slips of the finger by many digits: how much one order may
 * be worth is for risk to say.
 */
export const DEMO_INSTRUMENTS: readonly Instrument[] = DEMO_SYMBOLS.map((symbol) => ({
  symbol,
  venue: SIMULATED_MIC,
  listing: 'XNYS',
  currency: 'USD',
  tickSize: decimal('0.01'),
  lotSize: decimal('1'),
  multiplier: decimal('1'),
  priceMin: decimal('0.01'),
  priceMax: decimal('10000000'),
  quantityMin: decimal('1'),
  quantityMax: decimal('1000000000'),
  tradable: true,
  effectiveFrom: '2007-01-01',
}));
