import assert from 'node:assert/strict';
import { seedDemoWorld } from '../../../activities/order-entry/demo-seed';
import { createTriggerActivities } from '../../../activities/execution/trigger-store';
import { createOrderDesk } from '../../../activities/order-entry/order-desk';
import { createOrderSteps } from '../../../activities/order-steps';
import { createReportingActivities } from '../../../activities/reporting/reporting.activities';
import { createRisk } from '../../../activities/risk/risk.activities';
import { createSettlementActivities } from '../../../activities/settlement/settlement.activities';
import { decimal } from '../../../domain/money/decimal';
import { orderIdOf, requestHashOf, workflowIdOf } from '../../../domain/order/order-id';
import { createLogger } from '../../../observability/logger';
import { seedDemoRisk } from '../../../storage/seed-demo-risk';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { testMongo, uniqueName } from '../../support/servers';
import type { AdmitOrderInput } from '../../../activities/order-steps.port';
import type { OrderRequest } from '../../../domain/order/order-types';

const AT = '2026-01-05T15:00:00.000Z';

function admission(
  clientOrderId: string,
  firstRunId: string,
  change: Partial<OrderRequest> = {},
): AdmitOrderInput {
  const request: OrderRequest = {
    clientOrderId,
    account: 'ACC-1',
    symbol: 'IBM',
    side: 'buy',
    type: 'limit',
    quantity: decimal('100'),
    limitPrice: decimal('182.5'),
    timeInForce: 'day',
    ...change,
  };
  const orderId = orderIdOf(request.account, clientOrderId);
  const workflowId = workflowIdOf(request.account, clientOrderId);
  const enteredBy = 'desk-1';
  return {
    validate: {
      orderId,
      workflowId,
      firstRunId,
      request,
      requestHash: requestHashOf(request),
      enteredBy,
      at: AT,
    },
    reserve: {
      orderId,
      riskVersion: 1,
      sequence: 1,
      account: request.account,
      symbol: request.symbol,
      side: request.side,
      type: request.type,
      quantity: request.quantity,
      cumQty: decimal('0'),
      limitPrice: decimal('182.5'),
      cashDelta: decimal('0'),
      positionDelta: decimal('0'),
      enteredBy,
      at: AT,
    },
  };
}

/** Goal: admitting in one step is validating, owning and reserving, and leaves nothing behind for a used identity. */
describe('admitting an order in one step', function () {
  this.timeout(60_000);
  let mongo: Mongo;
  before(async () => {
    mongo = await openMongo({ uri: (await testMongo()).uri, database: uniqueName('steps') });
    await seedDemoWorld(mongo.db);
    await seedDemoRisk(mongo.db);
  });
  after(async () => {
    await mongo.db.dropDatabase();
    await mongo.close();
  });

  const steps = () => {
    const { db } = mongo;
    const logger = createLogger('test', 'error');
    const config = {
      STEADFILL_PROFILE: 'demo' as const,
      STEADFILL_SETTLEMENT_DELAY_MS: 1_500,
      STEADFILL_VENUE_TASK_QUEUE_PREFIX: 'test-',
    };
    const price = decimal('182.5');
    const marketData = { latest: () => ({ receivedAt: new Date().toISOString(), bid: price, ask: price }) };
    return createOrderSteps({
      desk: createOrderDesk({ db, config }),
      risk: createRisk({ db, logger, marketData: marketData as never }),
      reporting: createReportingActivities({ db, logger }),
      settlement: createSettlementActivities({ db }),
      triggers: createTriggerActivities({ db }),
    });
  };
  const reservedOf = async (orderId: string): Promise<string | undefined> => {
    const found = await mongo.db.collection<{ _id: string }>('orderExposures').findOne({ _id: orderId });
    const { contribution } = (found ?? {}) as { contribution?: { reservedCash: unknown } };
    return contribution === undefined ? undefined : String(contribution.reservedCash);
  };

  it('answers terms and reservation, and the same again when it is retried', async () => {
    const input = admission('c1', 'run-1');
    const first = await steps().admitOrder(input);
    assert.ok(first.outcome === 'valid' && first.risk.outcome === 'reserved', JSON.stringify(first));
    assert.deepEqual(await steps().admitOrder(input), first);
    assert.ok(Number(await reservedOf(input.validate.orderId)) >= 18_250);
  });

  it('reserves nothing for an order that validation denies, and keeps its identity', async () => {
    const input = admission('c2', 'run-1', { limitPrice: decimal('182.505') });
    assert.equal((await steps().admitOrder(input)).outcome, 'denied');
    assert.equal(await reservedOf(input.validate.orderId), undefined);
    const other = await steps().admitOrder(admission('c2', 'run-2', { limitPrice: decimal('182.505') }));
    assert.deepEqual(other, { outcome: 'duplicate', sameContent: true });
  });

  it('gives back what an attempt reserved of which nobody heard, when the next one is denied', async () => {
    const input = admission('c6', 'run-1');
    await steps().admitOrder(input);
    // Its session has ended meanwhile, say; here its price breaks a rule, which comes to the same.
    const denied = admission('c6', 'run-1', { limitPrice: decimal('182.505') });
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      assert.equal((await steps().admitOrder(denied)).outcome, 'denied');
      assert.equal(await reservedOf(input.validate.orderId), '0');
    }
  });

  it('leaves what the owner of a pair holds when another run is denied', async () => {
    const input = admission('c7', 'run-1');
    await steps().admitOrder(input);
    const held = await reservedOf(input.validate.orderId);
    const denied = admission('c7', 'run-2', { limitPrice: decimal('182.505') });
    assert.equal((await steps().admitOrder(denied)).outcome, 'duplicate');
    assert.equal(await reservedOf(input.validate.orderId), held);
  });

  it('reserves nothing for an identity that belongs to another run', async () => {
    await steps().admitOrder(admission('c3', 'run-1', { limitPrice: decimal('182.505') }));
    const again = admission('c3', 'run-2');
    assert.deepEqual(await steps().admitOrder(again), { outcome: 'duplicate', sameContent: false });
    assert.equal(await reservedOf(again.validate.orderId), undefined);
  });

  it('leaves the reservation of the first owner alone', async () => {
    const input = admission('c4', 'run-1');
    await steps().admitOrder(input);
    const held = await reservedOf(input.validate.orderId);
    assert.equal((await steps().admitOrder(admission('c4', 'run-2'))).outcome, 'duplicate');
    assert.equal(await reservedOf(input.validate.orderId), held);
  });

  it('lets one of several runs have a pair that they want at the same moment', async () => {
    const { admitOrder } = steps();
    const runs = ['run-1', 'run-2', 'run-3'].map((run) => admission('c5', run));
    const answers = await Promise.all(runs.map((input) => admitOrder(input)));
    assert.deepEqual(answers.map(({ outcome }) => outcome).sort(), ['duplicate', 'duplicate', 'valid']);
    const winner = runs[answers.findIndex(({ outcome }) => outcome === 'valid')];
    const owner = await mongo.db
      .collection('orderIdentities')
      .findOne({ orderId: runs[0]?.validate.orderId });
    assert.equal(owner?.['firstRunId'], winner?.validate.firstRunId);
    const decided = { orderId: runs[0]?.validate.orderId };
    assert.equal(await mongo.db.collection('riskDecisions').countDocuments(decided), 1);
  });
});
