import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { decimal, sum } from '../../domain/money/decimal';
import { ApiClient } from '../support/api-client';
import { eventually } from '../support/eventually';
import {
  assertLedgerIsZero,
  assertReservationsReleased,
  assertViewsEqualHistories,
  withDatabase,
} from '../support/invariants';
import { startSystem, type RunningSystem } from '../support/system';

interface Position {
  symbol: string;
  quantity: string;
  settledQuantity: string;
  averagePrice: string;
  realisedPnl: string;
}
interface Account {
  cash: string;
  settledCash: string;
  reserved: string;
  buyingPower: string;
}

// Goal: a trade that the venue busts after it settled is gone everywhere: order, fills, position, realised profit, cash,
// fees and ledger agree again. Method: `npm start`, the public API, and the act of the simulated venue's operator.
describe('a trade busted after its settlement', function () {
  this.timeout(180_000);
  let system: RunningSystem;
  let trader: ApiClient;

  before(async () => {
    system = await startSystem();
    const key = system.credentials.keys.find(({ name }) => name === 'demo-trader');
    trader = new ApiClient(system.run.apiUrl, key?.key ?? '');
    await eventually(
      async () => (await trader.call<{ ask?: string }>('GET', '/v1/quotes/IBM')).body.ask !== undefined,
      { timeoutMs: 20_000, what: 'a first quote' },
    );
  });
  after(async () => {
    await system?.stop();
  });

  const account = async (): Promise<Account> => {
    const { body } = await trader.call<Account>('GET', '/v1/accounts/ACC-1');
    const { cash, settledCash, reserved, buyingPower } = body;
    return { cash, settledCash, reserved, buyingPower };
  };
  /** What trades decide; unrealised profit follows the market. */
  const position = async (): Promise<Position | undefined> => {
    const { body } = await trader.call<{ items: Position[] }>('GET', '/v1/positions?account=ACC-1');
    return body.items
      .filter(({ symbol }) => symbol === 'IBM')
      .map(({ symbol, quantity, settledQuantity, averagePrice, realisedPnl }) => {
        return { symbol, quantity, settledQuantity, averagePrice, realisedPnl };
      })[0];
  };
  const trade = async (clientOrderId: string, side: string, quantity: string): Promise<string> => {
    const order = { clientOrderId, account: 'ACC-1', symbol: 'IBM', side, type: 'market', quantity };
    const { status, body } = await trader.submit(order);
    assert.equal(status, 201, JSON.stringify(body));
    await trader.reach(body.order.orderId, ['settled'], 60_000);
    return body.order.orderId;
  };

  it('leaves no trace in any view, and the ledger sums to zero', async () => {
    await trade('bought', 'buy', '200');
    const before = { account: await account(), position: await position() };
    const sold = await trade('sold', 'sell', '100');
    assert.notEqual((await account()).cash, before.account.cash);
    assert.notEqual((await position())?.quantity, before.position?.quantity);

    const { body: refused } = await bust('no-such-execution');
    assert.equal(refused.code, 'UNKNOWN_EXECUTION');
    for (const { execId } of await trader.fills(sold)) {
      const answer = await bust(execId);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal((await bust(execId)).status, 409, 'busted once');
    }

    const settledAgain = before.account.settledCash;
    await eventually(async () => (await account()).settledCash === settledAgain, {
      timeoutMs: 60_000,
      what: 'the settlement of the bust',
    });
    const order = await trader.order(sold);
    assert.deepEqual(
      [order.state, order.ordStatus, order.cumQty, order.leavesQty, order.settledQty],
      ['settled', 'canceled', '0', '0', '0'],
    );
    const fills = await trader.fills(sold);
    assert.ok(fills.length > 0 && fills.every(({ status, settled }) => status === 'busted' && settled));
    assert.deepEqual({ account: await account(), position: await position() }, before);
    await withDatabase(system.run, async (db) => {
      assert.ok((await assertLedgerIsZero(db)) > 0);
      await assertReservationsReleased(db);
      const fees = await db.collection('ledger').find({ orderId: sold, book: 'fees' }).toArray();
      assert.ok(fees.length >= 2);
      assert.equal(sum(fees.map(({ amount }) => decimal(String(amount)))), '0', 'fees are given back');
      assert.equal(await db.collection('unmatchedReports').countDocuments(), 0);
    });
    await assertViewsEqualHistories(system.home);
  });

  async function bust(execId: string): Promise<{ status: number; body: { code?: string } }> {
    const url = `${system.run.venueUrl}/trades/${encodeURIComponent(execId)}/bust`;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    return { status: response.status, body: (await response.json()) as { code?: string } };
  }
});
