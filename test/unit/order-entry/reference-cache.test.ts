import assert from 'node:assert/strict';
import { ReferenceCache, type Lookup } from '../../../activities/order-entry/reference-cache';
import { eventually } from '../../support/eventually';

/** A look-up of keys one by one. */
function each<T>(lookup: (key: string) => Promise<T | undefined>): Lookup<T> {
  return async (keys) => {
    const found = new Map<string, T>();
    for (const key of keys) {
      const value = await lookup(key);
      if (value !== undefined) found.set(key, value);
    }
    return found;
  };
}

describe('the cache of reference data', () => {
  it('looks a record up once while it is young, and again when it is old', async () => {
    let nowMs = 0;
    let lookups = 0;
    const cache = new ReferenceCache(
      each(async (key) => `${key} ${(lookups += 1)}`),
      10_000,
      () => nowMs,
    );
    assert.equal(await cache.get('IBM'), 'IBM 1');
    nowMs = 5_000;
    assert.equal(await cache.get('IBM'), 'IBM 1');
    nowMs = 10_000;
    assert.equal(await cache.get('IBM'), 'IBM 2');
  });

  it('reads what is in use again before it is old, all of it at once, while callers have what is kept', async () => {
    const asked: string[][] = [];
    let isDown = false;
    const cache = new ReferenceCache<number>(async (keys) => {
      if (isDown) throw new Error('down');
      asked.push([...keys]);
      return new Map(keys.map((key) => [key, asked.length]));
    }, 2_000);
    await cache.get('IBM');
    await cache.get('SPY');
    isDown = true;
    assert.equal(await cache.get('IBM'), 1);
    isDown = false;
    await eventually(() => asked.length > 2, { intervalMs: 5 });
    isDown = true;
    assert.deepEqual(asked[2], ['SPY', 'IBM']);
    assert.equal(await cache.get('SPY'), 3, 'nobody has to look it up');
  });

  it('shares a look-up that is under way', async () => {
    let lookups = 0;
    const cache = new ReferenceCache(
      each(async () => (lookups += 1)),
      10_000,
    );
    assert.deepEqual(await Promise.all([cache.get('IBM'), cache.get('IBM')]), [1, 1]);
  });

  it('remembers neither what does not exist nor a fault', async () => {
    const answers: (string | Error | undefined)[] = [undefined, new Error('down'), 'here'];
    const cache = new ReferenceCache(
      each(async () => {
        const next = answers.shift();
        if (next instanceof Error) throw next;
        return next;
      }),
      10_000,
    );
    assert.equal(await cache.get('IBM'), undefined);
    await assert.rejects(cache.get('IBM'), /down/);
    assert.equal(await cache.get('IBM'), 'here');
  });
});
