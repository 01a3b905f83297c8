// Goal: the order workflow shows what the plain model says, whatever client and venue do. Method: a few of the random
// stories that the domain plays by thousands (test/unit/order/order-story.ts), through the real workflow, compared after
// every step. fast-check prints the seed of a story that differs.
import assert from 'node:assert/strict';
import { Worker } from '@temporalio/worker';
import fc from 'fast-check';
import { scriptedWorld } from '../../tools/matrix/scripted-world';
import { PlayedOrder } from '../../tools/matrix/played-order';
import { replayPlugins } from '../../observability/temporal-tracing';
import { toOrderView } from '../../domain/order/order-projection';
import type { ExecutionReport } from '../../domain/order/execution-report';
import { workflowBundle } from '../support/order-harness';
import { uniqueName } from '../support/servers';
import { openHarness, type TemporalHarness } from '../support/temporal-harness';
import { ORDER_ID, REQUEST } from '../unit/order/order-fixture';
import { act, Story, storyShowsOf, type StoryShows, type Stimulus } from '../unit/order/order-story';

const STORIES = 25;
const STEPS_MAX = 12;
const STORY_MS_MAX = 4 * 60_000;

/** Nothing settles while a story is played, because a date decides that and not a step. */
const told = act.filter((step) => step.do !== 'settle');

describe('order workflow against a plain model', function () {
  this.timeout(STORY_MS_MAX);
  let harness: TemporalHarness;
  let worker: Worker;
  let running: Promise<void>;
  const taskQueue = uniqueName('stories');

  before(async () => {
    harness = await openHarness();
    worker = await Worker.create({
      connection: harness.connection,
      taskQueue,
      workflowBundle: await workflowBundle(),
      activities: { ...scriptedWorld(taskQueue) },
      plugins: replayPlugins(),
    });
    running = worker.run();
  });
  after(async () => {
    worker.shutdown();
    await running;
    await harness.close();
  });

  async function feel(order: PlayedOrder, stimulus: Stimulus): Promise<void> {
    if ('report' in stimulus) {
      const text = JSON.stringify(stimulus.report).replaceAll(ORDER_ID, order.orderId);
      return await order.deliver([JSON.parse(text) as ExecutionReport]);
    }
    const refusal =
      'cancel' in stimulus
        ? await order.act({ client: 'cancel', clOrdId: stimulus.cancel, expect: {} })
        : await order.act({
            client: 'replace',
            clOrdId: stimulus.replace,
            quantity: stimulus.quantity,
            expect: {},
          });
    assert.equal(refusal, stimulus.refusal);
  }

  const named = (shows: StoryShows, from: string, to: string): StoryShows => ({
    ...shows,
    clOrdId: shows['clOrdId']?.replace(from, to) ?? '',
  });

  it(`agrees through ${STORIES} random stories of client and venue`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('day' as const, 'gtc' as const),
        fc.array(told, { minLength: 4, maxLength: STEPS_MAX }),
        async (timeInForce, acts) => {
          const story = new Story(timeInForce);
          for (const step of acts) story.play(step);
          const request = { ...REQUEST, timeInForce, clientOrderId: uniqueName('story') };
          const order = new PlayedOrder({ client: harness.client, taskQueue }, request);
          await order.act({ client: 'new', expect: {} });
          for (const { stimuli, shows } of story.log) {
            for (const stimulus of stimuli) await feel(order, stimulus);
            const view = storyShowsOf(toOrderView(await order.state()));
            assert.deepEqual(named(view, order.orderId, ORDER_ID), shows);
          }
        },
      ),
      // A story that differs is told as it is: making it shorter would play hundreds more through the server.
      { numRuns: STORIES, endOnFailure: true },
    );
  });
});
