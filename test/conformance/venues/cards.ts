import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { add, decimal, ZERO } from '../../../domain/money/decimal';
import { reportKey } from '../../../domain/order/report-identity';
import { eventually } from '../../support/eventually';
import type { SendResult, VenueOrder } from '../../../activities/execution/execution.port';
import type { ExecutionReport, ReportKind } from '../../../domain/order/execution-report';
import type { OrderType } from '../../../domain/order/order-types';
import type { ReceivedReport, VenueAdapter } from '../../../venues/venue-port';

export interface ShownQuote {
  bid: string;
  bidSize: string;
  ask: string;
  askSize: string;
}

/** A venue that a conformance run may do anything to. */
export interface VenueUnderTest {
  /** A new session that continues the journals of the one before. */
  newAdapter(): VenueAdapter;
  /** A symbol that the venue lists, and one that it does not. */
  symbol: string;
  unknownSymbol: string;
  show(quote: ShownQuote): Promise<void>;
  /** Holds the auction for which orders wait, whenever it was due. */
  holdAuction(kind: 'open' | 'close'): Promise<void>;
  /** Orders at the venue that came with this ClOrdID. */
  countOrders(clOrdId: string): Promise<number>;
  /** The line of the session breaks and can be used again at once. */
  breakLine(): void;
  /** The next answers to requests are lost on their way back. */
  loseAnswers(count: number): void;
  crash(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const QUOTE: ShownQuote = { bid: '182', bidSize: '1000', ask: '182.06', askSize: '100' };
let orderCount = 0;

/** Cards that every adapter passes; the number is stable, the text may change. */
export function describeVenueConformance(name: string, open: () => Promise<VenueUnderTest>): void {
  describe(`venue conformance: ${name}`, function () {
    this.timeout(60_000);
    let venue: VenueUnderTest;
    let adapter: VenueAdapter;
    const received: ReceivedReport[] = [];

    const begin = async (): Promise<void> => {
      adapter = venue.newAdapter();
      await adapter.start(async (reports) => void received.push(...reports));
      await eventually(() => adapter.sessionState() === 'connected', { what: 'the session' });
    };
    before(async () => {
      venue = await open();
      await begin();
    });
    after(async () => {
      await adapter?.stop();
      await venue?.close();
    });

    const orderOf = (
      more: Partial<Omit<VenueOrder, 'quantity' | 'limitPrice'>> & {
        quantity?: string;
        limitPrice?: string;
      } = {},
    ): VenueOrder => {
      orderCount += 1;
      const orderId = `o${Date.now().toString(36)}${orderCount}`;
      const { quantity = '100', limitPrice, ...rest } = more;
      return {
        orderId,
        workflowId: `order:ACC:${orderId}`,
        clOrdId: `${orderId}-1`,
        account: 'ACC',
        symbol: venue.symbol,
        side: 'buy',
        type: limitPrice === undefined ? 'market' : 'limit',
        timeInForce: 'day',
        settlement: { mode: 'calendar' },
        quantity: decimal(quantity),
        ...(limitPrice !== undefined && { limitPrice: decimal(limitPrice) }),
        ...rest,
      };
    };
    const cancelOf = ({ orderId, workflowId, clOrdId, symbol, side }: VenueOrder, n = 2) => ({
      orderId,
      workflowId,
      clOrdId: `${orderId}-${n}`,
      origClOrdId: clOrdId,
      symbol,
      side,
    });
    const kinds = (result: SendResult): ReportKind[] => {
      assert.equal(result.outcome, 'sent', JSON.stringify(result));
      return result.outcome === 'sent' ? result.reports.map(({ kind }) => kind) : [];
    };
    const reportsOf = (result: SendResult): ExecutionReport[] =>
      result.outcome === 'sent' ? result.reports : [];
    const overSession = (orderId: string): ExecutionReport[] =>
      received.map(({ report }) => report).filter((report) => report.orderId === orderId);
    const filled = (reports: ExecutionReport[]): string =>
      reports.map(({ lastQty = ZERO }) => lastQty).reduce(add, ZERO);

    it('VC01 accepts a resting order and knows it', async () => {
      await venue.show(QUOTE);
      const order = orderOf({ limitPrice: '170', timeInForce: 'gtc' });
      assert.deepEqual(kinds(await adapter.send(order)), ['accepted']);
      const status = await adapter.status(order);
      assert.equal(status.outcome, 'known');
      assert.equal(status.open, true);
      assert.deepEqual(
        status.reports.map(({ kind }) => kind),
        ['accepted'],
      );
    });

    it('VC02 fills a market order at the shown price, with fee and settlement dates', async () => {
      await venue.show(QUOTE);
      const result = await adapter.send(orderOf());
      assert.deepEqual(kinds(result), ['accepted', 'fill']);
      const fill = reportsOf(result)[1];
      assert.equal(fill?.lastPx, '182.06');
      assert.equal(fill?.lastQty, '100');
      assert.ok(fill?.fee !== undefined && fill.execId !== undefined && fill.venueOrderId !== undefined);
      assert.match(fill.tradeDate ?? '', /^\d{4}-\d{2}-\d{2}$/);
      assert.match(fill.settlementDate ?? '', /^\d{4}-\d{2}-\d{2}$/);
      assert.ok((fill.settlementDate ?? '') > (fill.tradeDate ?? ''));
      assert.ok(Date.parse(fill.settleAt ?? '') > 0);
    });

    it('VC03 fills in parts up to the shown size, and on at later quotes', async () => {
      await venue.show(QUOTE);
      const order = orderOf({ quantity: '250' });
      const first = await adapter.send(order);
      assert.equal(filled(reportsOf(first)), '100');
      await venue.show({ ...QUOTE, ask: '182.07' });
      await venue.show({ ...QUOTE, ask: '182.08' });
      const all = await eventually(() => {
        const reports = overSession(order.orderId);
        return filled(reports) === '250' ? reports : undefined;
      });
      assert.deepEqual(
        all.filter(({ kind }) => kind === 'fill').map(({ lastQty, lastPx }) => `${lastQty}@${lastPx}`),
        ['100@182.06', '100@182.07', '50@182.08'],
      );
    });

    it('VC04 immediate or cancel takes what is there and ends', async () => {
      await venue.show(QUOTE);
      const result = await adapter.send(
        orderOf({ quantity: '150', timeInForce: 'ioc', limitPrice: '182.06' }),
      );
      assert.deepEqual(kinds(result), ['accepted', 'fill', 'cancelled']);
    });

    it('VC05 fill or kill trades whole or not at all', async () => {
      await venue.show(QUOTE);
      const killed = await adapter.send(orderOf({ quantity: '150', timeInForce: 'fok' }));
      assert.deepEqual(kinds(killed), ['accepted', 'cancelled']);
      const whole = await adapter.send(orderOf({ quantity: '100', timeInForce: 'fok' }));
      assert.deepEqual(kinds(whole), ['accepted', 'fill']);
    });

    it('VC06 cancels an open order under the ids of the chain', async () => {
      const order = orderOf({ limitPrice: '170' });
      await adapter.send(order);
      const cancel = cancelOf(order);
      const result = await adapter.cancel(cancel);
      assert.deepEqual(kinds(result), ['cancelled']);
      const [report] = reportsOf(result);
      assert.equal(report?.clOrdId, cancel.clOrdId);
      assert.equal(report?.origClOrdId, order.clOrdId);
      assert.equal(report?.orderId, order.orderId);
      assert.equal((await adapter.status(order)).open, false);
    });

    it('VC07 replaces an open order; reports then carry the new id and terms', async () => {
      await venue.show(QUOTE);
      const order = orderOf({ limitPrice: '170' });
      await adapter.send(order);
      const replace = {
        ...order,
        clOrdId: `${order.orderId}-2`,
        origClOrdId: order.clOrdId,
        quantity: decimal('80'),
        limitPrice: decimal('182.06'),
      };
      const result = await adapter.replace(replace);
      assert.deepEqual(kinds(result), ['replaced', 'fill']);
      const [replaced, fill] = reportsOf(result);
      assert.equal(replaced?.orderQty, '80');
      assert.equal(replaced?.limitPrice, '182.06');
      assert.equal(fill?.clOrdId, replace.clOrdId);
      assert.equal(fill?.lastQty, '80');
    });

    it('VC08 refuses a cancel and a replace that come too late', async () => {
      await venue.show(QUOTE);
      const order = orderOf();
      await adapter.send(order);
      const cancelled = reportsOf(await adapter.cancel(cancelOf(order)));
      assert.deepEqual(
        cancelled.map(({ kind, reason }) => [kind, reason]),
        [['cancelRejected', '0']],
      );
      assert.equal(cancelled[0]?.execId, undefined);
      const replace = {
        ...order,
        clOrdId: `${order.orderId}-3`,
        origClOrdId: order.clOrdId,
        quantity: decimal('80'),
      };
      const replaced = reportsOf(await adapter.replace(replace));
      assert.deepEqual(
        replaced.map(({ kind, reason }) => [kind, reason]),
        [['replaceRejected', '0']],
      );
    });

    it('VC09 refuses a cancel of an order that it never had', async () => {
      const result = await adapter.cancel(cancelOf(orderOf()));
      assert.deepEqual(
        reportsOf(result).map(({ kind, reason }) => [kind, reason]),
        [['cancelRejected', '1']],
      );
    });

    it('VC10 enters a ClOrdID once, for ever', async () => {
      await venue.show({ ...QUOTE, askSize: '1000' });
      const order = orderOf();
      const first = await adapter.send(order);
      const second = await adapter.send(order);
      assert.deepEqual(reportsOf(second), reportsOf(first));
      const both = await Promise.all([adapter.send(order), adapter.send(order)]);
      for (const again of both) assert.deepEqual(reportsOf(again), reportsOf(first));
      assert.equal(await venue.countOrders(order.clOrdId), 1);
    });

    it('VC11 says that it does not know an order that never came', async () => {
      const status = await adapter.status(orderOf());
      assert.deepEqual(status, { outcome: 'unknownOrder', reports: [], open: false });
    });

    it('VC12 rejects what it does not trade', async () => {
      const result = await adapter.send(orderOf({ symbol: venue.unknownSymbol }));
      assert.deepEqual(kinds(result), ['rejected']);
      assert.ok(reportsOf(result)[0]?.text);
    });

    it('VC13 brings every report over the session once, across broken lines and new sessions', async () => {
      await venue.show({ ...QUOTE, askSize: '100000' });
      const orders: VenueOrder[] = [];
      for (let index = 0; index < 12; index += 1) {
        if (index === 4) venue.breakLine();
        if (index === 8) {
          await adapter.stop();
          await begin();
        }
        const order = orderOf();
        orders.push(order);
        await adapter.send(order);
      }
      for (const { orderId } of orders) {
        await eventually(() => overSession(orderId).length >= 2, { what: `the reports of ${orderId}` });
      }
      const keys = received.map(({ report }) => reportKey(report));
      assert.equal(new Set(keys).size, keys.length, 'no report came twice');
      for (const { orderId, workflowId } of orders) {
        assert.deepEqual(
          overSession(orderId).map(({ kind }) => kind),
          ['accepted', 'fill'],
        );
        const addressed = received.find(({ report }) => report.orderId === orderId);
        assert.equal(addressed?.address?.workflowId, workflowId);
      }
    });

    it('VC14 answers with proof after the answer to a send was lost', async () => {
      await venue.show({ ...QUOTE, askSize: '1000' });
      const order = orderOf();
      venue.loseAnswers(1);
      assert.deepEqual(kinds(await adapter.send(order)), ['accepted', 'fill']);
      assert.equal(await venue.countOrders(order.clOrdId), 1);
    });

    it('VC15 says unknown when it cannot ask, and finds out later', async () => {
      await venue.show({ ...QUOTE, askSize: '1000' });
      const order = orderOf();
      venue.loseAnswers(2);
      assert.equal((await adapter.send(order)).outcome, 'unknown');
      assert.deepEqual(kinds(await adapter.send(order)), ['accepted', 'fill']);
      assert.equal(await venue.countOrders(order.clOrdId), 1);
    });

    it('VC16 says that nothing was sent while the venue is away, and loses nothing when it crashes', async () => {
      await venue.show(QUOTE);
      const resting = orderOf({ limitPrice: '181.5', quantity: '30', timeInForce: 'gtc' });
      await adapter.send(resting);
      const done = orderOf();
      const before = reportsOf(await adapter.send(done));
      await venue.crash();
      const away = orderOf();
      assert.notEqual((await adapter.send(away)).outcome, 'sent');
      assert.equal((await adapter.status(done)).outcome, 'unreachable');
      await venue.restart();
      assert.deepEqual((await adapter.status(done)).reports, before);
      assert.deepEqual(reportsOf(await adapter.send(done)), before);
      await venue.show({ ...QUOTE, bid: '181', ask: '181.4' });
      await eventually(() => filled(overSession(resting.orderId)) === '30', {
        what: 'the fill after the crash',
      });
      assert.equal(kinds(await adapter.send(away))[0], 'accepted');
      assert.equal(await venue.countOrders(away.clOrdId), 1);
    });

    /** A card about a type runs where the venue says that it works it; elsewhere we deny the type by its name. */
    const cardOf = (type: OrderType, title: string, body: () => Promise<void>): void => {
      it(title, async function () {
        if (!adapter.capabilities.orderTypes.includes(type)) this.skip();
        await body();
      });
    };
    const fillsOver = (orderId: string): string[] =>
      overSession(orderId)
        .filter(({ kind }) => kind === 'fill')
        .map(({ lastQty, lastPx }) => `${lastQty}@${lastPx}`);
    const kindsOver = (orderId: string): ReportKind[] => overSession(orderId).map(({ kind }) => kind);
    const icebergOf = (): VenueOrder =>
      orderOf({
        side: 'sell',
        type: 'iceberg',
        quantity: '250',
        limitPrice: '182.03',
        displayQuantity: decimal('100'),
        timeInForce: 'gtc',
      });

    cardOf('iceberg', 'VC17 trades an iceberg by the tranches that it shows', async () => {
      await venue.show(QUOTE);
      const iceberg = icebergOf();
      assert.deepEqual(kinds(await adapter.send(iceberg)), ['accepted']);
      const taker = await adapter.send(
        orderOf({ quantity: '150', limitPrice: '182.03', timeInForce: 'ioc' }),
      );
      assert.equal(filled(reportsOf(taker)), '150');
      await eventually(() => filled(overSession(iceberg.orderId)) === '150');
      assert.deepEqual(fillsOver(iceberg.orderId), ['100@182.03', '50@182.03']);
      const replace = {
        ...iceberg,
        clOrdId: `${iceberg.orderId}-2`,
        origClOrdId: iceberg.clOrdId,
        quantity: decimal('160'),
      };
      assert.deepEqual(kinds(await adapter.replace(replace)), ['replaced']);
      await adapter.send(orderOf({ quantity: '50', limitPrice: '182.03', timeInForce: 'ioc' }));
      await eventually(() => filled(overSession(iceberg.orderId)) === '160');
    });

    cardOf('pegged', 'VC18 lets a pegged order follow the market, within its limit', async () => {
      await venue.show(QUOTE);
      const peg = orderOf({ type: 'pegged', pegPriceType: 'mid', quantity: '20' });
      assert.deepEqual(kinds(await adapter.send(peg)), ['accepted']);
      await venue.show({ ...QUOTE, bid: '182.5', ask: '182.56' });
      const bounded = orderOf({ type: 'pegged', limitPrice: '182.51', pegPriceType: 'mid', quantity: '20' });
      await adapter.send(bounded);
      await adapter.send(orderOf({ side: 'sell', quantity: '40', limitPrice: '182.51', timeInForce: 'ioc' }));
      await eventually(() => fillsOver(peg.orderId).length + fillsOver(bounded.orderId).length === 2);
      assert.deepEqual(fillsOver(peg.orderId), ['20@182.53']);
      assert.deepEqual(fillsOver(bounded.orderId), ['20@182.51']);
    });

    for (const [card, type, kind] of [
      ['VC19', 'marketOnOpen', 'open'],
      ['VC20', 'marketOnClose', 'close'],
    ] as const) {
      cardOf(type, `${card} keeps ${type} orders for their auction, at one price`, async () => {
        await venue.show(QUOTE);
        const timeInForce = kind === 'open' ? 'opg' : 'cls';
        const limitType = kind === 'open' ? 'limitOnOpen' : 'limitOnClose';
        const first = orderOf({ type, quantity: '80' });
        const second = orderOf({ type: limitType, quantity: '60', limitPrice: '182.1', timeInForce });
        const unwilling = orderOf({ quantity: '10', limitPrice: '181', timeInForce });
        for (const order of [first, second, unwilling])
          assert.deepEqual(kinds(await adapter.send(order)), ['accepted']);
        await venue.holdAuction(kind);
        await eventually(() => kindsOver(unwilling.orderId).includes('expired'));
        assert.deepEqual(fillsOver(first.orderId), ['80@182.06']);
        assert.deepEqual(fillsOver(second.orderId), ['20@182.06']);
        assert.deepEqual(kindsOver(second.orderId), ['accepted', 'fill', 'expired']);
        assert.deepEqual(kindsOver(unwilling.orderId), ['accepted', 'expired']);
      });
    }

    it('VC21 ends a good-till-date order at its date', async function () {
      if (!adapter.capabilities.timesInForce.includes('gtd')) this.skip();
      const expireAt = new Date(Date.now() + 1_500).toISOString();
      const order = orderOf({ limitPrice: '170', timeInForce: 'gtd', expireAt });
      assert.deepEqual(kinds(await adapter.send(order)), ['accepted']);
      const [, expired] = await eventually(() => {
        const reports = overSession(order.orderId);
        return reports.length === 2 ? reports : undefined;
      });
      assert.equal(expired?.kind, 'expired');
      assert.ok(Date.parse(expired.transactTime) >= Date.parse(expireAt));
      const late = await adapter.send(orderOf({ limitPrice: '170', timeInForce: 'gtd', expireAt }));
      assert.deepEqual(kinds(late), ['rejected']);
    });

    cardOf('marketOnClose', 'VC22 forgets neither tranches nor pegs nor auctions in a crash', async () => {
      await venue.show(QUOTE);
      const iceberg = icebergOf();
      const closing = orderOf({ type: 'marketOnClose', quantity: '30' });
      const peg = orderOf({
        type: 'pegged',
        pegPriceType: 'mid',
        pegOffset: decimal('-0.01'),
        quantity: '5',
      });
      for (const order of [iceberg, closing, peg]) await adapter.send(order);
      await adapter.send(orderOf({ quantity: '70', limitPrice: '182.03', timeInForce: 'ioc' }));
      await venue.crash();
      await venue.restart();
      await venue.show(QUOTE);
      await eventually(() => adapter.sessionState() === 'connected');
      await adapter.send(orderOf({ quantity: '40', limitPrice: '182.03', timeInForce: 'ioc' }));
      await adapter.send(orderOf({ side: 'sell', quantity: '5', limitPrice: '182.02', timeInForce: 'ioc' }));
      await venue.holdAuction('close');
      await eventually(() => fillsOver(closing.orderId).length > 0);
      assert.deepEqual(fillsOver(iceberg.orderId), ['70@182.03', '30@182.03', '10@182.03']);
      assert.deepEqual(fillsOver(peg.orderId), ['5@182.02']);
      assert.deepEqual(fillsOver(closing.orderId), ['30@182.06']);
    });
  });
}
