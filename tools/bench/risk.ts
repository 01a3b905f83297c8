import { randomBytes } from 'node:crypto';
import { createRiskActivities } from '../../activities/risk/risk.activities';
import { decimal, ZERO } from '../../domain/money/decimal';
import { createLogger } from '../../observability/logger';
import { createSimulatorMarketData } from '../../venues/market-data/simulator-market-data';
import { timed } from './statistics';
import type { Db } from 'mongodb';

const SAMPLES = 300;

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
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const orderId = `bench-risk-${run}-${sample}`;
      const at = new Date().toISOString();
      let outcome = '';
      const latency = await timed(async () => {
        const answer = await risk.reserveExposure({
          orderId,
          riskVersion: 1,
          sequence: 2,
          account: 'ACC-1',
          symbol: 'SPY',
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
        outcome = answer.outcome;
      });
      if (outcome !== 'reserved') throw new Error(`the risk activity answered ${outcome}`);
      latencies.push(latency);
      const contribution = {
        reservedCash: ZERO,
        reservedPosition: ZERO,
        openBuyQuantity: ZERO,
        cashDelta: ZERO,
        positionDelta: ZERO,
      };
      await risk.applyExposure({ orderId, sequence: 3, account: 'ACC-1', symbol: 'SPY', contribution });
    }
  } finally {
    await marketData.stop();
  }
  return latencies;
}
