import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { nextAuction, type AuctionKind } from '../../domain/calendar/auctions';
import { add, compare, multiply, decimal } from '../../domain/money/decimal';
import { ApiClient, type NewOrder } from '../support/api-client';
import { eventually } from '../support/eventually';
import {
  assertLedgerIsZero,
  assertReservationsReleased,
  assertViewsEqualHistories,
  withDatabase,
} from '../support/invariants';
import { startSystem, type RunningSystem } from '../support/system';

// Goal: what a user does on the first day works through every real process, and bad input gets its own clear answer.
// Method: `npm start` in a home of its own, then only the public HTTP contract.
describe('trading through npm start', function () {
  this.timeout(180_000);
  let system: RunningSystem;
  let trader: ApiClient;
  let count = 0;

  const keyOf = (name: string): string => {
    const found = system.credentials.keys.find((key) => key.name === name);
    assert.ok(found, `the credentials file has a key ${name}`);
    return found.key;
  };
  const newOrder = (more: Partial<NewOrder> = {}): NewOrder => {
    count += 1;
    return {
      clientOrderId: `e2e-${count}`,
      account: 'ACC-1',
      symbol: 'IBM',
      side: 'buy',
      type: 'market',
      quantity: '100',
      ...more,
    };
  };
  const quote = async (symbol: string): Promise<{ bid: string; ask: string; askSize: string }> =>
    (await trader.call<{ bid: string; ask: string; askSize: string }>('GET', `/v1/quotes/${symbol}`)).body;

  /** Whichever auction is further away, so that none is held while the test looks at its order. */
  const auctionTypeWithTime = (): string => {
    const entryEndsAt = (kind: AuctionKind): string =>
      nextAuction('XSIM', kind, new Date().toISOString())?.entryEndsAt ?? '';
    return entryEndsAt('close') > entryEndsAt('open') ? 'marketOnClose' : 'marketOnOpen';
  };

  before(async () => {
    system = await startSystem();
    trader = new ApiClient(system.run.apiUrl, keyOf('demo-trader'));
    await eventually(async () => (await quote('IBM')).ask !== undefined, {
      timeoutMs: 30_000,
      what: 'a first quote',
    });
  });
  after(async () => {
    await system?.stop();
  });

  it('fills and settles a market order', async () => {
    const answer = await trader.submit(newOrder());
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.equal(answer.body.created, true);
    const settled = await trader.reach(answer.body.order.orderId, ['settled']);
    assert.equal(settled.cumQty, '100');
    assert.equal(settled.settledQty, '100');
    assert.equal(settled.ordStatus, 'filled');
    const fills = await trader.fills(settled.orderId);
    const filled = fills.map((fill) => decimal(fill.quantity)).reduce(add, decimal('0'));
    assert.equal(filled, '100');
  });

  it('rests, amends and cancels a limit order away from the market', async () => {
    const { bid } = await quote('IBM');
    const away = multiply(decimal(bid), decimal('0.95'));
    const limitPrice = decimal(Number(away).toFixed(2));
    const { status, body } = await trader.submit(newOrder({ type: 'limit', limitPrice, timeInForce: 'gtc' }));
    assert.equal(status, 201, JSON.stringify(body));
    const { orderId } = body.order;
    await trader.reach(orderId, ['routed']);
    const amended = await trader.amend(orderId, { quantity: '150' });
    assert.equal(amended.status, 202, JSON.stringify(amended.body));
    await eventually(async () => (await trader.order(orderId)).quantity === '150', {
      what: 'the amended quantity',
    });
    const cancelled = await trader.cancel(orderId);
    assert.equal(cancelled.status, 202, JSON.stringify(cancelled.body));
    const ended = await trader.reach(orderId, ['cancelled']);
    assert.equal(ended.leavesQty, '0');
    const late = await trader.cancel(orderId);
    assert.equal(late.status, 409);
    assert.equal(late.body.code, 'ORDER_CLOSED');
  });

  it('fills a large order in parts', async () => {
    const { body } = await trader.submit(newOrder({ symbol: 'BAC', quantity: '60000' }));
    const settled = await trader.reach(body.order.orderId, ['filled', 'settled'], 60_000);
    assert.equal(settled.cumQty, '60000');
    assert.ok((await trader.fills(settled.orderId)).length > 1, 'more than one fill');
  });

  it('works icebergs, pegs, auction and good-till-date orders to their ends', async () => {
    const { ask } = await quote('IBM');
    const above = decimal((Number(ask) * 1.02).toFixed(2));
    const enter = async (more: Partial<NewOrder>): Promise<string> => {
      const { status, body } = await trader.submit(newOrder(more));
      assert.equal(status, 201, JSON.stringify(body));
      return body.order.orderId;
    };
    const iceberg = await enter({ type: 'iceberg', limitPrice: above, displayQuantity: '40' });
    const peg = await enter({ type: 'pegged', pegPriceType: 'market' });
    const waits = await enter({ type: auctionTypeWithTime() });
    const expireAt = new Date(Date.now() + 2_000).toISOString();
    const dated = await enter({ type: 'limit', limitPrice: '150', timeInForce: 'gtd', expireAt });
    const filled = await trader.reach(iceberg, ['filled', 'settled']);
    assert.equal(filled.displayQuantity, '40');
    assert.equal((await trader.reach(peg, ['filled', 'settled'])).pegPriceType, 'market');
    const waiting = await trader.reach(waits, ['routed']);
    assert.ok(Date.parse(waiting.endsAt ?? '') > Date.now(), 'its auction is yet to come');
    assert.equal((await trader.cancel(waits)).status, 202);
    await trader.reach(waits, ['cancelled']);
    assert.ok((await trader.reach(dated, ['expired'])).updatedAt >= expireAt);
  });

  it('gives each kind of bad input its own answer and reserves nothing', async () => {
    const before = (await trader.call<{ reserved: string }>('GET', '/v1/accounts/ACC-2')).body.reserved;
    const onAcc2 = (more: Partial<NewOrder>) =>
      newOrder({ account: 'ACC-2', type: 'limit', limitPrice: '182.50', ...more });
    const cases: [string, number, string, NewOrder][] = [
      ['an unknown symbol', 422, 'UNKNOWN_SYMBOL', onAcc2({ symbol: 'NOPE' })],
      ['a bad tick', 422, 'PRICE_NOT_ON_TICK', onAcc2({ limitPrice: '182.505' })],
      [
        'a time in force of another type',
        422,
        'TIME_IN_FORCE_NOT_ALLOWED',
        onAcc2({ timeInForce: 'cls', type: 'limitOnOpen' }),
      ],
      ['a foreign account', 403, 'FORBIDDEN_ACCOUNT', newOrder({ account: 'ACC-9' })],
    ];
    for (const [what, status, code, order] of cases) {
      const answer = await trader.submit(order);
      assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
      const codes = [answer.body.code, ...(answer.body.errors ?? []).map((error) => error.code)];
      assert.ok(codes.includes(code), `${what} says ${code}, said ${codes.join()}`);
    }
    const after = (await trader.call<{ reserved: string }>('GET', '/v1/accounts/ACC-2')).body.reserved;
    assert.equal(after, before);
  });

  it('refuses too much money, and forty orders at once against money for thirty-nine pass thirty-nine', async () => {
    const big = await trader.submit(
      newOrder({ account: 'ACC-2', type: 'limit', limitPrice: '182.50', quantity: '99999' }),
    );
    assert.equal(big.status, 422);
    // The value limit of one order is 5,000,000; buying power is 10,000,000; the collar allows 10 % below the market.
    const { bid } = await quote('IBM');
    const limitPrice = decimal((Number(bid) * 0.92).toFixed(2));
    const power = (await trader.call<{ buyingPower: string }>('GET', '/v1/accounts/ACC-2')).body.buyingPower;
    const unit = add(limitPrice, decimal('0.001'));
    const quantity = String(Math.floor(Number(power) / 39.5 / Number(unit)));
    const orders = Array.from({ length: 40 }, () =>
      newOrder({ account: 'ACC-2', type: 'limit', limitPrice, quantity, timeInForce: 'gtc' }),
    );
    const answers = await Promise.all(orders.map((order) => trader.submit(order)));
    assert.equal(answers.filter((answer) => answer.status === 201).length, 39);
    const denied = answers.filter((answer) => answer.status === 422);
    assert.equal(denied.length, 1);
    assert.ok(denied[0]?.body.errors?.some((error) => error.code === 'INSUFFICIENT_BUYING_POWER'));
    const cancelled = await trader.call<{ results: unknown[] }>('DELETE', '/v1/orders?account=ACC-2');
    assert.equal(cancelled.status, 207);
    await eventually(
      async () =>
        (await trader.call<{ reserved: string }>('GET', '/v1/accounts/ACC-2')).body.reserved === '0',
      { timeoutMs: 30_000, what: 'all reservations released' },
    );
  });

  it('answers wrong keys and malformed bodies', async () => {
    const stranger = new ApiClient(system.run.apiUrl, 'not-a-key');
    assert.equal((await stranger.submit(newOrder())).status, 401);
    const malformed = await trader.call<{ code: string }>('POST', '/v1/orders', '{"account":');
    assert.equal(malformed.status, 400);
    assert.equal(malformed.body.code, 'MALFORMED_REQUEST');
    const foreign = new ApiClient(system.run.apiUrl, keyOf('demo-trader-2'));
    const { body } = await trader.submit(newOrder());
    const read = await foreign.call('GET', `/v1/orders/${body.order.orderId}`);
    assert.equal(read.status, 404);
  });

  it('makes one order of the same request sent ten times at once', async () => {
    const order = newOrder();
    const answers = await Promise.all(Array.from({ length: 10 }, () => trader.submit(order)));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [...Array<number>(9).fill(200), 201]);
    assert.equal(new Set(answers.map((answer) => answer.body.order.orderId)).size, 1);
    const orderId = answers[0]?.body.order.orderId ?? '';
    await trader.reach(orderId, ['settled']);
    const repeat = await trader.submit({ ...order, quantity: '100.00' });
    assert.equal(repeat.status, 200);
    assert.equal(repeat.body.created, false);
    const conflict = await trader.submit({ ...order, quantity: '101' });
    assert.equal(conflict.status, 409);
    assert.equal(conflict.body.code, 'CLIENT_ORDER_ID_CONFLICT');
  });

  it('keeps the ledger at zero, the positions right and the views equal to the histories', async () => {
    const position = await trader.call<{ items: { symbol: string; quantity: string }[] }>(
      'GET',
      '/v1/positions?account=ACC-1',
    );
    const ibm = position.body.items.find((item) => item.symbol === 'IBM');
    assert.ok(ibm !== undefined && compare(decimal(ibm.quantity), decimal('200')) >= 0);
    await withDatabase(system.run, async (db) => {
      assert.ok((await assertLedgerIsZero(db)) > 0);
      await assertReservationsReleased(db);
    });
    await assertViewsEqualHistories(system.home);
  });
});
