import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ApiClient } from '../support/api-client';
import { eventually } from '../support/eventually';
import { startSystem, type RunningSystem } from '../support/system';
import type { OrderView } from '../../domain/order/order-view';

const HEADER = 'time,symbol,kind,bid,bidSize,ask,askSize,price,size';
const DAY_BEGINS = '2026-01-05T15:00:00.000Z';

/** One second of a market of our own: a trade at `price`, and a quote around it. */
function rowsAt(market: number, prices: Record<string, number>): string[] {
  const time = new Date(Math.round(market)).toISOString();
  return Object.entries(prices).flatMap(([symbol, price]) => [
    `${time},${symbol},T,,,,,${price.toFixed(2)},100`,
    `${time},${symbol},Q,${(price - 0.01).toFixed(2)},9000,${(price + 0.01).toFixed(2)},9000,,`,
  ]);
}

// Goal: orders that wait for a price trigger once and say so, although nobody watched when the market was there.
// Method: `npm start` on a market file of our own; everything is killed, the file goes on through the stops as the wall
// clock does, and everything is started again.
describe('orders that wait for a price, over a power cut', function () {
  this.timeout(240_000);
  let folder = '';
  let file = '';
  let system: RunningSystem;
  let trader: ApiClient;
  const args = (): string[] => ['--market', file, '--from', DAY_BEGINS];
  const beginning = rowsAt(Date.parse(DAY_BEGINS), { IBM: 100, AIG: 50, SPY: 200, BAC: 20 });

  const start = async (home?: string): Promise<void> => {
    system = await startSystem({ args: args(), ...(home !== undefined && { home }) });
    const key = system.credentials.keys.find((candidate) => candidate.name === 'demo-trader');
    assert.ok(key);
    trader = new ApiClient(system.run.apiUrl, key.key);
    await eventually(async () => (await trader.call('GET', '/v1/quotes/IBM')).status === 200, {
      timeoutMs: 20_000,
      what: 'a quote',
    });
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'steadfill-own-market-'));
    file = join(folder, 'day.csv');
    writeFileSync(file, [HEADER, ...beginning].join('\n'));
    await start();
  });
  after(async () => {
    await system?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const enter = async (clientOrderId: string, more: Record<string, string>): Promise<OrderView> => {
    const order = {
      clientOrderId,
      account: 'ACC-1',
      side: 'buy',
      quantity: '100',
      timeInForce: 'gtc',
      ...more,
    };
    const { status, body } = await trader.call<{ order: OrderView }>('POST', '/v1/orders', order);
    assert.equal(status, 201, JSON.stringify(body));
    assert.equal(body.order.held?.until, 'trigger');
    assert.equal(body.order.ordStatus, 'new');
    return body.order;
  };

  it('triggers each once, at what happened while everything was down, and says so', async () => {
    const through = await enter('stop-through', { symbol: 'IBM', type: 'stop', stopPrice: '103' });
    const back = await enter('stop-limit-back', {
      symbol: 'AIG',
      type: 'stopLimit',
      stopPrice: '55',
      limitPrice: '55.5',
    });
    const trail = await enter('trail', { symbol: 'SPY', type: 'trailingStop', trailingOffset: '2' });
    const far = await enter('stop-far', { symbol: 'BAC', type: 'stop', stopPrice: '22' });
    const { body: quote } = await trader.call<{ asOf: string }>('GET', '/v1/quotes/IBM');

    await system.killAll();
    const nowMs = Date.parse(DAY_BEGINS) + (Date.now() - Date.parse(quote.asOf));
    writeFileSync(
      file,
      [
        HEADER,
        ...beginning,
        ...rowsAt(nowMs + 1_000, { IBM: 105, AIG: 56, SPY: 195, BAC: 21 }),
        ...rowsAt(nowMs + 2_000, { IBM: 104, AIG: 51, SPY: 197, BAC: 19 }),
      ].join('\n'),
    );
    const downUntilMs = Date.now() + 6_000;
    await eventually(() => Date.now() > downUntilMs, { what: 'the market to go on' });
    await start(system.home);

    const expected: [OrderView, { triggerPrice: string; price: string }][] = [
      [through, { triggerPrice: '105', price: '104.01' }],
      [back, { triggerPrice: '56', price: '51.01' }],
      [trail, { triggerPrice: '197', price: '197.01' }],
    ];
    for (const [{ orderId }, { triggerPrice, price }] of expected) {
      const view = await trader.reach(orderId, ['settled'], 60_000);
      assert.equal(view.triggerPrice, triggerPrice);
      assert.equal(view.triggerMissed, true);
      assert.equal(view.cumQty, '100');
      assert.equal(view.avgPx, price);
      const { body } = await trader.call<{ items: { type: string; sighting?: { basis: string } }[] }>(
        'GET',
        `/v1/orders/${orderId}/events?limit=200`,
      );
      const triggers = body.items.filter(({ type }) => type === 'orderTriggered');
      assert.equal(triggers.length, 1);
      assert.equal(triggers[0]?.sighting?.basis, orderId === back.orderId ? 'range' : 'present');
      assert.equal((await trader.fills(orderId)).length, 1);
    }
    const still = await trader.call<OrderView>('GET', `/v1/orders/${far.orderId}`);
    assert.equal(still.body.held?.until, 'trigger');
    assert.equal((await trader.call('DELETE', `/v1/orders/${far.orderId}`)).status, 202);
    await trader.reach(far.orderId, ['cancelled'], 20_000);
  });
});
