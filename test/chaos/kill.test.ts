import assert from 'node:assert/strict';
import { after, describe, it } from 'mocha';
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
  this.timeout(180_000);
  let system: RunningSystem | undefined;

  for (const victim of VICTIMS) {
    it(`of ${victim} loses nothing`, async () => {
      system ??= await startSystem();
      const sent = await flood(system, victim);
      await system.killAll();
      system = await startSystem({ home: system.home });
      await check(system, sent);
    });
  }

  it('leaves views that equal the histories of all these orders', async () => {
    system ??= await startSystem();
    await assertViewsEqualHistories(system.home);
  });

  after(async () => {
    await system?.stop();
  });
});

interface Sent {
  order: NewOrder;
  acknowledged?: OrderView;
}

/** Runs `work` over all items, some at once. */
async function forAll<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Sends all orders, and kills the victim when a half was acknowledged; the others meet whatever is left. */
async function flood(system: RunningSystem, victim: string): Promise<Sent[]> {
  const trader = traderOf(system);
  const hasQuotes = async () => (await trader.call('GET', '/v1/quotes/SPY')).status === 200;
  await eventually(hasQuotes, { timeoutMs: 30_000, what: 'quotes' });
  const sent: Sent[] = Array.from({ length: ORDERS }, (_, index) => ({ order: orderNumber(victim, index) }));
  let acknowledged = 0;
  let killed: Promise<void> | undefined;
  await forAll(sent, async (one) => {
    const answer = await trader.submit(one.order).catch(() => undefined);
    if (answer?.status === 201 || answer?.status === 200) {
      one.acknowledged = answer.body.order;
      acknowledged += 1;
    }
    if (acknowledged >= ORDERS / 2) killed ??= system.kill(victim);
  });
  await killed;
  assert.ok(acknowledged >= ORDERS / 2, `${acknowledged} orders were acknowledged`);
  return sent;
}

function orderNumber(victim: string, index: number): NewOrder {
  const base = {
    clientOrderId: `${victim}-${index}`,
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

const finalStates = ({ type }: NewOrder): OrderView['state'][] =>
  type === 'market' ? ['settled'] : ['routed'];

async function check(system: RunningSystem, sent: Sent[]): Promise<void> {
  const trader = traderOf(system);
  const acknowledged = sent.filter((one) => one.acknowledged !== undefined);
  await forAll(acknowledged, async ({ order, acknowledged: view }) => {
    await trader.reach(view?.orderId ?? '', finalStates(order), 90_000);
  });
  await forAll(
    sent.filter((one) => one.acknowledged === undefined),
    (one) => settleDoubtful(trader, one),
  );
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
}

/** A client that saw no answer repeats its request: it meets the order that exists, or makes it now, never a second. */
async function settleDoubtful(trader: ApiClient, one: Sent): Promise<void> {
  const answer = await trader.submit(one.order);
  const said = `repeat answered ${answer.status} ${JSON.stringify(answer.body)}`;
  assert.ok([200, 201, 422, 503].includes(answer.status), said);
  if (answer.status > 201) return;
  one.acknowledged = await trader.reach(answer.body.order.orderId, finalStates(one.order), 60_000);
}
