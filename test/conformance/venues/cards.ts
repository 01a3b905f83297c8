import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { add, decimal, ZERO } from '../../../domain/money/decimal';
import { reportKey } from '../../../domain/order/report-identity';
import { eventually } from '../../support/eventually';
import type { SendResult, VenueOrder } from '../../../activities/execution/execution.port';
import type { ExecutionReport, ReportKind } from '../../../domain/order/execution-report';
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
  });
}
