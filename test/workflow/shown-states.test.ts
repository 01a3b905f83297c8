import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { fillOf, reportOf, type Script } from '../support/scripted-activities';
import { eventually } from '../support/eventually';
import { withOrder, type RunningOrder } from '../support/order-harness';
import { openHarness, type TemporalHarness } from '../support/temporal-harness';

// Goal: Temporal's index of orders says how an order is, for as long as that lasts, and costs no write for a state that
// the next moment ends (decision 0071). Method: the search attributes that the history holds, on a real server.
describe('what the index of orders shows', function () {
  this.timeout(60_000);
  let harness: TemporalHarness;
  before(async () => {
    harness = await openHarness();
  });
  after(async () => {
    await harness?.close();
  });

  const shownOf = async ({ handle }: RunningOrder): Promise<string[]> => {
    const { events } = await handle.fetchHistory();
    return (events ?? []).flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
      const data = upsert?.searchAttributes?.indexedFields?.['OrderState']?.data;
      return data ? [JSON.parse(Buffer.from(data).toString()) as string] : [];
    });
  };
  const filledIn = (settleInMs: number): Script => ({
    route: ({ orderId, clOrdId }) => ({
      outcome: 'sent',
      reports: [reportOf('accepted', orderId, clOrdId), fillOf(orderId, clOrdId, '100', '182.4', settleInMs)],
    }),
  });

  it('is the end alone, for an order that fills at once and settles in a moment', async () => {
    await withOrder(harness, filledIn(400), {}, async (order) => {
      assert.equal((await order.handle.result()).state, 'settled');
      const shown = await shownOf(order);
      assert.equal(shown.at(-1), 'settled');
      // A worker that took longer than a moment for the send had to say what it had by then.
      assert.ok(shown.length <= 2 && !shown.includes('filled'), shown.join(', '));
    });
  });

  it('is that it is filled, when it settles on another day', async () => {
    await withOrder(harness, filledIn(86_400_000), {}, async (order) => {
      await order.reach('filled');
      await eventually(async () => (await shownOf(order)).at(-1) === 'filled', {
        what: 'the state is shown',
      });
      await order.handle.terminate('the test is over');
    });
  });

  it('is that it works at the venue', async () => {
    await withOrder(harness, {}, {}, async (order) => {
      await order.reach('routed');
      await eventually(async () => (await shownOf(order)).at(-1) === 'routed', {
        what: 'the state is shown',
      });
      await order.handle.terminate('the test is over');
    });
  });

  it('is that it is on its way, when the venue lets it wait', async () => {
    const silent: Script = { route: () => ({ outcome: 'notSent', reason: 'no session with the venue' }) };
    await withOrder(harness, silent, {}, async (order) => {
      await eventually(async () => (await shownOf(order)).includes('validated'), {
        what: 'the state is shown',
      });
      await order.handle.terminate('the test is over');
    });
  });

  it('is what became of it, when a settlement that was a moment away cannot be booked', async () => {
    const script: Script = {
      ...filledIn(400),
      beforeEffect: (name) => {
        if (name === 'settleFills') throw new Error('MongoDB is away');
      },
    };
    await withOrder(harness, script, {}, async (order) => {
      await eventually(async () => (await shownOf(order)).length > 0, { what: 'a state is shown' });
      await order.handle.terminate('the test is over');
    });
  });
});
