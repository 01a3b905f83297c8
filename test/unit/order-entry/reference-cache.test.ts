import assert from 'node:assert/strict';
import { ReferenceCache } from '../../../activities/order-entry/reference-cache';

describe('the cache of reference data', () => {
  it('looks a record up once while it is young, and again when it is old', async () => {
    let nowMs = 0;
    let lookups = 0;
    const cache = new ReferenceCache(
      async (key) => `${key} ${(lookups += 1)}`,
      100,
      () => nowMs,
    );
    assert.equal(await cache.get('IBM'), 'IBM 1');
    nowMs = 50;
    assert.equal(await cache.get('IBM'), 'IBM 1');
    nowMs = 100;
    assert.equal(await cache.get('IBM'), 'IBM 2');
  });

  it('reads again what is used after half its time, while the caller has what is kept', async () => {
    let nowMs = 0;
    let answer: () => Promise<string> = async () => 'first';
    const cache = new ReferenceCache(
      () => answer(),
      100,
      () => nowMs,
    );
    await cache.get('IBM');
    nowMs = 60;
    answer = async () => Promise.reject(new Error('down'));
    assert.equal(await cache.get('IBM'), 'first');
    answer = async () => 'second';
    await new Promise((done) => setImmediate(done));
    assert.equal(await cache.get('IBM'), 'first');
    await new Promise((done) => setImmediate(done));
    nowMs = 159;
    assert.equal(await cache.get('IBM'), 'second', 'its age counts from the second look-up');
  });

  it('shares a look-up that is under way', async () => {
    let lookups = 0;
    const cache = new ReferenceCache(async () => (lookups += 1), 100);
    assert.deepEqual(await Promise.all([cache.get('IBM'), cache.get('IBM')]), [1, 1]);
  });

  it('remembers neither what does not exist nor a fault', async () => {
    const answers: (string | Error | undefined)[] = [undefined, new Error('down'), 'here'];
    const cache = new ReferenceCache(async () => {
      const next = answers.shift();
      if (next instanceof Error) throw next;
      return next;
    }, 100);
    assert.equal(await cache.get('IBM'), undefined);
    await assert.rejects(cache.get('IBM'), /down/);
    assert.equal(await cache.get('IBM'), 'here');
  });
});
