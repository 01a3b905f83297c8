import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ApiClient, type NewOrder } from '../support/api-client';
import { eventually } from '../support/eventually';
import {
  assertLedgerIsZero,
  assertReservationsReleased,
  assertViewsEqualHistories,
  venueEntries,
  withDatabase,
} from '../support/invariants';
import { startSystem, type RunningSystem } from '../support/system';
import type { OrderView } from '../../domain/order/order-view';

// Goal: nothing acknowledged is lost, doubled or invented, whichever process is killed.
// Method: 200 orders in flight, kill -9 of one process and then of everything, `npm start` again on the same home,
// and a comparison of the API, the venue, the views, the histories, the ledger and the reservations.
const ORDERS = 200;
const AT_ONCE = 20;
const RESTING_EVERY = 4;
const VICTIMS = [
  'api',
  'worker-orders',
  'worker-execution',
  'venue-simulator',
  'mongodb',
  'temporal',
] as const;

describe('kill -9 with 200 orders in flight', function () {
  this.timeout(300_000);
  for (const victim of VICTIMS) {
    it(`of ${victim} loses nothing`, () => killAndCheck(victim));
  }
});

interface Sent {
  order: NewOrder;
  acknowledged?: OrderView;
}

async function killAndCheck(victim: string): Promise<void> {
  let system = await startSystem();
  try {
    const sent = await flood(system, victim);
    await system.killAll();
    system = await startSystem({ home: system.home });
    await check(system, sent);
  } finally {
    await system.stop();
  }
}

/** Sends all orders, and kills the victim when a third was acknowledged. */
async function flood(system: RunningSystem, victim: string): Promise<Sent[]> {
  const trader = traderOf(system);
  await eventually(async () => (await trader.call('GET', '/v1/quotes/IBM')).status === 200, {
    timeoutMs: 20_000,
    what: 'quotes',
  });
  const sent: Sent[] = Array.from({ length: ORDERS }, (_, index) => ({ order: orderNumber(index) }));
  const queue = [...sent];
  let acknowledged = 0;
  let killed: Promise<void> | undefined;
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const answer = await trader.submit(next.order).catch(() => undefined);
      if (answer?.status === 201 || answer?.status === 200) {
        next.acknowledged = answer.body.order;
        acknowledged += 1;
      }
      if (acknowledged >= ORDERS / 3) killed ??= system.kill(victim);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await killed;
  return sent;
}

function orderNumber(index: number): NewOrder {
  const base = {
    clientOrderId: `chaos-${index}`,
    account: index % 2 === 0 ? 'ACC-1' : 'ACC-2',
    symbol: 'SPY',
    side: 'buy',
    quantity: '10',
  };
  if (index % RESTING_EVERY !== 0) return { ...base, type: 'market' };
  return { ...base, type: 'limit', limitPrice: '155.00', timeInForce: 'gtc' };
}

function traderOf(system: RunningSystem): ApiClient {
  const key = system.credentials.keys.find((candidate) => candidate.name === 'demo-trader');
  assert.ok(key);
  return new ApiClient(system.run.apiUrl, key.key);
}

async function check(system: RunningSystem, sent: Sent[]): Promise<void> {
  const trader = traderOf(system);
  const acknowledged = sent.filter((one) => one.acknowledged !== undefined);
  assert.ok(acknowledged.length > 0, 'some orders were acknowledged');
  for (const { order, acknowledged: view } of acknowledged) {
    const states = order.type === 'market' ? (['settled'] as const) : (['routed'] as const);
    await trader.reach(view?.orderId ?? '', states, 90_000);
  }
  await settleDoubtful(trader, sent);
  const entries = await venueEntries(system.run.venueUrl);
  for (const { acknowledged: view } of acknowledged) {
    assert.equal(entries.get(view?.orderId ?? ''), 1, `order ${view?.orderId} is at the venue once`);
  }
  assert.ok(
    [...entries.values()].every((count) => count === 1),
    'nothing is at the venue twice',
  );
  await withDatabase(system.run, async (db) => {
    assert.ok((await assertLedgerIsZero(db)) > 0, 'the ledger has postings');
    await assertReservationsReleased(db);
  });
  await assertViewsEqualHistories(system.home);
}

/** A client that saw no answer repeats its request: it meets the order that exists, or makes it now, never a second. */
async function settleDoubtful(trader: ApiClient, sent: Sent[]): Promise<void> {
  for (const one of sent.filter((candidate) => candidate.acknowledged === undefined)) {
    const answer = await trader.submit(one.order);
    const isAnswered = [200, 201].includes(answer.status) || answer.status === 422 || answer.status === 503;
    assert.ok(isAnswered, `repeat answered ${answer.status} ${JSON.stringify(answer.body)}`);
    if (answer.status > 201) continue;
    const states = one.order.type === 'market' ? (['settled'] as const) : (['routed'] as const);
    one.acknowledged = await trader.reach(answer.body.order.orderId, states, 60_000);
  }
}
