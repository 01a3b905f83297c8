import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  compare,
  decimal,
  isZero,
  multiply,
  negate,
  subtract,
  type Decimal,
} from '../../../domain/money/decimal';
import {
  openingPostings,
  reversalPostings,
  settlementPostings,
  totalsByAsset,
  tradePostings,
  type LedgerFill,
  type Posting,
} from '../../../domain/money/ledger';
import { postingsOfSettlement } from '../../../domain/settlement/fills-to-settle';
import type { Fill } from '../../../domain/order/order-types';

const BUY: LedgerFill = {
  fillId: 'XSIM-e1',
  orderId: 'o1',
  account: 'ACC-1',
  symbol: 'IBM',
  side: 'buy',
  quantity: decimal('100'),
  price: decimal('182.505'),
  fee: decimal('0.1'),
  venue: 'XSIM',
  executedAt: '2026-01-05T15:00:00.000Z',
  tradeDate: '2026-01-05',
  settlementDate: '2026-01-06',
};
const ONE = decimal('1');
const AT = '2026-01-06T05:00:00.000Z';

function balance(postings: readonly Posting[], account: string, asset: string, book?: string): Decimal {
  return postings
    .filter((posting) => posting.account === account && posting.asset === asset)
    .filter((posting) => book === undefined || posting.book === book)
    .reduce((total, { amount }) => add(total, amount), decimal('0'));
}

function assertBalanced(postings: readonly Posting[]): void {
  for (const [asset, total] of Object.entries(totalsByAsset(postings))) assert.equal(total, '0', asset);
  assert.equal(new Set(postings.map(({ postingId }) => postingId)).size, postings.length, 'ids are unique');
  assert.ok(postings.every(({ amount }) => !isZero(amount)));
}

const amounts = fc.integer({ min: 1, max: 10_000_000 }).map((cents) => decimal((cents / 100).toFixed(2)));
const fills = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const, 'sellShort' as const),
  quantity: amounts,
  price: amounts,
  fee: fc.oneof(fc.constant(decimal('0')), amounts),
});

describe('the ledger of a fill', () => {
  it('takes cash and fee from a buyer and gives shares, unsettled', () => {
    const postings = tradePostings(BUY, 'USD', ONE);
    assertBalanced(postings);
    assert.equal(balance(postings, 'ACC-1', 'USD', 'unsettled'), '-18250.6');
    assert.equal(balance(postings, 'ACC-1', 'IBM', 'unsettled'), '100');
    assert.equal(balance(postings, 'street:XSIM', 'USD'), '18250.5');
    assert.equal(balance(postings, 'fees:XSIM', 'USD'), '0.1');
    assert.equal(postings[0]?.postingId, 'XSIM-e1:shares');
  });

  it('values by the multiplier, and gives a seller cash less the fee', () => {
    const postings = tradePostings({ ...BUY, side: 'sell' }, 'USD', decimal('10'));
    assert.equal(balance(postings, 'ACC-1', 'USD'), '182504.9');
    assert.equal(balance(postings, 'ACC-1', 'IBM'), '-100');
  });

  it('has no posting of nothing', () => {
    assert.equal(tradePostings({ ...BUY, fee: decimal('0') }, 'USD', ONE).length, 4);
  });

  it('moves exactly what was unsettled to settled', () => {
    const postings = [...tradePostings(BUY, 'USD', ONE), ...settlementPostings(BUY, 'USD', ONE, AT)];
    assertBalanced(postings);
    for (const asset of ['USD', 'IBM']) assert.equal(balance(postings, 'ACC-1', asset, 'unsettled'), '0');
    assert.equal(balance(postings, 'ACC-1', 'USD', 'settled'), '-18250.6');
    assert.equal(balance(postings, 'ACC-1', 'IBM', 'settled'), '100');
  });

  it('is empty again after a bust, before and after settlement', () => {
    for (const settled of [false, true]) {
      const booked = tradePostings(BUY, 'USD', ONE);
      if (settled) booked.push(...settlementPostings(BUY, 'USD', ONE, AT));
      const all = [
        ...booked,
        ...reversalPostings({ before: BUY, execId: 'e9', settled, at: AT }, 'USD', ONE),
      ];
      assertBalanced(all);
      for (const book of ['settled', 'unsettled']) {
        assert.equal(balance(all, 'ACC-1', 'USD', book), '0');
        assert.equal(balance(all, 'ACC-1', 'IBM', book), '0');
      }
      assert.equal(balance(all, 'fees:XSIM', 'USD'), '0');
    }
  });

  it('opens an account against equity', () => {
    const postings = openingPostings('ACC-1', 'USD', decimal('10000000'), AT);
    assertBalanced(postings);
    assert.equal(balance(postings, 'equity:opening', 'USD'), '-10000000');
    assert.deepEqual(openingPostings('ACC-1', 'USD', decimal('0'), AT), []);
  });
});

describe('any chain of a fill and its corrections', () => {
  it('sums to zero for each asset at every step, and to the last state for the account', () => {
    fc.assert(
      fc.property(
        fills,
        fc.array(fills, { maxLength: 4 }),
        fc.boolean(),
        fc.boolean(),
        (first, later, settled, busted) => {
          const { side } = first;
          let current: LedgerFill = { ...BUY, ...first };
          const all = tradePostings(current, 'USD', ONE);
          if (settled) all.push(...settlementPostings(current, 'USD', ONE, AT));
          later.forEach((change, index) => {
            const after = { ...current, ...change, side };
            all.push(
              ...reversalPostings(
                { before: current, after, execId: `c${index}`, settled, at: AT },
                'USD',
                ONE,
              ),
            );
            assertBalanced(all);
            current = after;
          });
          if (busted)
            all.push(...reversalPostings({ before: current, execId: 'bust', settled, at: AT }, 'USD', ONE));
          assertBalanced(all);

          const value = multiply(current.quantity, current.price);
          const cash = subtract(side === 'buy' ? negate(value) : value, current.fee);
          const shares = side === 'buy' ? current.quantity : negate(current.quantity);
          assert.equal(balance(all, 'ACC-1', 'USD'), busted ? '0' : cash);
          assert.equal(balance(all, 'ACC-1', 'IBM'), busted ? '0' : shares);
          assert.equal(balance(all, 'fees:XSIM', 'USD'), busted ? '0' : current.fee);
          assert.equal(
            compare(balance(all, 'ACC-1', 'USD', settled ? 'unsettled' : 'settled'), decimal('0')),
            0,
          );
        },
      ),
    );
  });
});

describe('settling the fills of an order', () => {
  const fill = (fillId: string, status: Fill['status']): Fill => ({
    fillId,
    execId: fillId,
    lastExecId: fillId,
    quantity: decimal('10'),
    price: decimal('5'),
    fee: decimal('0.01'),
    status,
    executedAt: BUY.executedAt,
    tradeDate: BUY.tradeDate,
    settlementDate: BUY.settlementDate,
    settleAt: AT,
    settled: false,
  });

  it('leaves out what was busted', () => {
    const postings = postingsOfSettlement({
      orderId: 'o1',
      account: 'ACC-1',
      symbol: 'IBM',
      side: 'sell',
      currency: 'USD',
      multiplier: ONE,
      venue: 'XSIM',
      fills: [fill('a', 'live'), fill('b', 'busted'), fill('c', 'corrected')],
      at: AT,
    });
    assertBalanced(postings);
    assert.equal(postings.length, 8);
    assert.equal(balance(postings, 'ACC-1', 'USD', 'settled'), '99.98');
    assert.equal(balance(postings, 'ACC-1', 'IBM', 'settled'), '-20');
    assert.ok(postings.every(({ at, kind }) => at === AT && kind === 'settlement'));
  });
});
