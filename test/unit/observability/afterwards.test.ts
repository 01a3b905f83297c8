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

  it('waits on when what is before it throws', () => {
    const afterwards = new Afterwards();
    let times = 0;
    afterwards.do(() => {
      throw new Error('a line that cannot be told');
    });
    afterwards.do(() => (times += 1));
    assert.throws(() => afterwards.doAll(), /cannot be told/);
    afterwards.doAll();
    assert.equal(times, 1);
  });

  it('is done when the process exits', () => {
    const before = process.listeners('exit');
    const afterwards = Afterwards.ofProcess();
    const [onExit] = process.listeners('exit').filter((listener) => !before.includes(listener));
    let times = 0;
    afterwards.do(() => (times += 1));
    onExit?.(0);
    assert.equal(times, 1);
    if (onExit !== undefined) process.off('exit', onExit);
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
