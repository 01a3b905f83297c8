import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ApiClient } from '../support/api-client';
import { eventually } from '../support/eventually';
import {
  assertLedgerIsZero,
  assertReservationsReleased,
  assertViewsEqualHistories,
  withDatabase,
} from '../support/invariants';
import { startSystem, type RunningSystem } from '../support/system';
import type { OrderView } from '../../domain/order/order-view';

// Goal: with MongoDB away for 30 s, open orders live on, new ones are refused, and afterwards the views catch up.
// Method: resting orders, SIGSTOP of the MongoDB process (a stop that the supervisor does not repair), cancels
// through the API, then SIGCONT and a comparison of views and histories.
const OUTAGE_MS = 30_000;
const CANCEL_BOUND_MS = 10_000;

describe('MongoDB stopped for 30 s under load', function () {
  this.timeout(240_000);
  it('holds up no open order', async () => {
    const system = await startSystem();
    try {
      await outage(system);
    } finally {
      await system.stop();
    }
  });
});

async function outage(system: RunningSystem): Promise<void> {
  const key = system.credentials.keys.find((candidate) => candidate.name === 'demo-trader');
  assert.ok(key);
  const trader = new ApiClient(system.run.apiUrl, key.key);
  await eventually(async () => (await trader.call('GET', '/v1/quotes/SPY')).status === 200, {
    timeoutMs: 30_000,
    what: 'quotes',
  });
  const resting: OrderView[] = [];
  for (let index = 0; index < 20; index += 1) {
    const { status, body } = await trader.submit({
      clientOrderId: `outage-${index}`,
      account: 'ACC-1',
      symbol: 'SPY',
      side: 'buy',
      type: 'limit',
      limitPrice: '155.00',
      quantity: '10',
      timeInForce: 'gtc',
    });
    assert.equal(status, 201, JSON.stringify(body));
    resting.push(await trader.reach(body.order.orderId, ['routed']));
  }
  const large = await trader.submit({
    clientOrderId: 'outage-large',
    account: 'ACC-1',
    symbol: 'BAC',
    side: 'buy',
    type: 'market',
    quantity: '100000',
  });
  assert.equal(large.status, 201, JSON.stringify(large.body));
  system.pause('mongodb');
  const resumeAt = Date.now() + OUTAGE_MS;
  try {
    await whileAway(trader, resting);
  } finally {
    await eventually(() => Date.now() >= resumeAt, {
      timeoutMs: OUTAGE_MS + 1_000,
      what: 'the end of the outage',
    });
    system.resume('mongodb');
  }
  for (const order of resting) await trader.reach(order.orderId, ['cancelled'], 60_000);
  await trader.reach(large.body.order.orderId, ['settled'], 90_000);
  await withDatabase(system.run, async (db) => {
    assert.ok((await assertLedgerIsZero(db)) > 0);
    await assertReservationsReleased(db);
  });
  await assertViewsEqualHistories(system.home);
}

async function whileAway(trader: ApiClient, resting: OrderView[]): Promise<void> {
  const refused = await eventually(
    async () => {
      const answer = await trader.submit({
        clientOrderId: `outage-new-${Date.now()}`,
        account: 'ACC-1',
        symbol: 'SPY',
        side: 'buy',
        type: 'market',
        quantity: '10',
      });
      return answer.status === 503 ? answer : undefined;
    },
    { timeoutMs: 30_000, what: 'new orders refused with 503' },
  );
  assert.ok(refused.headers.get('retry-after'), 'a 503 says when to come back');
  for (const order of resting) {
    const before = Date.now();
    const answer = await trader.cancel(order.orderId);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    assert.ok(Date.now() - before < CANCEL_BOUND_MS, 'a cancel does not wait for MongoDB');
  }
}
