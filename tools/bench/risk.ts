import { randomBytes } from 'node:crypto';
import { createRiskActivities } from '../../activities/risk/risk.activities';
import { decimal, ZERO } from '../../domain/money/decimal';
import { createLogger } from '../../observability/logger';
import { createSimulatorMarketData } from '../../venues/market-data/simulator-market-data';
import { timed } from './statistics';
import type { Db } from 'mongodb';
import type { ReserveResult } from '../../activities/risk/risk.port';
import type { MarketDataPort } from '../../venues/venue-port';

const SAMPLES = 300;
const SYMBOL = 'SPY';
const FIRST_QUOTE_MS_MAX = 10_000;

/**
 * Milliseconds of the risk activity alone: real checks, the real feed and one durable reservation each, released
 * again outside the measured time.
 */
export async function measureRisk(db: Db, venueUrl: string): Promise<number[]> {
  const logger = createLogger('bench', 'error');
  const marketData = createSimulatorMarketData({ url: venueUrl, logger });
  await marketData.start();
  const risk = createRiskActivities({ db, marketData, logger });
  const run = randomBytes(4).toString('hex');
  const latencies: number[] = [];
  try {
    await firstQuote(marketData);
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const orderId = `bench-risk-${run}-${sample}`;
      const at = new Date().toISOString();
      let answer: ReserveResult | undefined;
      const latency = await timed(async () => {
        answer = await risk.reserveExposure({
          orderId,
          riskVersion: 1,
          sequence: 2,
          account: 'ACC-1',
          symbol: SYMBOL,
          venue: 'XSIM',
          currency: 'USD',
          side: 'buy',
          type: 'market',
          quantity: decimal('1'),
          cumQty: ZERO,
          multiplier: '1',
          cashDelta: ZERO,
          positionDelta: ZERO,
          enteredBy: 'bench',
          at,
        });
      });
      if (answer?.outcome !== 'reserved')
        throw new Error(`the risk activity did not reserve: ${JSON.stringify(answer)}`);
      latencies.push(latency);
      const contribution = {
        reservedCash: ZERO,
        reservedPosition: ZERO,
        openBuyQuantity: ZERO,
        cashDelta: ZERO,
        positionDelta: ZERO,
      };
      await risk.applyExposure({ orderId, sequence: 3, account: 'ACC-1', symbol: SYMBOL, contribution });
    }
  } finally {
    await marketData.stop();
  }
  return latencies;
}

/** A feed that has just been opened has no prices yet, and risk denies what it cannot price. */
async function firstQuote(marketData: MarketDataPort): Promise<void> {
  const deadline = performance.now() + FIRST_QUOTE_MS_MAX;
  while (marketData.latest(SYMBOL) === undefined) {
    if (performance.now() > deadline) throw new Error(`the venue sent no quote of ${SYMBOL}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
