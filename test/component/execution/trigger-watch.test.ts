import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { createTriggerSignals } from '../../../activities/execution/temporal-signals';
import { TriggerRegistry } from '../../../activities/execution/trigger-registry';
import { createTriggerActivities } from '../../../activities/execution/trigger-store';
import { TriggerWatch } from '../../../activities/execution/trigger-watch';
import { decimal } from '../../../domain/money/decimal';
import { createLogger } from '../../../observability/logger';
import { ensureIndexes } from '../../../storage/indexes';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { setHalt } from '../../../storage/queries/halts';
import { createSimulatorTicks } from '../../../venues/market-data/simulator-ticks';
import { orderEventsQuery } from '../../../workflows/order-entry/order-messages';
import { VenueProcess } from '../../conformance/venues/venue-process';
import { RestartableMongo } from '../risk/restartable-mongo';
import { eventually } from '../../support/eventually';
import { withOrder, type RunningOrder } from '../../support/order-harness';
import { fillOf, type Script } from '../../support/scripted-activities';
import { openHarness, type TemporalHarness } from '../../support/temporal-harness';
import type { OrderRequest } from '../../../domain/order/order-types';

const DAY_MS = 86_400_000;

// Goal: an order that waits for a price is triggered by the real market data of the venue, once, whoever dies in
// between. Method: a real Temporal, MongoDB and venue; the watch is started and dropped as its process would be.
describe('the watch for orders that wait for a price', function () {
  this.timeout(120_000);
  const logger = createLogger('test', 'error');
  let home = '';
  let venue: VenueProcess;
  let server: RestartableMongo;
  let mongo: Mongo;
  let harness: TemporalHarness;
  const watches: TriggerWatch[] = [];

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'steadfill-triggers-'));
    server = await RestartableMongo.prepare();
    [harness, venue] = await Promise.all([
      openHarness(),
      VenueProcess.start({ dataDir: home }),
      server.start(),
    ]);
    mongo = await openMongo({ uri: server.uri, database: 'triggers', logger });
    await ensureIndexes(mongo.db);
  });
  afterEach(async () => {
    for (const watch of watches.splice(0)) await watch.stop();
  });
  after(async () => {
    await mongo?.close();
    await server?.remove();
    await venue?.stop();
    await harness?.close();
    await rm(home, { recursive: true, force: true });
  });

  /** The market trades at `last`, with a quote of one cent to each side. */
  const trade = async (last: number): Promise<void> => {
    const [bid, ask] = [(last - 0.01).toFixed(2), (last + 0.01).toFixed(2)];
    const body = { bid, ask, bidSize: '1000', askSize: '1000', last: last.toFixed(2) };
    assert.equal((await venue.call('PUT', '/quotes/IBM', body)).status, 200);
  };

  const watch = async (): Promise<TriggerWatch> => {
    const started = new TriggerWatch({
      market: createSimulatorTicks({ url: venue.url, logger }),
      registry: new TriggerRegistry(mongo.db, 'XSIM'),
      signal: createTriggerSignals(harness.client),
      logger,
    });
    watches.push(started);
    await started.start();
    return started;
  };

  /** Runs `body` against one armed order, and checks that it was sent once and said by what it was triggered. */
  const triggersOnce = async (
    request: Partial<OrderRequest>,
    body: (order: RunningOrder) => Promise<void>,
    expected: { price: string; stopPrice: string; missed: boolean; basis: string },
  ): Promise<void> => {
    let routed = 0;
    const script: Script = {
      terms: { hold: 'trigger' },
      keepTrigger: (input) => createTriggerActivities({ db: mongo.db }).keepTrigger(input),
      route: (order) => {
        routed += 1;
        const fill = fillOf(order.orderId, order.clOrdId, order.quantity, '100', DAY_MS);
        return { outcome: 'sent', reports: [fill] };
      },
    };
    const options = { request: { type: 'stop' as const, timeInForce: 'gtc' as const, ...request } };
    await withOrder(harness, script, options, async (order) => {
      await eventually(() => order.witness.triggers.length > 0, { what: 'the armed trigger' });
      await body(order);
      await order.reach('filled', 30_000);
      const events = await order.handle.query(orderEventsQuery);
      const triggered = events.filter((event) => event.type === 'orderTriggered');
      assert.equal(triggered.length, 1);
      const { price, stopPrice, missed, basis } = triggered[0]?.sighting ?? assert.fail();
      assert.deepEqual({ price, stopPrice, missed, basis }, expected);
      assert.equal(routed, 1);
      await eventually(() => order.witness.triggers.at(-1)?.terms === null, {
        what: 'the end of the trigger',
      });
      await order.handle.terminate('the test is over');
    });
  };

  it('triggers when the market gets there, once although two watch', async () => {
    await trade(100);
    await Promise.all([watch(), watch()]);
    await triggersOnce(
      { stopPrice: decimal('103') },
      async (order) => {
        await trade(102.99);
        assert.equal((await order.view()).held?.until, 'trigger');
        await trade(103);
      },
      { price: '103', stopPrice: '103', missed: false, basis: 'present' },
    );
  });

  it('triggers at once when the market is through the stop at its entry', async () => {
    await trade(100);
    await watch();
    await triggersOnce({ side: 'sell', stopPrice: decimal('101') }, async () => undefined, {
      price: '100',
      stopPrice: '101',
      missed: false,
      basis: 'present',
    });
  });

  it('finds what happened while nobody watched, also when the market came back', async () => {
    await trade(100);
    await triggersOnce(
      { stopPrice: decimal('103') },
      async () => {
        await trade(104);
        await trade(101);
        const laterMs = Date.now() + 3_500;
        await eventually(() => Date.now() > laterMs, { what: 'the sighting to be late' });
        await watch();
      },
      { price: '104', stopPrice: '103', missed: true, basis: 'range' },
    );
  });

  it('keeps a trail over the end of a watch, and never loosens it', async () => {
    await trade(100);
    const first = await watch();
    await triggersOnce(
      { side: 'sell', type: 'trailingStop', trailingOffset: decimal('2') },
      async (order) => {
        await trade(110);
        const stopOf = async (): Promise<string | undefined> => {
          const found = await mongo.db
            .collection<{ _id: string }>('triggers')
            .findOne({ _id: order.orderId });
          return String((found as { watched?: { stopPrice?: unknown } } | null)?.watched?.stopPrice);
        };
        await eventually(async () => (await stopOf()) === '108', { what: 'the kept trail' });
        await first.stop();
        await trade(109);
        await watch();
        await trade(108.5);
        assert.equal((await order.view()).held?.until, 'trigger');
        await trade(107.9);
      },
      { price: '107.9', stopPrice: '108', missed: false, basis: 'present' },
    );
  });

  it('triggers nothing while trading is halted, and goes by the market as it is afterwards', async () => {
    const halt = (halted: boolean): Promise<unknown> =>
      setHalt(mongo.db, {
        scope: 'symbol',
        id: 'IBM',
        halted,
        by: 'tester',
        reason: 'test',
        at: new Date().toISOString(),
      });
    await trade(100);
    await halt(true);
    await watch();
    await triggersOnce(
      { stopPrice: decimal('103') },
      async (order) => {
        await trade(105);
        const heldBack = async (): Promise<boolean> => {
          const found = await mongo.db
            .collection<{ _id: string }>('triggers')
            .findOne({ _id: order.orderId });
          return (found as { watched?: unknown } | null)?.watched !== undefined;
        };
        await eventually(heldBack, { what: 'the price that was held back' });
        await trade(104);
        assert.equal((await order.view()).held?.until, 'trigger');
        await halt(false);
      },
      { price: '104', stopPrice: '103', missed: false, basis: 'present' },
    );
  });

  it('triggers what it knows while MongoDB is away, and keeps it afterwards', async () => {
    await trade(100);
    const known = await watch();
    await triggersOnce(
      { stopPrice: decimal('103') },
      async (order) => {
        await eventually(() => known.watchedCount() === 1, { what: 'the watched order' });
        await server.kill();
        await trade(103.5);
        await order.reach('filled', 30_000);
        await server.start();
      },
      { price: '103.5', stopPrice: '103', missed: false, basis: 'present' },
    );
  });
});
