import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, compare, decimal, multiply, ZERO } from '../../../domain/money/decimal';
import {
  collection,
  type ExposureRecord,
  type IdentityDoc,
  type RiskAccountRecord,
} from '../../../storage/collections';
import { toStored } from '../../../storage/decimal128';
import { identityIdOf } from '../../../storage/keys';
import {
  findExposure,
  findIdentity,
  findIdentityByOrderId,
  listAdmitted,
} from '../../../storage/queries/admissions';
import { eventually } from '../../support/eventually';
import { allTrueSoon, ComingOrders } from '../../../activities/risk/coming-orders';
import { testMongo, uniqueName } from '../../support/servers';
import { applyTo, buy, RESERVATION, RiskWorld } from './risk-world';
import type { AdmissionResult, ReserveInput, Risk } from '../../../activities/risk/risk.port';

// Goal: an admission that is one write to its account reserves once and owns its pair for ever, as one in a transaction
// does, whoever looks, repeats, competes or dies before it is filed. Method: processes with memories of their own on one
// real server. A test that needs the one write makes sure that it was one.

const ONE_RUN = 'run-1';

/** An admission of the order by one of its runs. */
function identityOf({ orderId, account, at }: ReserveInput, firstRunId = ONE_RUN): IdentityDoc {
  const _id = identityIdOf(account, orderId);
  return {
    _id,
    orderId,
    requestHash: 'hash',
    workflowId: `order:${account}:${orderId}`,
    firstRunId,
    createdAt: at,
  };
}
const expected = ({ account, orderId }: ReserveInput) => ({
  account,
  orderId,
  identityId: identityIdOf(account, orderId),
});
const admit = (risk: Risk, order: ReserveInput, run = ONE_RUN): Promise<AdmissionResult> =>
  risk.entry.admit(order, identityOf(order, run));

describe('admission by one write to the account', function () {
  this.timeout(60_000);
  let world: RiskWorld;
  before(async () => {
    world = await RiskWorld.open((await testMongo()).uri);
    await world.setLimits();
  });
  after(() => world.close());

  const stored = (name: string, _id: string) =>
    world.mongo.db.collection<{ _id: string }>(name).findOne({ _id });
  const admittedOf = async (account: string): Promise<string[]> =>
    ((await world.account(account)).admitted ?? []).map(({ exposure }) => exposure._id);

  /** The account exists, and the desk of the process has it in its memory. */
  async function known(account: string, risk: Risk, cash = '1000000'): Promise<void> {
    await world.seed(account, cash);
    await recall(account, risk);
  }
  async function recall(account: string, risk: Risk): Promise<void> {
    await risk.activities.applyExposure(applyTo(buy(account), 1));
  }

  /** Expects the order and admits it, and makes sure that nothing of it was filed. */
  async function admitAlone(risk: Risk, order: ReserveInput): Promise<AdmissionResult> {
    risk.entry.expect(expected(order));
    const answer = await admit(risk, order);
    assert.deepEqual(await admittedOf(order.account), [order.orderId]);
    assert.equal(await stored('orderExposures', order.orderId), null);
    return answer;
  }

  async function filed(order: ReserveInput): Promise<void> {
    await eventually(async () => (await stored('orderExposures', order.orderId)) !== null);
  }

  it('keeps the order with its account, where everybody finds it, and files it soon', async () => {
    await known('one', world.whole);
    const order = buy('one');
    const answer = await admitAlone(world.whole, order);
    assert.equal(answer.outcome, 'reserved');
    const { db } = world.mongo;
    const find = async () => [
      (await findIdentity(db, 'one', order.orderId))?.firstRunId,
      (await findIdentityByOrderId(db, order.orderId))?.firstRunId,
      (await findExposure(db, order.orderId))?.contribution.reservedCash,
    ];
    assert.deepEqual(await find(), [ONE_RUN, ONE_RUN, RESERVATION]);
    assert.ok((await listAdmitted(db)).some(({ exposure }) => exposure._id === order.orderId));
    assert.equal((await world.account('one')).reserved, RESERVATION);
    await filed(order);
    assert.deepEqual(await find(), [ONE_RUN, ONE_RUN, RESERVATION]);
    assert.deepEqual(await admittedOf('one'), []);
    assert.equal((await world.account('one')).reserved, RESERVATION);
    assert.ok(await stored('orderIdentities', identityIdOf('one', order.orderId)));
    const decision = await stored('riskDecisions', `${order.orderId}:1:2`);
    assert.equal((decision as { outcome?: string } | null)?.outcome, 'reserved');
  });

  it('keeps a denial as well', async () => {
    await known('poor', world.whole, '1');
    const order = buy('poor');
    const answer = await admitAlone(world.whole, order);
    assert.equal(answer.outcome, 'denied');
    assert.deepEqual(await admit(await world.otherProcess(), order), answer);
    assert.equal((await world.account('poor')).reserved, '0');
  });

  it('is answered again as the first time, in any process, filed or not', async () => {
    await known('again', world.whole);
    const order = buy('again');
    const first = await admitAlone(world.whole, order);
    world.whole.entry.expect(expected(order));
    const other = await world.otherProcess();
    for (const risk of [world.whole, other, world.whole, other])
      assert.deepEqual(await admit(risk, order), first);
    await filed(order);
    for (const risk of [world.whole, other, await world.otherProcess()])
      assert.deepEqual(await admit(risk, order), first);
    assert.equal((await world.account('again')).reserved, RESERVATION);
  });

  it('owns its pair before it is filed and after', async () => {
    await known('owner', world.whole);
    const order = buy('owner');
    await admitAlone(world.whole, order);
    const other = await world.otherProcess();
    for (const risk of [world.whole, other, await world.otherProcess()]) {
      risk.entry.expect(expected(order));
      const answer = await admit(risk, order, 'run-2');
      assert.ok(answer.outcome === 'taken' && answer.owner.firstRunId === ONE_RUN, JSON.stringify(answer));
    }
    assert.equal((await world.account('owner')).reserved, RESERVATION);
  });

  it('is what another process goes on with that finds it unfiled', async () => {
    await known('heir', world.whole);
    const order = buy('heir');
    await admitAlone(world.whole, order);
    const heir = await world.otherProcess();
    await heir.activities.applyExposure(applyTo(order, 7, { cashDelta: decimal('-10000.1') }));
    const account = await world.account('heir');
    assert.deepEqual([account.reserved, account.cash, account.admitted], ['0', '989999.9', undefined]);
    assert.equal((await findExposure(world.mongo.db, order.orderId))?.sequence, 7);
    // A first process that comes back late changes nothing of that.
    await admit(world.whole, order);
    await world.whole.activities.applyExposure(applyTo(order, 5, { reservedCash: decimal('1') }));
    assert.equal((await world.account('heir')).reserved, '0');
  });

  it('does not count twice when a build that knows of none has gone on with the order', async () => {
    await known('older', world.whole);
    const [order, next] = [buy('older'), buy('older')];
    await admitAlone(world.whole, order);
    // What such a build writes: it finds no exposure of the order, and leaves alone what it does not know.
    const apply = applyTo(order, 7, { cashDelta: decimal('-10000.1') });
    await collection<ExposureRecord>(world.mongo.db, 'orderExposures').insertOne(
      toStored({ ...apply, _id: order.orderId }),
    );
    const moved = toStored({ cash: decimal('989999.9') });
    await collection<RiskAccountRecord>(world.mongo.db, 'riskAccounts').updateOne(
      { _id: 'older' },
      { $set: moved, $inc: { version: 1 } },
    );
    assert.equal((await admit(world.whole, next)).outcome, 'reserved');
    const account = await world.account('older');
    assert.deepEqual(
      [account.reserved, account.cash, account.admitted],
      [RESERVATION, '989999.9', undefined],
    );
    assert.ok(await stored('riskDecisions', `${order.orderId}:1:2`));
    await world.whole.activities.applyExposure(applyTo(next, 7));
    assert.equal((await world.account('older')).reserved, '0');
  });

  it('does not count twice when a build that knows of none has admitted the order once more', async () => {
    await known('rolled-back', world.whole);
    const order = buy('rolled-back');
    const first = await admitAlone(world.whole, order);
    const [unfiled] = (await world.account('rolled-back')).admitted ?? [];
    assert.ok(unfiled);
    // Its writes, as far as they are about this order.
    const { db } = world.mongo;
    const keyed = (name: string) => db.collection<{ _id: string }>(name);
    await keyed('orderExposures').insertOne(toStored(unfiled.exposure));
    await keyed('orderIdentities').insertOne(unfiled.identity);
    await keyed('riskDecisions').insertOne(toStored(unfiled.decision));
    const twice = toStored({ reserved: add(RESERVATION, RESERVATION) });
    await keyed('riskAccounts').updateOne({ _id: 'rolled-back' }, { $set: twice, $inc: { version: 1 } });
    await (await world.otherProcess()).fileLeftovers();
    const account = await world.account('rolled-back');
    assert.deepEqual([account.reserved, account.admitted], [RESERVATION, undefined]);
    assert.deepEqual(await admit(world.whole, order), first);
  });

  it('is filed at the next start of any worker when its own was killed', async () => {
    await known('killed', world.whole);
    const order = buy('killed');
    await admitAlone(world.whole, order);
    await (await world.otherProcess()).fileLeftovers();
    assert.deepEqual(await admittedOf('killed'), []);
    await filed(order);
  });

  it('is filed by a process that knows the account from before it', async () => {
    const [order, early] = [buy('known'), await world.otherProcess()];
    await known('known', world.whole);
    await recall('known', early);
    await recall('known', world.whole);
    await admitAlone(world.whole, order);
    await early.fileLeftovers();
    assert.deepEqual(await admittedOf('known'), []);
    assert.ok(await stored('orderExposures', order.orderId));
  });

  it('does not believe a look that another process has overtaken', async () => {
    const other = await world.otherProcess();
    await known('late', world.whole);
    await recall('late', other);
    await recall('late', world.whole);
    const order = buy('late');
    world.whole.entry.expect(expected(order));
    assert.equal((await admit(other, order, 'run-2')).outcome, 'reserved');
    await other.activities.applyExposure(applyTo(order, 3));
    assert.equal((await admit(world.whole, order)).outcome, 'taken');
    assert.equal((await world.account('late')).reserved, '0');
  });

  it('does not believe a look from before the account was read again', async () => {
    const other = await world.otherProcess();
    await known('reread', world.whole);
    await recall('reread', other);
    await recall('reread', world.whole);
    const order = buy('reread');
    world.whole.entry.expect(expected(order));
    assert.equal((await admit(other, order, 'run-2')).outcome, 'reserved');
    // This one finds the account changed, and reads it again.
    await recall('reread', world.whole);
    assert.equal((await admit(world.whole, order)).outcome, 'taken');
    assert.equal((await world.account('reread')).reserved, RESERVATION);
  });

  it('believes a look once, for some seconds, and only as long as the memory is the same', async () => {
    let nowMs = 0;
    const looks = new ComingOrders(world.mongo.db, () => nowMs);
    const order = expected(buy('looked'));
    const memory = {};
    const looked = () => looks.take(order.orderId, memory);
    assert.equal(await looked(), undefined);
    looks.look(order, memory);
    assert.equal(await looked(), true);
    assert.equal(await looked(), undefined);
    looks.look(order, memory);
    assert.equal(await looks.take(order.orderId, {}), undefined);
    looks.look(order, memory);
    looks.forget(order);
    assert.equal(await looked(), undefined);
    looks.look(order, memory);
    nowMs = 60_000;
    assert.equal(await looked(), undefined);
  });

  it('does not wait for a look that hangs', async () => {
    const hangs = new Promise<boolean>(() => undefined);
    assert.equal(await allTrueSoon([Promise.resolve(true), hangs], 5), false);
    assert.equal(await allTrueSoon([Promise.resolve(true)], 10_000), true);
  });

  it('does not take a pair that somebody has without an exposure', async () => {
    await known('denied', world.whole);
    const order = buy('denied');
    const owner = identityOf(order, 'run-0');
    await collection<IdentityDoc>(world.mongo.db, 'orderIdentities').insertOne(owner);
    world.whole.entry.expect(expected(order));
    assert.equal((await admit(world.whole, order)).outcome, 'taken');
    assert.equal((await world.account('denied')).reserved, '0');
  });

  it('does not reserve for an attempt that was given up before it began', async () => {
    await known('fenced', world.whole);
    const order = buy('fenced');
    const other = await world.otherProcess();
    await other.activities.applyExposure(applyTo(order, 3));
    await recall('fenced', world.whole);
    world.whole.entry.expect(expected(order));
    const late = await admit(world.whole, order);
    assert.ok(late.outcome === 'denied', JSON.stringify(late));
    assert.equal((await world.account('fenced')).reserved, '0');
  });

  it('lets exactly thirty-nine of forty pass, in one process and in four', async () => {
    const others = await Promise.all([1, 2, 3].map(() => world.otherProcess()));
    for (const [account, desks] of [
      ['forty-one', [world.whole]],
      ['forty-four', [world.whole, ...others]],
    ] as const) {
      await known(account, world.whole, String(multiply(RESERVATION, decimal('39'))));
      const answers = await Promise.all(
        Array.from({ length: 40 }, async (_, n) => {
          const risk = desks[n % desks.length]!;
          const order = buy(account);
          risk.entry.expect(expected(order));
          return await admit(risk, order);
        }),
      );
      assert.equal(answers.filter(({ outcome }) => outcome === 'reserved').length, 39);
      const { reserved, cash } = await world.account(account);
      assert.equal(reserved, cash);
    }
  });

  it('keeps no more than twenty orders with an account', async () => {
    await known('many', world.whole, '100000000');
    for (let n = 0; n < 25; n += 1) {
      const order = buy('many', { quantity: decimal('1') });
      world.whole.entry.expect(expected(order));
      await admit(world.whole, order);
      assert.ok((await admittedOf('many')).length <= 20);
    }
    await eventually(async () => (await admittedOf('many')).length === 0);
    assert.equal((await world.exposures('many')).length, 26, 'with the one that recalled the account');
  });

  it('adds up whatever two processes do with some orders in any order', async () => {
    const processes = [world.whole, await world.otherProcess()];
    const step = fc.record({
      which: fc.nat(1),
      order: fc.nat(3),
      what: fc.constantFrom('expect', 'admit', 'admitOther', 'apply', 'file'),
      sequence: fc.integer({ min: 3, max: 9 }),
    });
    const runs = fc.asyncProperty(
      fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 12 }),
      async (batches) => {
        const account = uniqueName('sum');
        await world.seed(account, '1000000');
        const orders = [0, 1, 2, 3].map(() => buy(account, { quantity: decimal('10') }));
        for (const batch of batches) {
          await Promise.all(
            batch.map(async ({ which, order: index, what, sequence }) => {
              const risk = processes[which]!;
              const order = orders[index]!;
              if (what === 'expect') return risk.entry.expect(expected(order));
              if (what === 'admit') return await admit(risk, order);
              if (what === 'admitOther') return await admit(risk, order, 'run-2');
              if (what === 'file') return await risk.fileLeftovers();
              return await risk.activities.applyExposure(applyTo(order, sequence));
            }),
          );
        }
        await processes[0]!.fileLeftovers();
        const exposures = await world.exposures(account);
        const held = exposures.filter(({ contribution }) => compare(contribution.reservedCash, ZERO) > 0);
        const { reserved, admitted } = await world.account(account);
        assert.equal(admitted, undefined);
        assert.equal(reserved, String(multiply(decimal('1000.01'), decimal(String(held.length)))));
        const identities = await world.mongo.db.collection('orderIdentities').countDocuments({
          orderId: { $in: orders.map(({ orderId }) => orderId) },
        });
        const asked = new Set(
          batches.flat().flatMap(({ what, order }) => (what.startsWith('admit') ? [order] : [])),
        );
        assert.equal(identities, asked.size);
      },
    );
    await fc.assert(runs, { numRuns: 40, endOnFailure: true });
  });
});
