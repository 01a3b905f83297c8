import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { decimal } from '../../domain/money/decimal';
import type { ListView } from '../../domain/order-list/list-view';
import { cancelListUpdate } from '../../workflows/order-list/list-messages';
import { cancelSignal, requestAmendUpdate } from '../../workflows/order-entry/order-messages';
import { eventually } from '../support/eventually';
import { BRACKET, entriesOf, withList, type ListOptions, type RunningList } from '../support/list-harness';
import { reportOf, type Script } from '../support/scripted-activities';
import { openHarness, type TemporalHarness } from '../support/temporal-harness';

const RESERVED = { outcome: 'reserved', limitVersion: 1, unitReserve: decimal('182.6') } as const;

/** The quantity of each order, with a star while it is held. */
const quantities = (orders: { quantity: string; held?: unknown }[]): string =>
  orders.map(({ quantity, held }) => `${quantity}${held === undefined ? '' : '*'}`).join(' ');
const resultOf = async ({ handle }: RunningList): Promise<ListView> => (await handle.result()) as ListView;
const countOf = ({ witness }: RunningList, name: string): number =>
  witness.calls.filter((call) => call === name).length;

// Goal: no crash loses or repeats a step of a list. Method: the real workflows on a real server, with new workers
// in between, which begin with a replay of all that was before.
describe('a bracket whose workers die', function () {
  this.timeout(60_000);
  let harness: TemporalHarness;
  before(async () => {
    harness = await openHarness();
  });
  after(() => harness.close());

  it('plays a bracket: exits follow the entry, then take from each other, over workers that remember nothing', async () => {
    await withList(harness, {}, BRACKET, async (list) => {
      assert.deepEqual(entriesOf(list.answer), ['accepted', 'accepted', 'accepted']);
      await list.until('the entry at the venue', (orders) => orders[0]?.state === 'routed');
      assert.equal(quantities(await list.until('held exits', () => true)), '100 100* 100*');
      assert.equal(countOf(list, 'reserveExposure'), 1, 'exits ask risk when they are released');
      await list.restart();
      await list.fill(0, '40');
      await list.until('exits of 40', (orders) => quantities(orders) === '100 40 40');
      await list.fill(0, '60');
      await list.until('exits of 100', (orders) => quantities(orders) === '100 100 100');
      await list.restart();
      await list.fill(1, '30', '190');
      await list.until('a stop of 70', (orders) => quantities(orders) === '100 100 70');
      await list.fill(1, '70', '190');
      await list.until('the stop cancelled', (orders) => orders[2]?.state === 'cancelled');
      const done = await resultOf(list);
      assert.equal(done.listOrderStatus, 'allDone');
      assert.deepEqual(done.alerts, []);
      assert.equal(countOf(list, 'routeOrder'), 3);
      assert.equal(countOf(list, 'replaceAtVenue'), 3);
      assert.equal(countOf(list, 'cancelAtVenue'), 1);
      const groups = list.witness.exposures.map(({ group }) => group);
      assert.ok(
        groups.includes(done.listId) && groups.includes(undefined),
        'exits share, the entry does not',
      );
    });
  });
});

// Goal: lists do through real workflows what their rules say. Method: the real workflows on a real server, in a
// scripted world.
describe('lists of orders', function () {
  this.timeout(60_000);
  let harness: TemporalHarness;
  before(async () => {
    harness = await openHarness();
  });
  after(() => harness.close());

  it('never begins the entry of a bracket of which an exit was denied, and takes the other exit out', async () => {
    const reasons = [{ code: 'STOP_PRICE_REQUIRED', message: 'no' }];
    let validations = 0;
    const script: Script = {
      validate: () => {
        validations += 1;
        if (validations === 2) return { outcome: 'denied', reasons };
        return { outcome: 'valid', terms: TERMS };
      },
    };
    await withList(harness, script, BRACKET, async (list) => {
      assert.deepEqual(entriesOf(list.answer).sort(), ['accepted', 'denied', 'notBegun']);
      assert.equal(entriesOf(list.answer)[0], 'notBegun');
      assert.equal((await resultOf(list)).listOrderStatus, 'reject');
      assert.equal(countOf(list, 'routeOrder'), 0);
      assert.equal(countOf(list, 'reserveExposure'), 0);
    });
  });

  it('oco: a partial fill cancels the other, and the order that filled goes on', async () => {
    const oco: ListOptions = { contingency: 'oco', orders: [{}, { limitPrice: decimal('180') }] };
    await withList(harness, {}, oco, async (list) => {
      await list.until('both at the venue', (orders) => orders.every(({ state }) => state === 'routed'));
      await list.fill(0, '1');
      await list.until('the other cancelled', (orders) => orders[1]?.state === 'cancelled');
      assert.equal((await list.order(0)).leavesQty, '99');
      await list.fill(0, '99');
      assert.equal((await resultOf(list)).listOrderStatus, 'allDone');
    });
  });

  it('oco: keeps and raises that both filled', async () => {
    const script: Script = {
      cancel: (clOrdId, orderId) => ({
        outcome: 'sent',
        reports: [reportOf('cancelRejected', orderId, clOrdId, { reason: '0' })],
      }),
    };
    const oco: ListOptions = { contingency: 'oco', orders: [{}, { limitPrice: decimal('180') }] };
    await withList(harness, script, oco, async (list) => {
      await list.until('both at the venue', (orders) => orders.every(({ state }) => state === 'routed'));
      await list.fill(0, '100');
      await eventually(() => countOf(list, 'cancelAtVenue') === 3, { what: 'three refused cancels' });
      // The venue has refused the third one, and the list is to hear of it before the other order fills.
      await eventually(async () => (await list.view()).alerts.length === 1, {
        what: 'the alert of the list',
      });
      await list.fill(1, '100');
      const done = await resultOf(list);
      assert.deepEqual(
        done.alerts.map((alert) => alert.code),
        ['LEG_NOT_CANCELLED', 'BOTH_FILLED'],
      );
    });
  });

  it('oto: children of a parent whose day ended without fills end with it, and their own day too', async () => {
    const script: Script = {
      terms: { sessionCloseAt: new Date(Date.now() + 2_500).toISOString() },
      status: (order) => ({
        outcome: 'known',
        open: false,
        reports: [reportOf('expired', order.orderId, order.clOrdId)],
      }),
    };
    const oto: ListOptions = {
      contingency: 'oto',
      orders: [{}, { symbol: 'SPY', timeInForce: 'gtc' }, { symbol: 'BAC' }],
    };
    await withList(harness, script, oto, async (list) => {
      const done = await resultOf(list);
      assert.equal(done.listOrderStatus, 'allDone');
      const states = done.orders.map((leg) => leg.order?.state);
      assert.equal(states[0], 'expired');
      assert.equal(states[1], 'cancelled');
      assert.equal(countOf(list, 'routeOrder'), 1);
      assert.equal(countOf(list, 'reserveExposure'), 1);
    });
  });

  it('oto: releases its children when the parent is filled, each asking risk by itself', async () => {
    const oto: ListOptions = { contingency: 'oto', orders: [{}, { symbol: 'SPY' }, { symbol: 'BAC' }] };
    const script: Script = {
      reserve: (attempt) =>
        attempt === 2
          ? { outcome: 'denied', limitVersion: 1, reasons: [{ code: 'ORDER_VALUE_LIMIT', message: 'no' }] }
          : RESERVED,
    };
    await withList(harness, script, oto, async (list) => {
      await list.fill(0, '100');
      const orders = await list.until(
        'one child at the venue',
        (all) => all.filter(({ state }) => state === 'routed').length === 1,
      );
      assert.equal(orders.filter(({ rejectedBy }) => rejectedBy === 'risk').length, 1);
      await eventually(async () => (await list.view()).alerts.length === 1, { what: 'the alert' });
      assert.deepEqual(
        (await list.view()).alerts.map((alert) => alert.code),
        ['LEG_DENIED'],
      );
    });
  });

  it('releases an exit again, once, that risk could not be asked about while MongoDB was away', async () => {
    let failures = 0;
    const script: Script = {
      reserve: (attempt) => {
        if (attempt === 1) return RESERVED;
        // The first release is tried as often as a local activity is, and then given up.
        if (failures < 8) {
          failures += 1;
          throw new Error('MongoDB is away');
        }
        return RESERVED;
      },
    };
    await withList(harness, script, BRACKET, async (list) => {
      await list.fill(0, '100');
      await list.until('both exits at the venue', (orders) =>
        orders.every(({ state }, leg) => leg === 0 || state === 'routed'),
      );
      assert.equal(countOf(list, 'routeOrder'), 3);
      assert.deepEqual((await list.view()).alerts, []);
    });
  });

  it('cancels all of a list, held or at the venue, and takes a by-hand amendment of a held exit along', async () => {
    await withList(harness, {}, BRACKET, async (list) => {
      await list.orderHandle(1).executeUpdate(requestAmendUpdate, {
        args: [{ requestId: 'a1', by: 'tester', quantity: '70' }],
      });
      await list.fill(0, '90');
      await list.until('exits as amended', (orders) => quantities(orders) === '100 70 90');
      await list.orderHandle(2).signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      await list.until('the stop cancelled by hand', (orders) => orders[2]?.state === 'cancelled');
      const view = await list.handle.executeUpdate(cancelListUpdate, { args: [{ by: 'tester' }] });
      assert.equal(view.cancelledBy, 'tester');
      await list.handle.result();
      const states = (await list.until('the end', () => true)).map(({ state }) => state);
      assert.deepEqual(states, ['cancelled', 'cancelled', 'cancelled']);
    });
  });

  it('goes on in a new run when its history is long, with nothing lost', async () => {
    const options: ListOptions = { ...BRACKET, historyEventsMax: 30 };
    await withList(harness, {}, options, async (list) => {
      const firstRun = (await list.handle.describe()).runId;
      for (let part = 1; part <= 5; part += 1) {
        await list.fill(0, '20');
        const quantity = String(part * 20);
        await list.until(
          `exits of ${quantity}`,
          (orders) => quantities(orders) === `100 ${quantity} ${quantity}`,
        );
      }
      assert.notEqual((await list.handle.describe()).runId, firstRun);
      await list.fill(2, '100', '175');
      assert.equal((await resultOf(list)).listOrderStatus, 'allDone');
    });
  });

  it('hears, in a later run too, that the workflow of an order was ended by force or ended unheard', async () => {
    const options: ListOptions = {
      contingency: 'oco',
      orders: [{}, { limitPrice: decimal('180') }],
      historyEventsMax: 10,
      followEveryMs: 300,
    };
    await withList(harness, {}, options, async (list) => {
      await list.until('both at the venue', (orders) => orders.every(({ state }) => state === 'routed'));
      const firstRun = (await list.handle.describe()).runId;
      const isLater = async (): Promise<boolean> => (await list.handle.describe()).runId !== firstRun;
      await list.orderHandle(0).executeUpdate(requestAmendUpdate, {
        args: [{ requestId: 'a1', by: 'tester', quantity: '90' }],
      });
      await eventually(isLater, { what: 'a later run' });
      await list.orderHandle(1).terminate('by force');
      await eventually(async () => (await list.view()).alerts.length === 1, { what: 'the alert' });
      assert.deepEqual(
        (await list.view()).alerts.map(({ code, leg }) => [code, leg]),
        [['LEG_LOST', 1]],
      );
      await list.fill(0, '90');
      const done = await resultOf(list);
      assert.equal(done.orders[0]?.order?.cumQty, '90');
      const last = list.witness.lists.at(-1);
      const { orders: _orders, ...head } = done;
      assert.deepEqual({ ...last?.outline, orders: undefined }, { ...head, orders: undefined });
      assert.deepEqual(
        list.witness.lists.map(({ revision }) => revision),
        list.witness.lists.map((_record, index) => index + 1),
      );
    });
  });

  it('begins many orders of a plain list, ten at a time, and ends with them', async () => {
    const script: Script = {
      route: (order) => ({ outcome: 'sent', reports: [reportOf('rejected', order.orderId, order.clOrdId)] }),
    };
    const plain: ListOptions = { contingency: 'none', orders: Array.from({ length: 30 }, () => ({})) };
    await withList(harness, script, plain, async (list) => {
      assert.equal(entriesOf(list.answer).filter((entry) => entry === 'accepted').length, 30);
      const done = await resultOf(list);
      assert.ok(done.orders.every((leg) => leg.order?.state === 'rejected'));
      assert.equal(countOf(list, 'routeOrder'), 30);
    });
  });
});

const TERMS = {
  venue: 'XSIM',
  venueTaskQueue: 'nobody',
  currency: 'USD',
  tickSize: decimal('0.01'),
  lotSize: decimal('1'),
  multiplier: decimal('1'),
  sessionCloseAt: new Date(Date.now() + 3_600_000).toISOString(),
  settlement: { mode: 'demo', delayMs: 50 },
} as const;
