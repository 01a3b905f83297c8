import assert from 'node:assert/strict';
import { add, compare, decimal, multiply, subtract, sum } from '../../../domain/money/decimal';
import { setHalt } from '../../../storage/queries/halts';
import { seedDemoRisk } from '../../../storage/seed-demo-risk';
import { eventually } from '../../support/eventually';
import { testMongo } from '../../support/servers';
import { applyTo, buy, RESERVATION, RiskWorld } from './risk-world';
import type { ReserveResult } from '../../../activities/risk/risk.port';

const codes = (result: ReserveResult) =>
  result.outcome === 'denied' ? result.reasons.map(({ code }) => code) : [];
const countReserved = (results: ReserveResult[]) =>
  results.filter(({ outcome }) => outcome === 'reserved').length;

/** Goal: one atomic, idempotent reservation on a real server. Each test has an account of its own. */
describe('reserveExposure', function () {
  this.timeout(60_000);
  let world: RiskWorld;
  before(async () => {
    world = await RiskWorld.open((await testMongo()).uri);
    await world.setLimits();
  });
  after(() => world.close());

  it('lets exactly thirty-nine of forty orders at once share money for thirty-nine', async () => {
    await world.seed('forty', multiply(RESERVATION, decimal('39')));
    const results = await Promise.all(
      Array.from({ length: 40 }, () => world.risk.reserveExposure(buy('forty'))),
    );
    assert.equal(countReserved(results), 39);
    assert.deepEqual(codes(results.find(({ outcome }) => outcome === 'denied')!), [
      'INSUFFICIENT_BUYING_POWER',
    ]);
    const account = await world.account('forty');
    assert.equal(account.reserved, account.cash);
    assert.equal(
      await world.mongo.db.collection('riskDecisions').countDocuments({ 'order.account': 'forty' }),
      40,
    );
  });

  it('lets exactly thirty-nine pass when four processes compete', async () => {
    await world.seed('compete', multiply(RESERVATION, decimal('39')));
    const desks = [world.risk, ...(await Promise.all([1, 2, 3].map(() => world.competitor())))];
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, n) => desks[n % 4]!.reserveExposure(buy('compete'))),
    );
    assert.equal(countReserved(results), 39);
    const account = await world.account('compete');
    assert.equal(account.reserved, account.cash);
  });

  it('lets alternatives share one position in any process, and nobody else have it', async () => {
    await world.seed('group', '0', { IBM: '100' });
    const other = await world.competitor();
    const sell = { side: 'sell', group: 'bracket.1' } as const;
    const [profit, loss] = [buy('group', sell), buy('group', sell)];
    const both = await Promise.all([world.risk.reserveExposure(profit), other.reserveExposure(loss)]);
    assert.equal(countReserved(both), 2);
    const third = await world.risk.reserveExposure(buy('group', { side: 'sell', group: 'bracket.2' }));
    assert.deepEqual(codes(third), ['INSUFFICIENT_POSITION']);
    assert.equal((await world.account('group')).positions['IBM']?.reservedSell, '100');
    await world.risk.applyExposure({ ...applyTo(profit, 3), group: 'bracket.1' });
    assert.equal((await world.account('group')).positions['IBM']?.reservedSell, '100');
    await other.applyExposure({ ...applyTo(loss, 3), group: 'bracket.1' });
    const account = await world.account('group');
    assert.equal(account.positions['IBM']?.reservedSell, '0');
    assert.deepEqual(account.groups, {});
  });

  it('answers a retry with the first decision and reserves once, in any process', async () => {
    await world.seed('retry', '1000000');
    const order = buy('retry');
    const other = await world.competitor();
    const first = await world.risk.reserveExposure(order);
    const repeats = await Promise.all(
      [world.risk, other, other, world.risk].map((desk) => desk.reserveExposure(order)),
    );
    for (const repeat of repeats) assert.deepEqual(repeat, first);
    assert.equal((await world.account('retry')).reserved, RESERVATION);

    await world.setLimits({ version: 2, orderQuantityMax: decimal('1') }, 'retry');
    const denied = buy('retry');
    await eventually(async () => (await world.risk.reserveExposure(buy('retry'))).outcome === 'denied');
    const denial = await world.risk.reserveExposure(denied);
    await world.setLimits({ version: 3 }, 'retry');
    assert.deepEqual(await other.reserveExposure(denied), denial);
    assert.equal(denial.limitVersion, 2);
  });

  it('does not reserve again for a late attempt after the release', async () => {
    await world.seed('zombie', '1000000');
    const order = buy('zombie');
    const other = await world.competitor();
    await world.risk.reserveExposure(order);
    await world.risk.applyExposure(applyTo(order, 7));
    for (const desk of [world.risk, other]) await desk.reserveExposure(order);
    assert.equal((await world.account('zombie')).reserved, '0');
  });

  it('does not reserve for an attempt that was given up before it began', async () => {
    await world.seed('fence', '1000000');
    const order = buy('fence');
    await world.risk.applyExposure(applyTo(order, 3));
    const late = await (await world.competitor()).reserveExposure(order);
    assert.deepEqual(codes(late), ['RISK_REQUEST_SUPERSEDED']);
    assert.equal((await world.account('fence')).reserved, '0');
  });

  it('applies contributions by sequence, once, in any order of arrival', async () => {
    await world.seed('apply', '1000000');
    const order = buy('apply');
    await world.risk.reserveExposure(order);
    const filled = { cashDelta: decimal('-4000.04'), positionDelta: decimal('40') };
    const part = applyTo(order, 5, {
      ...filled,
      reservedCash: decimal('6000.06'),
      openBuyQuantity: decimal('60'),
    });
    const done = applyTo(order, 9, filled);
    const other = await world.competitor();
    await Promise.all(
      [part, done, part, done, done, part].map((input, n) =>
        (n % 2 === 0 ? other : world.risk).applyExposure(input),
      ),
    );
    const account = await world.account('apply');
    assert.equal(account.reserved, '0');
    assert.equal(account.cash, '995999.96');
    assert.deepEqual(account.positions['IBM'], { quantity: '40', reservedSell: '0', openBuy: '0' });
  });

  it('asks an amendment for its increase only, and decides anew after a denial', async () => {
    await world.seed('amend', '15000');
    const order = buy('amend');
    await world.risk.reserveExposure(order);
    const bigger = { ...order, riskVersion: 2, sequence: 5, quantity: decimal('200') };
    assert.deepEqual(codes(await world.risk.reserveExposure(bigger)), ['INSUFFICIENT_BUYING_POWER']);
    assert.equal((await world.account('amend')).reserved, RESERVATION);
    const modest = { ...order, riskVersion: 2, sequence: 6, quantity: decimal('140') };
    assert.equal((await world.risk.reserveExposure(modest)).outcome, 'reserved');
    assert.equal((await world.account('amend')).reserved, '14000.14');
  });

  it('sells no more than the free position', async () => {
    await world.seed('seller', '0', { IBM: '150', 'BRK.B': '10' });
    const sell = { side: 'sell', quantity: decimal('100') } as const;
    const results = await Promise.all([1, 2].map(() => world.risk.reserveExposure(buy('seller', sell))));
    assert.equal(countReserved(results), 1);
    const dotted = buy('seller', {
      ...sell,
      symbol: 'BRK.B',
      quantity: decimal('10'),
      limitPrice: decimal('95'),
    });
    await world.seed('dotted', '1000000');
    assert.equal(
      (await world.risk.reserveExposure({ ...dotted, account: 'dotted', side: 'buy' })).outcome,
      'reserved',
    );
    assert.deepEqual(Object.keys((await world.account('dotted')).positions), ['BRK%2eB']);
  });

  it('obeys a halt within a second, and its end', async () => {
    await world.seed('halted', '99999999');
    assert.equal((await world.risk.reserveExposure(buy('halted'))).outcome, 'reserved');
    const halt = {
      scope: 'account',
      id: 'halted',
      by: 'risk-officer',
      reason: 'test',
      at: '2026-11-23T00:00:00.000Z',
    } as const;
    await setHalt(world.mongo.db, { ...halt, halted: true });
    await eventually(
      async () => codes(await world.risk.reserveExposure(buy('halted'))).includes('TRADING_HALTED'),
      { timeoutMs: 30_000 },
    );
    await setHalt(world.mongo.db, { ...halt, halted: false });
    await eventually(async () => (await world.risk.reserveExposure(buy('halted'))).outcome === 'reserved', {
      timeoutMs: 30_000,
    });
  });

  it('denies accounts that do not exist, and opens those that reference data knows', async () => {
    assert.deepEqual(codes(await world.risk.reserveExposure(buy('nobody'))), ['UNKNOWN_ACCOUNT']);
    await world.mongo.db
      .collection<{ _id: string }>('accounts')
      .insertOne({ _id: 'late', currency: 'USD', openingCash: 20000 } as never);
    await world.mongo.db
      .collection<{ _id: string }>('accounts')
      .updateOne({ _id: 'late' }, [{ $set: { openingCash: { $toDecimal: '$openingCash' } } }]);
    assert.equal((await world.risk.reserveExposure(buy('late'))).outcome, 'reserved');
    assert.equal((await world.account('late')).cash, '20000');
  });

  it('keeps every account equal to its opening balances plus its orders, under a storm of everything', async () => {
    await world.seed('storm', '300000');
    const desks = [world.risk, await world.competitor(), await world.competitor()];
    const desk = () => desks[Math.floor(Math.random() * desks.length)]!;
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const order = buy('storm', { quantity: decimal(String(10 + n)) });
        const [first] = await Promise.all([desk().reserveExposure(order), desk().reserveExposure(order)]);
        if (first.outcome === 'denied') return;
        const cash = subtract(decimal('0'), multiply(order.quantity, decimal('100')));
        const filled = { cashDelta: cash, positionDelta: order.quantity };
        await Promise.all([
          desk().applyExposure(applyTo(order, 6, filled)),
          desk().applyExposure(applyTo(order, 6, filled)),
          desk().reserveExposure(order),
        ]);
      }),
    );
    const account = await world.account('storm');
    const exposures = await world.exposures('storm');
    assert.equal(account.reserved, '0');
    assert.equal(
      account.cash,
      add(decimal('300000'), sum(exposures.map(({ contribution }) => contribution.cashDelta))),
    );
    assert.equal(
      account.positions['IBM']?.quantity,
      sum(exposures.map(({ contribution }) => contribution.positionDelta)),
    );
    assert.ok(compare(account.cash, decimal('0')) >= 0);
  });
});

describe('the demo world of risk', () => {
  it('is seeded once, and never overwritten', async () => {
    const world = await RiskWorld.open((await testMongo()).uri);
    try {
      await seedDemoRisk(world.mongo.db);
      assert.equal((await world.risk.reserveExposure(buy('ACC-1'))).outcome, 'reserved');
      await seedDemoRisk(world.mongo.db);
      const account = await world.account('ACC-1');
      assert.equal(account.cash, '10000000');
      assert.equal(account.reserved, RESERVATION);
      assert.equal((await world.account('ACC-2')).reserved, '0');
    } finally {
      await world.close();
    }
  });
});
