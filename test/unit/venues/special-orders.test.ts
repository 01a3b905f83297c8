import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { add, compare, decimal, subtract, sum, ZERO, type Decimal } from '../../../domain/money/decimal';
import { leavesOf } from '../../../venues/simulator/core/book-types';
import { levelsOf } from '../../../venues/simulator/core/order-view';
import { uncross } from '../../../venues/simulator/core/uncross';
import { AT, Desk, fillsOf, reopened } from './engine-desk';
import type { BookedOrder, StandingQuote } from '../../../venues/simulator/core/book-types';
import type { WireOrder, WireReport } from '../../../venues/simulator/protocol';

// Goal: the orders that the simulated venue works in ways of its own: icebergs, pegs, auctions, good-till-date.
// Method: commands on the engine alone; what it says is held against the rule, in examples and over random runs.

const AUCTION_AT = '2026-01-05T22:00:00.000Z';
const iceberg = (displayQuantity: string): Partial<WireOrder> => ({
  type: 'iceberg',
  displayQuantity: decimal(displayQuantity),
});
const pegged = (pegPriceType?: WireOrder['pegPriceType'], pegOffset?: string): Partial<WireOrder> => ({
  type: 'pegged',
  ...(pegPriceType !== undefined && { pegPriceType }),
  ...(pegOffset !== undefined && { pegOffset: decimal(pegOffset) }),
});
const depth = (desk: Desk, side: 'buy' | 'sell'): string[] =>
  levelsOf(desk.engine.state.book('IBM').ranked(side)).map(({ price, size }) => `${size}@${price}`);
const kinds = (reports: readonly WireReport[]): string[] =>
  reports.map(({ kind, clOrdId }) => `${clOrdId} ${kind}`);
const pegPrice = (desk: Desk, id: string): string | undefined => desk.engine.state.orderOf(id)?.pegPrice;

describe('an iceberg', () => {
  it('shows one tranche at a time, and each new one stands last at its price', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.10', '0');
    const ice = desk.enter('sell', '250', '182.05', 'gtc', iceberg('100'));
    const plain = desk.enter('sell', '80', '182.05');
    assert.deepEqual(depth(desk, 'sell'), ['180@182.05']);
    const first = desk.enter('buy', '150', '182.05');
    assert.deepEqual(fillsOf(first.reports), [
      `${first.id} 100@182.05`,
      `${ice.id} 100@182.05`,
      `${first.id} 50@182.05`,
      `${plain.id} 50@182.05`,
    ]);
    assert.deepEqual(depth(desk, 'sell'), ['130@182.05']);
    const second = desk.enter('buy', '500', '182.05', 'ioc');
    assert.deepEqual(fillsOf(second.reports.filter(({ clOrdId }) => clOrdId !== second.id)), [
      `${plain.id} 30@182.05`,
      `${ice.id} 100@182.05`,
      `${ice.id} 50@182.05`,
    ]);
    assert.equal(desk.engine.state.orderOf(ice.id)?.status, 'filled');
  });

  it('takes what is there at its price with its whole quantity when it comes', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.06', '300');
    const ice = desk.enter('buy', '1000', '182.06', 'gtc', iceberg('100'));
    assert.deepEqual(fillsOf(ice.reports), [`${ice.id} 300@182.06`]);
    assert.equal(desk.engine.state.orderOf(ice.id)?.shown, '100');
  });

  it('trades tranche by tranche when the market comes to it, with others between', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.06', '0');
    const ice = desk.enter('buy', '300', '182.03', 'gtc', iceberg('100'));
    const plain = desk.enter('buy', '50', '182.03');
    assert.deepEqual(fillsOf(desk.quote('181.9', '0', '182.03', '280')), [
      `${ice.id} 100@182.03`,
      `${plain.id} 50@182.03`,
      `${ice.id} 100@182.03`,
      `${ice.id} 30@182.03`,
    ]);
    assert.equal(desk.engine.state.orderOf(ice.id)?.shown, '70');
  });

  it('is replaced in quantity with its tranche kept, and never shows more than is left', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.10', '0');
    const ice = desk.enter('sell', '250', '182.05', 'gtc', iceberg('100'));
    const wanted = { clOrdId: 'r1', quantity: decimal('60'), limitPrice: decimal('182.05') };
    desk.keep(desk.engine.replace(ice.id, wanted, AT).entries);
    assert.deepEqual(depth(desk, 'sell'), ['60@182.05']);
    assert.equal(desk.engine.status('r1')?.order?.shownQty, '60');
  });
});

describe('a pegged order', () => {
  it('follows its side of the market, the other side or the middle, and rounds to the passive side', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.05', '0');
    const ids = [
      desk.enter('buy', '10', undefined, 'day', pegged()),
      desk.enter('buy', '10', undefined, 'day', pegged('market', '-0.02')),
      desk.enter('buy', '10', undefined, 'day', pegged('mid')),
      desk.enter('sell', '10', undefined, 'day', pegged('primary', '0.01')),
    ].map(({ id }) => id);
    assert.deepEqual(
      ids.map((id) => pegPrice(desk, id)),
      ['182', '182.03', '182.02', '182.06'],
    );
    desk.quote('182.10', '0', '182.13', '0');
    assert.deepEqual(
      ids.map((id) => pegPrice(desk, id)),
      ['182.1', '182.11', '182.11', '182.14'],
    );
    assert.equal(desk.engine.status(ids[0] ?? '')?.order?.pegPrice, '182.1');
  });

  it('goes no further than its limit', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.06', '0');
    const { id } = desk.enter('buy', '10', undefined, 'day', {
      ...pegged(),
      limitPrice: decimal('182.02'),
    });
    desk.quote('182.50', '0', '182.56', '0');
    assert.equal(pegPrice(desk, id), '182.02');
    desk.quote('181', '0', '181.06', '0');
    assert.equal(pegPrice(desk, id), '181');
  });

  it('may get a limit by a replace, and cannot lose it', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.06', '0');
    const { id } = desk.enter('buy', '10', undefined, 'day', pegged());
    const wanted = { clOrdId: 'r1', quantity: decimal('10'), limitPrice: decimal('181.5') };
    assert.deepEqual(kinds(desk.keep(desk.engine.replace(id, wanted, AT).entries)), ['r1 replaced']);
    assert.equal(pegPrice(desk, id), '181.5');
    const without = { clOrdId: 'r2', quantity: decimal('10') };
    assert.deepEqual(kinds(desk.keep(desk.engine.replace('r1', without, AT).entries)), [
      'r2 replaceRejected',
    ]);
  });

  it('is hit where it stands when the market goes through it, and follows with the rest', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.05', '0');
    const { id } = desk.enter('buy', '100', undefined, 'day', pegged());
    assert.deepEqual(fillsOf(desk.quote('181.90', '0', '181.95', '40')), [`${id} 40@181.95`]);
    assert.equal(pegPrice(desk, id), '181.9');
  });

  it('trades inside the spread, and stands behind others at its price', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.06', '0');
    const peg = desk.enter('buy', '10', undefined, 'day', pegged('mid'));
    const plain = desk.enter('buy', '10', '182.03');
    const taker = desk.enter('sell', '15', '182.03');
    assert.deepEqual(
      fillsOf(taker.reports).filter((fill) => !fill.startsWith(taker.id)),
      [`${plain.id} 10@182.03`, `${peg.id} 5@182.03`],
    );
  });

  it('waits without a place while there is no market to follow', () => {
    const desk = new Desk();
    const { id, reports } = desk.enter('buy', '10', undefined, 'day', pegged('market'));
    assert.deepEqual(kinds(reports), [`${id} accepted`]);
    assert.deepEqual(depth(desk, 'buy'), []);
    assert.deepEqual(fillsOf(desk.quote('182', '0', '182.06', '100')), [`${id} 10@182.06`]);
  });

  it('is where it was once the market shows again after a restart', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.06', '0');
    const { id } = desk.enter('buy', '10', undefined, 'day', pegged('mid', '-0.01'));
    const again = reopened(desk);
    assert.equal(again.state.orderOf(id)?.pegPrice, undefined);
    again.onQuotes([desk.row('182', '0', '182.06', '0')], AT);
    assert.deepEqual(again.state.orders, desk.engine.state.orders);
  });
});

describe('an auction', () => {
  const onClose = (type: string, more: Partial<WireOrder> = {}): Partial<WireOrder> => ({ type, ...more });

  it('takes no part in continuous trading, fills everybody at one price and ends the rest', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '100', 'q1');
    const market = desk.enter('buy', '150', undefined, 'cls', onClose('marketOnClose'));
    const limit = desk.enter('buy', '50', '182.06', 'day', onClose('limitOnClose'));
    const seller = desk.enter('sell', '60', undefined, 'cls');
    for (const { id, reports } of [market, limit, seller])
      assert.deepEqual(kinds(reports), [`${id} accepted`]);
    assert.deepEqual(depth(desk, 'buy'), []);
    assert.deepEqual(desk.keep(desk.engine.holdDueAuctions('2026-01-05T21:59:59.999Z')), []);
    const reports = desk.keep(desk.engine.holdDueAuctions(AUCTION_AT));
    assert.deepEqual(fillsOf(reports), [
      `${market.id} 100@182.06`,
      `${market.id} 50@182.06`,
      `${limit.id} 10@182.06`,
      `${seller.id} 60@182.06`,
    ]);
    assert.deepEqual(
      reports.filter(({ kind }) => kind !== 'fill').map(({ kind, clOrdId, text }) => [kind, clOrdId, text]),
      [['expired', limit.id, 'not filled in the closing auction']],
    );
    assert.equal(desk.engine.state.book('IBM').quote?.askLeft, '0');
  });

  it('is held for its own orders only: those for the opening wait on', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '100');
    const opening = desk.enter('buy', '10', undefined, 'opg', onClose('marketOnOpen'));
    assert.deepEqual(desk.keep(desk.engine.holdDueAuctions(AUCTION_AT)), []);
    const reports = desk.keep(desk.engine.holdDueAuctions('2026-01-05T22:01:00.000Z'));
    assert.deepEqual(fillsOf(reports), [`${opening.id} 10@182.06`]);
  });

  it('is forgotten by no restart, and no order of it ends with the day', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '100');
    const { id } = desk.enter('buy', '10', undefined, 'day', onClose('marketOnClose'));
    const again = reopened(desk);
    assert.deepEqual(again.expireDue('2026-01-06T22:00:00.000Z'), []);
    again.onQuotes([desk.row('182', '500', '182.06', '100')], AT);
    assert.match(again.holdDueAuctions(AUCTION_AT).join(), /"fill".*182\.06/);
    assert.equal(again.state.orderOf(id)?.status, 'filled');
  });

  it('takes entries and replaces until its cut-off, and cancels always', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '100');
    const { id } = desk.enter('buy', '10', undefined, 'cls', onClose('marketOnClose'));
    const late = '2026-01-05T21:59:30.000Z';
    const refused = desk.enter('buy', '10', undefined, 'cls', onClose('marketOnClose'), late).reports;
    assert.deepEqual(
      refused.map(({ kind, reason }) => [kind, reason]),
      [['rejected', '4']],
    );
    const replace = desk.engine.replace(id, { clOrdId: 'r', quantity: decimal('5') }, late);
    assert.deepEqual(kinds(desk.keep(replace.entries)), ['r replaceRejected']);
    assert.deepEqual(kinds(desk.keep(desk.engine.cancel(id, { clOrdId: 'k' }, late).entries)), [
      'k cancelled',
    ]);
  });

  it('prefers more volume, then less left over, then the middle of the market', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.07', '0');
    const buy = desk.enter('buy', '10', undefined, 'cls');
    const sell = desk.enter('sell', '10', undefined, 'cls');
    assert.deepEqual(fillsOf(desk.keep(desk.engine.holdAuctionNow('close', AT))), [
      `${buy.id} 10@182.03`,
      `${sell.id} 10@182.03`,
    ]);
  });

  it('leaves as little over as it can before it looks at the middle', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.10', '0');
    const buy = desk.enter('buy', '10', '182.09', 'cls');
    const low = desk.enter('sell', '10', '182.01', 'cls');
    desk.enter('sell', '10', '182.05', 'cls');
    assert.deepEqual(fillsOf(desk.keep(desk.engine.holdAuctionNow('close', AT))), [
      `${buy.id} 10@182.01`,
      `${low.id} 10@182.01`,
    ]);
  });

  it('gives one price to all, balances, and trades nobody beyond his limit or his size', () => {
    const participant = fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      quantity: fc.integer({ min: 1, max: 300 }),
      cents: fc.option(fc.integer({ min: -12, max: 12 }), { nil: undefined }),
    });
    const sizes = fc.record({ bid: fc.integer({ min: 0, max: 200 }), ask: fc.integer({ min: 0, max: 200 }) });
    fc.assert(
      fc.property(fc.array(participant, { minLength: 1, maxLength: 12 }), sizes, (participants, shown) => {
        const orders = participants.map(({ side, quantity, cents }, index) =>
          booked(index, side, quantity, cents === undefined ? undefined : (182 + cents / 100).toFixed(2)),
        );
        const quote: StandingQuote = {
          bid: decimal('182'),
          ask: decimal('182.05'),
          bidLeft: decimal(String(shown.bid)),
          askLeft: decimal(String(shown.ask)),
          asOf: AT,
        };
        const result = uncross(orders, quote, undefined);
        if (result === undefined) return;
        const { price, fills } = result;
        const total = (side: string, part: 'withUsers' | 'withMarket'): Decimal =>
          sum(fills.filter(({ order }) => order.terms.side === side).map((fill) => fill[part]));
        assert.equal(total('buy', 'withUsers'), total('sell', 'withUsers'));
        assert.ok(compare(total('buy', 'withMarket'), quote.askLeft) <= 0);
        assert.ok(compare(total('sell', 'withMarket'), quote.bidLeft) <= 0);
        if (total('buy', 'withMarket') !== ZERO) assert.ok(compare(price, decimal('182.05')) >= 0);
        if (total('sell', 'withMarket') !== ZERO) assert.ok(compare(price, decimal('182')) <= 0);
        for (const { order, withUsers, withMarket } of fills) {
          assert.ok(compare(add(withUsers, withMarket), leavesOf(order)) <= 0);
          if (order.limitPrice === undefined) continue;
          const beyond = compare(price, order.limitPrice);
          assert.ok(order.terms.side === 'buy' ? beyond <= 0 : beyond >= 0);
        }
        assertNobodyWasPassedOver(orders, result);
      }),
      { numRuns: 300 },
    );
  });
});

function booked(index: number, side: 'buy' | 'sell', quantity: number, limit?: string): BookedOrder {
  const limitPrice = limit === undefined ? {} : { limitPrice: decimal(limit) };
  const clOrdId = `c${index}`;
  const size = decimal(String(quantity));
  return {
    venueOrderId: clOrdId,
    entryClOrdId: clOrdId,
    clOrdId,
    terms: {
      clOrdId,
      symbol: 'IBM',
      side,
      type: 'market',
      quantity: size,
      timeInForce: 'cls',
      ...limitPrice,
    },
    quantity: size,
    cumQty: ZERO,
    status: 'new',
    open: true,
    priority: index,
    enteredAt: AT,
    reports: [],
    ...limitPrice,
  };
}

/** Whoever got less than he asked for does not stand before anybody who got something. */
function assertNobodyWasPassedOver(
  orders: readonly BookedOrder[],
  { price, fills }: NonNullable<ReturnType<typeof uncross>>,
): void {
  const got = (order: BookedOrder): Decimal =>
    sum(fills.filter((fill) => fill.order === order).map((fill) => add(fill.withUsers, fill.withMarket)));
  for (const short of orders) {
    if (subtract(short.quantity, got(short)) === ZERO) continue;
    if (short.limitPrice !== undefined) {
      const distance = compare(short.limitPrice, price);
      if (short.terms.side === 'buy' ? distance < 0 : distance > 0) continue;
    }
    for (const other of orders.filter(({ terms }) => terms.side === short.terms.side)) {
      const isBehind =
        other.limitPrice === short.limitPrice
          ? other.priority > short.priority
          : short.limitPrice === undefined ||
            (other.limitPrice !== undefined &&
              (short.terms.side === 'buy'
                ? compare(other.limitPrice, short.limitPrice) < 0
                : compare(other.limitPrice, short.limitPrice) > 0));
      if (other !== short && isBehind)
        assert.equal(got(other), ZERO, `${other.clOrdId} passed ${short.clOrdId}`);
    }
  }
}

describe('good till date', () => {
  it('ends at its instant, and is refused without one or after it', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.06', '0');
    const expireAt = '2026-01-07T10:00:00.000Z';
    const { id } = desk.enter('buy', '10', '170', 'gtd', { expireAt });
    const again = reopened(desk);
    assert.deepEqual(again.expireDue('2026-01-07T09:59:59.999Z'), []);
    assert.match(again.expireDue(expireAt).join(), /"kind":"expired".*good till date/);
    assert.equal(again.state.orderOf(id)?.status, 'expired');
    const reasons = [{}, { expireAt: AT }].map(
      (more) => desk.enter('buy', '10', '170', 'gtd', more).reports[0]?.reason,
    );
    assert.deepEqual(reasons, ['99', '4']);
  });
});

describe('terms that do not go together', () => {
  it('are rejected with the FIX reason', () => {
    const cases: [string | undefined, string, Partial<WireOrder>, string][] = [
      [undefined, 'gtc', { type: 'iceberg', displayQuantity: decimal('10') }, '99'],
      ['182', 'gtc', { type: 'iceberg' }, '99'],
      ['182', 'gtc', iceberg('101'), '13'],
      ['182', 'gtc', iceberg('0'), '13'],
      ['182', 'ioc', iceberg('10'), '11'],
      ['182', 'gtc', { displayQuantity: decimal('10') }, '99'],
      [undefined, 'fok', pegged(), '11'],
      [undefined, 'day', pegged('mid', '0.005'), '18'],
      [undefined, 'day', { pegOffset: decimal('0.01') }, '99'],
      [undefined, 'gtc', { type: 'marketOnClose' }, '11'],
      [undefined, 'opg', { type: 'marketOnClose' }, '11'],
      [undefined, 'day', { type: 'limitOnOpen' }, '99'],
      ['182', 'day', { type: 'marketOnOpen' }, '99'],
      ['182', 'day', { expireAt: '2027-01-01T00:00:00.000Z' }, '99'],
    ];
    for (const [limit, timeInForce, more, reason] of cases) {
      const desk = new Desk();
      desk.quote('182', '0', '182.06', '0');
      const { reports } = desk.enter('buy', '100', limit, timeInForce, more);
      assert.deepEqual(
        reports.map((report) => [report.kind, report.reason]),
        [['rejected', reason]],
        JSON.stringify([limit, timeInForce, more]),
      );
    }
  });
});

describe('icebergs and pegs among all others', () => {
  it('never show more than they may, never trade beyond limits or sizes, and fold to the same books', () => {
    const cents = fc.integer({ min: -8, max: 8 });
    const side = fc.constantFrom('buy' as const, 'sell' as const);
    const quantity = fc.integer({ min: 1, max: 200 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('quote' as const), cents, size: fc.integer({ min: 0, max: 300 }) }),
      fc.record({ do: fc.constant('plain' as const), side, quantity, cents }),
      fc.record({
        do: fc.constant('iceberg' as const),
        side,
        quantity,
        cents,
        display: fc.integer({ min: 1, max: 60 }),
      }),
      fc.record({
        do: fc.constant('peg' as const),
        side,
        quantity,
        cents: fc.option(cents, { nil: undefined }),
        to: fc.constantFrom('primary' as const, 'market' as const, 'mid' as const),
        offset: fc.integer({ min: -3, max: 3 }),
      }),
      fc.record({ do: fc.constant('replace' as const), index: fc.nat(20), quantity, cents }),
    );
    const price = (at: number): string => decimal((182 + at / 100).toFixed(2).replace(/\.?0+$/, ''));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const desk = new Desk();
        let row = desk.row('182', '100', '182.03', '100', 'q');
        steps.forEach((one, index) => {
          if (one.do === 'quote') {
            row = desk.row(
              price(one.cents),
              String(one.size),
              price(one.cents + 3),
              String(one.size),
              `q${index}`,
            );
            desk.keep(desk.engine.onQuotes([row], AT));
          } else if (one.do === 'replace') {
            const wanted = {
              clOrdId: `k${index}`,
              quantity: decimal(String(one.quantity)),
              limitPrice: decimal(price(one.cents)),
            };
            desk.keep(desk.engine.replace(`c${one.index}`, wanted, AT).entries);
          } else {
            const limit = one.cents === undefined ? undefined : price(one.cents);
            const more =
              one.do === 'plain'
                ? {}
                : one.do === 'iceberg'
                  ? iceberg(String(Math.min(one.display, one.quantity)))
                  : pegged(one.to, decimal((one.offset / 100).toFixed(2).replace(/\.?0+$/, '')));
            desk.enter(one.side, String(one.quantity), limit, 'gtc', more);
          }
          for (const order of desk.engine.state.orders) {
            assert.ok(compare(order.cumQty, order.quantity) <= 0);
            if (!order.open || order.shown === undefined) continue;
            assert.ok(compare(order.shown, order.terms.displayQuantity ?? ZERO) <= 0);
            assert.ok(compare(order.shown, leavesOf(order)) <= 0 && order.shown !== ZERO);
          }
        });
        assertFillsKeptLimits(desk);
        const again = reopened(desk);
        for (const engine of [again, desk.engine])
          engine.onQuotes([{ ...row, bidSize: ZERO, askSize: ZERO }], AT);
        assert.deepEqual(again.state.orders, desk.engine.state.orders);
        for (const one of ['buy', 'sell'] as const) {
          const ids = (engine: typeof again): string[] =>
            engine.state
              .book('IBM')
              .ranked(one)
              .map(({ clOrdId }) => clOrdId);
          assert.deepEqual(ids(again), ids(desk.engine));
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Each fill is within the limit that the order had by then, and each share bought from a user was sold by one. */
function assertFillsKeptLimits(desk: Desk): void {
  const limits = new Map<string, Decimal | undefined>();
  for (const entry of desk.lines.flat().map((text) => JSON.parse(text) as Record<string, unknown>)) {
    if (entry['e'] === 'order') {
      const terms = entry['terms'] as WireOrder;
      limits.set(terms.clOrdId, terms.limitPrice);
    }
    const report = entry['report'] as WireReport | undefined;
    if (report?.kind === 'replaced') limits.set(report.clOrdId, report.limitPrice);
    if (report?.kind !== 'fill') continue;
    const limit = limits.get(report.clOrdId);
    if (limit === undefined) continue;
    const beyond = compare(report.lastPx ?? ZERO, limit);
    assert.ok(report.side === 'buy' ? beyond <= 0 : beyond >= 0, JSON.stringify(report));
  }
}
