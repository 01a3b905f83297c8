import { decimal, type Price, type Quantity } from '../../../domain/money/decimal';
import type { Market, MarketSink } from './market';
import type { QuoteRow } from '../core/book-types';

/** A made-up instrument: prices count in cents, which are its ticks. */
interface SyntheticInstrument {
  symbol: string;
  startCents: number;
  /** Largest step of the middle in one period, and widest spread, in cents. */
  stepCentsMax: number;
  spreadCentsMax: number;
}

const INSTRUMENTS: readonly SyntheticInstrument[] = [
  { symbol: 'SPY', startCents: 16_800, stepCentsMax: 3, spreadCentsMax: 2 },
  { symbol: 'IBM', startCents: 18_200, stepCentsMax: 5, spreadCentsMax: 6 },
  { symbol: 'BAC', startCents: 1_390, stepCentsMax: 1, spreadCentsMax: 1 },
  { symbol: 'AIG', startCents: 4_900, stepCentsMax: 2, spreadCentsMax: 3 },
];
/** The walk stays within this share of its start: a limit order well away from the market stays away. */
const DRIFT_SHARE_MAX = 0.02;
/** Shown size of a side in shares: small orders fill at once, one of 50,000 takes some periods. */
const SIZE_MIN = 16_000;
const SIZE_STEPS = 81;
const SIZE_STEP = 100;
const PERIOD_MS = 1_000;

/** A small repeatable generator (mulberry32): the same seed gives the same market. Values in [0, 1). */
function createGenerator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The rows of the synthetic market, period by period. Prices are whole cents until they leave as decimals. */
export function createSyntheticRows(seed: number): () => QuoteRow[] {
  const random = createGenerator(seed);
  const centsBySymbol = new Map(INSTRUMENTS.map(({ symbol, startCents }) => [symbol, startCents]));
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const size = (): Quantity => decimal(String(SIZE_MIN + between(0, SIZE_STEPS - 1) * SIZE_STEP));
  return () =>
    INSTRUMENTS.map(({ symbol, startCents, stepCentsMax, spreadCentsMax }) => {
      const band = Math.max(1, Math.floor(startCents * DRIFT_SHARE_MAX));
      const step = between(-stepCentsMax, stepCentsMax);
      const next = (centsBySymbol.get(symbol) ?? startCents) + step;
      const bidCents = Math.min(startCents + band, Math.max(startCents - band, next));
      centsBySymbol.set(symbol, bidCents);
      const askCents = bidCents + between(1, spreadCentsMax);
      return { symbol, bid: priceOf(bidCents), bidSize: size(), ask: priceOf(askCents), askSize: size() };
    });
}

/** A market that never closes: every second each symbol gets a new quote with fresh size. */
export function createSyntheticMarket(seed: number, periodMs = PERIOD_MS): Market {
  const nextRows = createSyntheticRows(seed);
  let timer: NodeJS.Timeout | undefined;
  return {
    symbols: INSTRUMENTS.map(({ symbol }) => symbol),
    start: async (sink: MarketSink) => {
      const play = (): void => {
        const rows = nextRows();
        // Somebody always buys at the ask, so that there is a last price to go by.
        for (const { symbol, ask } of rows) if (ask !== undefined) sink.trade(symbol, ask);
        sink.quotes(rows);
      };
      play();
      timer = setInterval(play, periodMs);
    },
    stop: async () => clearInterval(timer),
  };
}

function priceOf(cents: number): Price {
  const text = String(cents).padStart(3, '0');
  return decimal(`${text.slice(0, -2)}.${text.slice(-2)}`);
}
