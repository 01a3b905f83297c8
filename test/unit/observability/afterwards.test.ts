import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Afterwards } from '../../../observability/afterwards';
import { eventually } from '../../support/eventually';

// Goal: what nobody waits for is done a moment later, once, in order and about whom it was begun for.
// Method: work that writes down what it sees.

describe('what is done afterwards', () => {
  it('is done a moment later, in order, each in the context that it was left in', async () => {
    const request = new AsyncLocalStorage<string>();
    const afterwards = new Afterwards();
    const seen: (string | undefined)[] = [];
    for (const id of ['first', 'second'])
      request.run(id, () => afterwards.do(() => void seen.push(request.getStore())));
    assert.deepEqual(seen, []);
    await eventually(async () => seen.length === 2, { timeoutMs: 5_000, what: 'both' });
    assert.deepEqual(seen, ['first', 'second']);
  });

  it('is done at once, and not again, for one who ends', async () => {
    const afterwards = new Afterwards();
    let times = 0;
    afterwards.do(() => (times += 1));
    afterwards.doAll();
    assert.equal(times, 1);
    afterwards.doAll();
    assert.equal(times, 1);
  });
});
