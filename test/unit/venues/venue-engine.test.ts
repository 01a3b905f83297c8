import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { add, compare, decimal, sum, ZERO, type Decimal } from '../../../domain/money/decimal';
import { AT, Desk, fillsOf, reopened } from './engine-desk';
import type { VenueEngine } from '../../../venues/simulator/core/venue-engine';
import type { WireOrder, WireReport } from '../../../venues/simulator/protocol';

// Goal: the matching rules of the simulated venue.
// Method: commands on the engine alone, which has no clock and no I/O; reports are what it says.
describe('venue engine', () => {
  it('fills at the shown price up to the shown size, which only the next quote renews', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '100');
    assert.deepEqual(fillsOf(desk.enter('buy', '60').reports), ['c1 60@182.06']);
    assert.deepEqual(fillsOf(desk.enter('buy', '60').reports), ['c2 40@182.06']);
    assert.deepEqual(fillsOf(desk.enter('buy', '10').reports), []);
    desk.engine.onTrade('IBM', decimal('182.03'));
    assert.deepEqual(fillsOf(desk.quote('182', '500', '182.07', '100')), ['c2 20@182.07', 'c3 10@182.07']);
  });

  it('gives price, then time priority', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '0');
    const [low, first, second] = [
      desk.enter('buy', '50', '182.01'),
      desk.enter('buy', '50', '182.02'),
      desk.enter('buy', '50', '182.02'),
    ];
    const reports = desk.quote('181.9', '500', '182', '120');
    assert.deepEqual(fillsOf(reports), [`${first.id} 50@182`, `${second.id} 50@182`, `${low.id} 20@182`]);
  });

  it('keeps the place of a replaced order only when its quantity goes down and nothing else changes', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '0');
    const [a, b, c] = [
      desk.enter('buy', '50', '182.02'),
      desk.enter('buy', '50', '182.02'),
      desk.enter('buy', '50', '182.02'),
    ];
    desk.keep(
      desk.engine.replace(a.id, { clOrdId: 'ra', quantity: decimal('60'), limitPrice: decimal('182.02') }, AT)
        .entries,
    );
    desk.keep(
      desk.engine.replace(b.id, { clOrdId: 'rb', quantity: decimal('40'), limitPrice: decimal('182.02') }, AT)
        .entries,
    );
    const reports = desk.quote('181.9', '500', '182', '150');
    assert.deepEqual(fillsOf(reports), ['rb 40@182', `${c.id} 50@182`, 'ra 60@182']);
  });

  it('ends an order as filled that is replaced down to what it has', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '30');
    const { id } = desk.enter('buy', '100', '182.06');
    const { reports } = desk.engine.replace(
      id,
      { clOrdId: 'r', quantity: decimal('20'), limitPrice: decimal('182.06') },
      AT,
    );
    const replaced = reports.map((text) => JSON.parse(text) as WireReport);
    assert.deepEqual(
      replaced.map(({ kind, orderQty, leavesQty }) => [kind, orderQty, leavesQty]),
      [['replaced', '30', '0']],
    );
    assert.equal(desk.engine.state.orderOf(id)?.status, 'filled');
  });

  it('lets users trade with each other strictly inside the spread only', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.06', '0');
    desk.enter('sell', '50', '182.06');
    const inside = desk.enter('sell', '50', '182.04');
    const { id, reports } = desk.enter('buy', '80', '182.06');
    assert.deepEqual(fillsOf(reports), [`${id} 50@182.04`, `${inside.id} 50@182.04`]);
    assert.equal(desk.cumQty(id), '50');
  });

  it('expires day orders at the end of their day, and no others', () => {
    const desk = new Desk();
    desk.quote('182', '0', '182.06', '0');
    const day = desk.enter('buy', '50', '170', 'day');
    const gtc = desk.enter('buy', '50', '170', 'gtc');
    const waiting = desk.enter('buy', '50', undefined, 'day');
    assert.deepEqual(desk.engine.expireDue('2026-01-05T21:59:59.999Z'), []);
    const expired = desk.keep(desk.engine.expireDue('2026-01-05T22:00:00.000Z'));
    assert.deepEqual(
      expired.map(({ kind, clOrdId }) => [kind, clOrdId]),
      [
        ['expired', day.id],
        ['expired', waiting.id],
      ],
    );
    assert.equal(desk.engine.state.orderOf(gtc.id)?.open, true);
  });

  it('charges the fee on each fill and stamps the market time', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '100');
    const fill = desk.enter('buy', '100').reports[1];
    assert.equal(fill?.fee, '0.1');
    assert.equal(fill?.marketTime, '2013-10-07T13:30:00.000Z');
  });

  it('rejects with the FIX reason what it does not trade', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '100');
    const cases: [Partial<WireOrder>, string][] = [
      [{ symbol: 'NOPE' }, '1'],
      [{ type: 'stop' }, '11'],
      [{ timeInForce: 'gtx' }, '11'],
      [{ quantity: decimal('1.5') }, '13'],
      [{ quantity: decimal('-1') }, '13'],
      [{ type: 'limit' }, '99'],
      [{ type: 'limit', limitPrice: decimal('1.00001') }, '18'],
    ];
    cases.forEach(([change, reason], index) => {
      const order: WireOrder = {
        clOrdId: `x${index}`,
        symbol: 'IBM',
        side: 'buy',
        type: 'market',
        quantity: decimal('1'),
        timeInForce: 'day',
        ...change,
      };
      const [report] = desk.engine.enter(order, AT).reports.map((text) => JSON.parse(text) as WireReport);
      assert.deepEqual([report?.kind, report?.reason], ['rejected', reason], JSON.stringify(change));
    });
  });

  it('remembers what was taken of a quote row that stands again after a restart', () => {
    const desk = new Desk();
    desk.quote('182', '500', '182.06', '100', 'row-7');
    desk.enter('buy', '70');
    const again = reopened(desk);
    again.onQuotes([desk.row('182', '500', '182.06', '100', 'row-7')], AT);
    assert.equal(again.state.book('IBM').quote?.askLeft, '30');
  });

  it('never fills beyond shown sizes or quantities, numbers reports without gaps, and folds to the same books', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('quote' as const),
        cents: fc.integer({ min: -5, max: 5 }),
        size: fc.integer({ min: 0, max: 300 }),
      }),
      fc.record({
        do: fc.constant('order' as const),
        side: fc.constantFrom('buy' as const, 'sell' as const),
        quantity: fc.integer({ min: 1, max: 200 }),
        cents: fc.option(fc.integer({ min: -8, max: 8 }), { nil: undefined }),
        tif: fc.constantFrom('day', 'gtc', 'ioc', 'fok'),
      }),
      fc.record({ do: fc.constant('cancel' as const), index: fc.nat(20) }),
      fc.record({
        do: fc.constant('replace' as const),
        index: fc.nat(20),
        quantity: fc.integer({ min: 1, max: 200 }),
        cents: fc.integer({ min: -8, max: 8 }),
      }),
    );
    const priceAt = (cents: number): string => (182 + cents / 100).toFixed(2);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const desk = new Desk();
        let shown = { bid: ZERO, ask: ZERO, at: ['', ''] };
        let taken: { buy: Decimal; sell: Decimal } = { buy: ZERO, sell: ZERO };
        steps.forEach((one, index) => {
          let reports: WireReport[];
          if (one.do === 'quote') {
            shown = {
              bid: decimal(String(one.size)),
              ask: decimal(String(one.size)),
              at: [priceAt(one.cents), priceAt(one.cents + 3)],
            };
            taken = { buy: ZERO, sell: ZERO };
            reports = desk.quote(
              decimalText(shown.at[0]),
              String(one.size),
              decimalText(shown.at[1]),
              String(one.size),
              `q${index}`,
            );
          } else if (one.do === 'order') {
            reports = desk.enter(
              one.side,
              String(one.quantity),
              one.cents === undefined ? undefined : decimalText(priceAt(one.cents)),
              one.tif,
            ).reports;
          } else if (one.do === 'cancel') {
            reports = desk.keep(desk.engine.cancel(`c${one.index}`, { clOrdId: `k${index}` }, AT).entries);
          } else {
            const wanted = {
              clOrdId: `k${index}`,
              quantity: decimal(String(one.quantity)),
              limitPrice: decimal(decimalText(priceAt(one.cents))),
            };
            reports = desk.keep(desk.engine.replace(`c${one.index}`, wanted, AT).entries);
          }
          for (const report of reports.filter(({ kind }) => kind === 'fill')) {
            const isTouch = report.lastPx === decimal(decimalText(shown.at[report.side === 'buy' ? 1 : 0]));
            if (isTouch && report.side === 'buy') taken.buy = add(taken.buy, report.lastQty ?? ZERO);
            if (isTouch && report.side === 'sell') taken.sell = add(taken.sell, report.lastQty ?? ZERO);
          }
          assert.ok(compare(taken.buy, shown.ask) <= 0 && compare(taken.sell, shown.bid) <= 0);
        });
        const { state } = desk.engine;
        state.log.forEach((text, index) => assert.equal((JSON.parse(text) as WireReport).seq, index + 1));
        for (const order of state.orders) assert.ok(compare(order.cumQty, order.quantity) <= 0);
        const fills = state.log
          .map((text) => JSON.parse(text) as WireReport)
          .filter(({ kind }) => kind === 'fill');
        assert.equal(
          sum(fills.map(({ lastQty }) => lastQty ?? ZERO)),
          sum(state.orders.map(({ cumQty }) => cumQty)),
        );
        const again = reopened(desk);
        assert.deepEqual(again.state.orders, state.orders);
        for (const side of ['buy', 'sell'] as const) {
          const ids = (engine: VenueEngine): string[] =>
            engine.state
              .book('IBM')
              .ranked(side)
              .map(({ clOrdId }) => clOrdId);
          assert.deepEqual(ids(again), ids(desk.engine));
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Trailing zeros are not canonical. */
function decimalText(text: string | undefined): string {
  return decimal(text ?? '0');
}
