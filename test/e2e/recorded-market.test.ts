import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { add, compare, decimal, ZERO } from '../../domain/money/decimal';
import { ApiClient } from '../support/api-client';
import { eventually } from '../support/eventually';
import { hasRecordedDay, quotesOf, RECORDED_DAY, standingAt, type QuoteRow } from '../support/recorded-day';
import { startSystem, type RunningSystem } from '../support/system';

// Goal: with a recorded day, orders meet that day's market: its price of that second, and not beyond its size.
// Method: orders through the public API on the real files; each fill is held against the row that stood at its time.
describe('trading on a recorded day', function () {
  this.timeout(120_000);
  let system: RunningSystem;
  let trader: ApiClient;
  let rows: QuoteRow[];

  before(async function () {
    if (!hasRecordedDay()) return this.skip();
    rows = await quotesOf('IBM');
    system = await startSystem({ args: ['--market', RECORDED_DAY, '--speed', '4'] });
    const key = system.credentials.keys.find((candidate) => candidate.name === 'demo-trader');
    assert.ok(key);
    trader = new ApiClient(system.run.apiUrl, key.key);
    await eventually(async () => (await trader.call('GET', '/v1/quotes/IBM')).status === 200, {
      timeoutMs: 30_000,
    });
  });
  after(async () => {
    await system?.stop();
  });

  const fillsOf = async (clientOrderId: string, quantity: string) => {
    const { status, body } = await trader.submit({
      clientOrderId,
      account: 'ACC-1',
      symbol: 'IBM',
      side: 'buy',
      type: 'market',
      quantity,
    });
    assert.equal(status, 201, JSON.stringify(body));
    await trader.reach(body.order.orderId, ['settled'], 60_000);
    return await trader.fills(body.order.orderId);
  };

  it('fills a buy at the ask of that second', async () => {
    for (const fill of await fillsOf('day-1', '50')) {
      assert.ok(fill.marketTime, 'a fill says at which market time it traded');
      const row = standingAt(rows, fill.marketTime);
      assert.equal(fill.price, row?.ask, `the ask that stood at ${fill.marketTime}`);
    }
  });

  it('does not fill beyond the displayed size', async () => {
    const fills = await fillsOf('day-2', '1500');
    assert.ok(fills.length > 1, 'more than one displayed size was needed');
    const taken = new Map<string, string>();
    for (const fill of fills) {
      assert.ok(fill.marketTime);
      const row = standingAt(rows, fill.marketTime);
      assert.ok(row);
      assert.equal(fill.price, row.ask);
      const sum = add(decimal(taken.get(row.time) ?? ZERO), decimal(fill.quantity));
      taken.set(row.time, sum);
      assert.ok(
        compare(sum, decimal(row.askSize)) <= 0,
        `${sum} taken of ${row.askSize} shown at ${row.time}`,
      );
    }
  });
});
