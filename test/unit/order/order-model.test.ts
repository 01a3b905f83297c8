// Goal: the domain and a plain model agree on what any order shows. Method: thousands of random stories of client
// and venue, each step played on both; fast-check prints the seed and the shortest story that differs, and
// STEADFILL_STORY_SEED plays the stories of a seed again.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { foldOrder } from '../../../domain/order/evolve';
import { act, Story } from './order-story';

/** Mutation tests play fewer, because they play them for every mutant. */
const STORIES = Number(process.env['STEADFILL_STORIES'] ?? 2_500);
const STEPS_MAX = 30;
const SEED = process.env['STEADFILL_STORY_SEED'];

describe('order against a plain model', () => {
  it(`agrees through ${STORIES} random stories of client and venue`, function stories() {
    this.timeout(60_000);
    fc.assert(
      fc.property(
        fc.constantFrom('day', 'gtc'),
        fc.array(act, { maxLength: STEPS_MAX }),
        (timeInForce, acts) => {
          const story = new Story(timeInForce);
          for (const step of acts) story.play(step);
          assert.deepEqual(foldOrder(story.order.events), story.order.state);
          assert.deepEqual(foldOrder(JSON.parse(JSON.stringify(story.order.events))), story.order.state);
        },
      ),
      { numRuns: STORIES, ...(SEED !== undefined && { seed: Number(SEED) }) },
    );
  });
});
