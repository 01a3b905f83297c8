import assert from 'node:assert/strict';
import { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import { decimal } from '../../domain/money/decimal';
import {
  amendSignal,
  cancelSignal,
  orderEventsQuery,
  triggerSignal,
} from '../../workflows/order-entry/order-messages';
import { ORDER_STATE_KEY } from '../../temporal-config/search-attributes';
import { eventually } from '../support/eventually';
import { sighted } from '../support/held-scenarios';
import { withOrder, type Harness, type OrderOptions, type RunningOrder } from '../support/order-harness';
import { fillOf, type Script } from '../support/scripted-activities';
import { openHarness } from '../support/temporal-harness';
import { openTimeSkipping } from '../support/time-skipping';
import type { VenueOrder } from '../../activities/execution/execution.port';
import type { KeepTriggerInput } from '../../activities/execution/trigger.port';

const STOP = decimal('190');

/** A gtc stop-limit order that we trigger, filled by the venue at once when it comes there. */
const { EventType } = temporal.api.enums.v1;
const WORKFLOW_TASK_EVENTS: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
]);
const OPTIONS: OrderOptions = {
  withoutSubmit: true,
  request: { type: 'stopLimit', stopPrice: STOP, limitPrice: decimal('190.5'), timeInForce: 'gtc' },
};

function filling(routed: VenueOrder[]): Script {
  return {
    terms: { hold: 'trigger' },
    route: (order) => {
      routed.push(order);
      return { outcome: 'sent', reports: [fillOf(order.orderId, order.clOrdId, order.quantity, '190.1')] };
    },
  };
}

const armed = ({ witness }: RunningOrder): Promise<KeepTriggerInput> =>
  eventually(() => witness.triggers.find(({ terms }) => terms !== null), { what: 'the armed trigger' });

/** What the search attribute of the order's state showed, one after the other. */
async function shownStates(order: RunningOrder): Promise<string[]> {
  const { events = [] } = await order.handle.fetchHistory();
  return (events ?? []).flatMap(({ upsertWorkflowSearchAttributesEventAttributes: attributes }) => {
    const payload = attributes?.searchAttributes?.indexedFields?.[ORDER_STATE_KEY.name];
    return payload === undefined ? [] : [JSON.parse(Buffer.from(payload.data ?? []).toString()) as string];
  });
}

// Goal: an order that waits for a price is sent once, on the first sighting for its present terms, and never when it
// ended before. Method: the real workflow on Temporal's time-skipping server; the test is the watch of the market.
describe('an order that waits here for a price', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  let harness: Harness;

  before(async () => {
    ({ environment, harness } = await openTimeSkipping());
  });
  after(async () => {
    await environment?.teardown();
  });

  it('arms with its record, is triggered once by however many sightings, and disarms', async () => {
    const routed: VenueOrder[] = [];
    await withOrder(harness, filling(routed), OPTIONS, async (order) => {
      const { terms } = await armed(order);
      assert.equal(terms?.stopPrice, '190');
      assert.equal(terms?.version, 1);
      const held = await order.view();
      assert.equal(held.ordStatus, 'new');
      assert.equal(held.held?.until, 'trigger');
      assert.deepEqual(order.witness.calls, ['validateOrder', 'reserveExposure', 'recordOrder']);
      for (let times = 0; times < 3; times += 1) await order.handle.signal(triggerSignal, sighted(1));
      const view = await order.handle.result();
      assert.equal(view.state, 'settled');
      assert.equal(view.triggerPrice, '190.05');
      assert.deepEqual(
        routed.map(({ type, limitPrice, stopPrice }) => ({ type, limitPrice, stopPrice })),
        [{ type: 'limit', limitPrice: '190.5', stopPrice: undefined }],
      );
      assert.equal(order.witness.triggers.at(-1)?.terms, null);
      const { events } = await order.handle.fetchHistory();
      // How many workflow tasks the three sightings take depends on how fast the worker is.
      const own = (events ?? []).filter(({ eventType }) => !WORKFLOW_TASK_EVENTS.has(Number(eventType)));
      assert.ok(own.length <= 20, `${own.length} events beside workflow tasks`);
    });
  });

  it('shows to operations as validated once it was triggered and cannot be sent', async () => {
    let attempts = 0;
    const script: Script = {
      terms: { hold: 'trigger' },
      route: (order) => {
        attempts += 1;
        if (attempts < 3) return { outcome: 'notSent', reason: 'the session is away' };
        return { outcome: 'sent', reports: [fillOf(order.orderId, order.clOrdId, '100', '190.1')] };
      },
    };
    await withOrder(harness, script, OPTIONS, async (order) => {
      await armed(order);
      await order.handle.signal(triggerSignal, sighted(1));
      await order.handle.result();
      assert.deepEqual((await shownStates(order)).slice(0, 2), ['held', 'validated']);
    });
    // One that is sent at once costs no event for it.
    await withOrder(harness, filling([]), OPTIONS, async (order) => {
      await armed(order);
      await order.handle.signal(triggerSignal, sighted(1));
      await order.handle.result();
      assert.ok(!(await shownStates(order)).includes('validated'));
    });
  });

  it('ends here when it is cancelled first, and a sighting after that sends nothing', async () => {
    const routed: VenueOrder[] = [];
    await withOrder(harness, filling(routed), OPTIONS, async (order) => {
      await armed(order);
      // Both wait for the same workflow task, in this order.
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      await order.handle.signal(triggerSignal, sighted(1)).catch(() => undefined);
      const view = await order.handle.result();
      assert.equal(view.state, 'cancelled');
      assert.equal(view.held, undefined);
      assert.deepEqual(routed, []);
      assert.equal(order.witness.exposures.at(-1)?.contribution.reservedCash, '0');
      assert.equal(order.witness.triggers.at(-1)?.terms, null);
    });
  });

  it('asks the venue for the cancel when it was triggered first', async () => {
    const script: Script = { terms: { hold: 'trigger' } };
    await withOrder(harness, script, OPTIONS, async (order) => {
      await armed(order);
      await order.handle.signal(triggerSignal, sighted(1));
      await order.reach('routed');
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      const view = await order.handle.result();
      assert.equal(view.state, 'cancelled');
      assert.equal(order.witness.calls.filter((name) => name === 'routeOrder').length, 1);
      assert.equal(order.witness.calls.filter((name) => name === 'cancelAtVenue').length, 1);
    });
  });

  it('takes an amended stop at once, and only sightings that were made for it', async () => {
    const routed: VenueOrder[] = [];
    await withOrder(harness, filling(routed), OPTIONS, async (order) => {
      await armed(order);
      await order.handle.signal(amendSignal, {
        requestId: 'a1',
        by: 'tester',
        stopPrice: '191',
        quantity: '80',
      });
      await order.handle.signal(triggerSignal, sighted(1));
      const again = await eventually(() => order.witness.triggers.find(({ terms }) => terms?.version === 2), {
        what: 'the trigger with its new terms',
      });
      assert.equal(again.terms?.stopPrice, '191');
      assert.deepEqual(routed, []);
      const now = await order.view();
      assert.equal(now.quantity, '80');
      assert.equal(now.ordStatus, 'new');
      assert.equal(order.witness.calls.includes('replaceAtVenue'), false);
      await order.handle.signal(triggerSignal, sighted(2));
      assert.equal((await order.handle.result()).cumQty, '80');
      assert.deepEqual(
        routed.map(({ clOrdId, quantity }) => ({ clOrdId, quantity })),
        [{ clOrdId: `${order.orderId}-1`, quantity: '80' }],
      );
    });
  });

  it('keeps its terms when risk denies the amendment', async () => {
    const script: Script = {
      terms: { hold: 'trigger' },
      reserve: (attempt) =>
        attempt === 1
          ? { outcome: 'reserved', limitVersion: 1, unitReserve: decimal('190.6') }
          : { outcome: 'denied', limitVersion: 1, reasons: [{ code: 'ORDER_VALUE_LIMIT', message: 'no' }] },
    };
    await withOrder(harness, script, OPTIONS, async (order) => {
      await armed(order);
      await order.handle.signal(amendSignal, { requestId: 'a1', by: 'tester', quantity: '900' });
      const denied = await eventually(
        async () => (await order.handle.query(orderEventsQuery)).find(({ type }) => type === 'requestDenied'),
        { what: 'the denial' },
      );
      assert.ok(denied);
      assert.equal((await order.view()).quantity, '100');
      assert.equal(order.witness.triggers.length, 1);
    });
  });

  it('expires here when its day ends, without asking the venue', async () => {
    const options: OrderOptions = {
      ...OPTIONS,
      sessionCloseInMs: 6 * 3_600_000,
      request: { ...OPTIONS.request, timeInForce: 'day' },
    };
    await withOrder(harness, { terms: { hold: 'trigger' } }, options, async (order) => {
      const view = await order.handle.result();
      assert.equal(view.state, 'expired');
      assert.equal(order.witness.calls.includes('routeOrder'), false);
      assert.equal(order.witness.calls.includes('askOrderStatus'), false);
    });
  });

  it('expires here when the date that it is good till is over', async () => {
    const expireAt = new Date((await environment.currentTimeMs()) + 10 * 86_400_000).toISOString();
    const options: OrderOptions = {
      ...OPTIONS,
      request: { ...OPTIONS.request, timeInForce: 'gtd', expireAt },
    };
    await withOrder(harness, { terms: { hold: 'trigger', endsAt: expireAt } }, options, async (order) => {
      const view = await order.handle.result();
      assert.equal(view.state, 'expired');
      assert.ok(view.updatedAt >= expireAt);
    });
  });

  it('waits over days for its price', async () => {
    const routed: VenueOrder[] = [];
    await withOrder(harness, filling(routed), OPTIONS, async (order) => {
      await armed(order);
      await environment.sleep('30 days');
      assert.deepEqual(routed, []);
      await order.handle.signal(triggerSignal, sighted(1));
      assert.equal((await order.handle.result()).cumQty, '100');
    });
  });

  it('is amended at the venue once it was triggered, but for its stop', async () => {
    const script: Script = { terms: { hold: 'trigger' } };
    await withOrder(harness, script, OPTIONS, async (order) => {
      await armed(order);
      await order.handle.signal(triggerSignal, sighted(1));
      await order.reach('routed');
      await order.handle.signal(amendSignal, { requestId: 'a1', by: 'tester', limitPrice: '190.7' });
      await eventually(async () => (await order.view()).limitPrice === '190.7', { what: 'the new limit' });
      await order.handle.signal(amendSignal, { requestId: 'a2', by: 'tester', stopPrice: '192' });
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'tester' });
      const view = await order.handle.result();
      assert.equal(view.state, 'cancelled');
      assert.equal(view.stopPrice, '190');
      assert.equal(order.witness.calls.filter((name) => name === 'replaceAtVenue').length, 1);
    });
  });
});

// Goal and method as above, on a real server, which keeps the runs of a workflow apart.
describe('an order that waits here over new runs of its workflow', function () {
  this.timeout(60_000);
  let harness: Awaited<ReturnType<typeof openHarness>>;
  before(async () => {
    harness = await openHarness();
  });
  after(async () => {
    await harness?.close();
  });

  it('keeps its terms, arms no second time and is triggered once', async () => {
    const routed: VenueOrder[] = [];
    const { withoutSubmit: _withSubmit, ...options } = OPTIONS;
    await withOrder(harness, filling(routed), { ...options, historyEventsMax: 20 }, async (order) => {
      assert.equal(order.submit?.order.held?.until, 'trigger');
      await armed(order);
      const { runId, typedSearchAttributes } = await order.handle.describe();
      assert.equal(typedSearchAttributes.get(ORDER_STATE_KEY), 'held');
      for (const [index, quantity] of ['90', '95', '100'].entries()) {
        await order.handle.signal(amendSignal, { requestId: `a${index}`, by: 'tester', quantity });
        const isInForce = async (): Promise<boolean> => (await order.view()).quantity === quantity;
        await eventually(isInForce, { what: `quantity ${quantity}` });
      }
      const isLaterRun = async (): Promise<boolean> => (await order.handle.describe()).runId !== runId;
      await eventually(isLaterRun, { what: 'another run' });
      assert.equal(order.witness.triggers.length, 1);
      await order.handle.signal(triggerSignal, sighted(1));
      await order.handle.signal(triggerSignal, sighted(1)).catch(() => undefined);
      assert.equal((await order.handle.result()).cumQty, '100');
      assert.equal(routed.length, 1);
    });
  });
});
