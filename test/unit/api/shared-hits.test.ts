import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SharedHits } from '../../../api/cluster/shared-hits';

describe('counts of requests that processes share', () => {
  it('add what others have counted, by key and lane, and begin anew with each window', async () => {
    let nowMs = 10_250;
    const [one, two] = [new SharedHits(1_000, () => nowMs), new SharedHits(1_000, () => nowMs)];
    const [orders, reads] = [one.store('orders'), one.store('reads')];
    const others = two.store('orders');
    for (let hit = 0; hit < 3; hit += 1) await orders.increment('key');
    await reads.increment('key');
    const told = one.changes();
    assert.ok(told);
    assert.equal(one.changes(), undefined, 'nothing new to tell');
    two.take(1, told);
    assert.equal((await others.increment('key')).totalHits, 4);
    assert.equal((await others.increment('other')).totalHits, 1);
    nowMs = 11_000;
    two.take(1, told);
    const { totalHits, resetTime } = await others.increment('key');
    assert.deepEqual([totalHits, resetTime?.getTime()], [1, 12_000]);
  });
});
