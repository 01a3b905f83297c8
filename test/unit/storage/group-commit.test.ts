import assert from 'node:assert/strict';
import { CommitQueueFullError, GroupCommit, type GroupCommitOptions } from '../../../storage/group-commit';

type Options = GroupCommitOptions<number, number>;

function groupWith(commit: Options['commit'], options: Partial<Options> = {}): GroupCommit<number, number> {
  const isForeign = (fault: unknown) => (fault as Error).message === 'server down';
  return new GroupCommit({ commit, batchMax: 10, queueMax: 100, isForeign, ...options });
}

describe('GroupCommit', () => {
  it('commits what waits together, in order, and answers each', async () => {
    const batches: number[][] = [];
    const group = groupWith(async (items) => {
      batches.push(items);
      return items.map((item) => item * 2);
    });
    const answers = await Promise.all(Array.from({ length: 25 }, (_, item) => group.submit(item)));
    assert.deepEqual(
      answers,
      Array.from({ length: 25 }, (_, item) => item * 2),
    );
    assert.deepEqual(
      batches.map(({ length }) => length),
      [10, 10, 5],
    );
  });

  it('begins at once when told to, with all that one caller brings', async () => {
    const batches: number[][] = [];
    const commit = async (items: number[]) => {
      batches.push(items);
      return items;
    };
    const group = groupWith(commit, { beginsAtOnce: true });
    const first = [group.submit(1), group.submit(2)];
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(batches, [[1, 2]], 'no turn of the event loop has passed');
    assert.deepEqual(await Promise.all(first), [1, 2]);
  });

  it('never has two commits under way', async () => {
    let underWay = 0;
    const group = groupWith(async (items) => {
      underWay += 1;
      assert.equal(underWay, 1);
      await new Promise((done) => setImmediate(done));
      underWay -= 1;
      return items;
    });
    await Promise.all(Array.from({ length: 40 }, (_, item) => group.submit(item)));
  });

  it('commits what comes alone at once, and what comes in a crowd together', async () => {
    const batches: { items: number[]; atMs: number }[] = [];
    const everyMsMin = 60;
    const commit = async (items: number[]) => {
      batches.push({ items, atMs: performance.now() });
      return items;
    };
    const group = groupWith(commit, { everyMsMin });
    await group.submit(1);
    // These come one after the other while the time since the first commit is not over.
    const crowd = [2, 3, 4].map(async (item) => {
      for (let turn = 0; turn < item; turn += 1) await new Promise((done) => setImmediate(done));
      return await group.submit(item);
    });
    assert.deepEqual(await Promise.all(crowd), [2, 3, 4]);
    assert.deepEqual(
      batches.map(({ items }) => items),
      [[1], [2, 3, 4]],
    );
    const [first, second] = batches;
    // Timers of Node may be a millisecond early.
    assert.ok((second?.atMs ?? 0) - (first?.atMs ?? 0) >= everyMsMin - 2);
  });

  it('begins at once for an urgent item, with those that wait for a crowd', async () => {
    const batches: number[][] = [];
    const commit = async (items: number[]) => {
      batches.push(items);
      return items;
    };
    const isUrgent = (item: number) => item >= 10;
    const group = groupWith(commit, { beginsAtOnce: true, everyMsMin: 60_000, isUrgent });
    await group.submit(10);
    await group.submit(1);
    assert.deepEqual(batches, [[10], [1]], 'what is urgent puts nobody off');
    const waiting = [group.submit(2), group.submit(3)];
    await new Promise((done) => setImmediate(done));
    assert.deepEqual(batches.length, 2);
    assert.equal(await group.submit(11), 11);
    assert.deepEqual(await Promise.all(waiting), [2, 3]);
    assert.deepEqual(batches[2], [2, 3, 11]);
  });

  it('lets an item that cannot be written fail alone', async () => {
    const group = groupWith(async (items) => {
      if (items.includes(3)) throw new Error('item 3 is poison');
      return items;
    });
    const settled = await Promise.allSettled([1, 2, 3, 4].map((item) => group.submit(item)));
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
  });

  it('does not try items one by one when the server is down', async () => {
    let commits = 0;
    const group = groupWith(async () => {
      commits += 1;
      throw new Error('server down');
    });
    const settled = await Promise.allSettled([1, 2, 3].map((item) => group.submit(item)));
    assert.ok(settled.every(({ status }) => status === 'rejected'));
    assert.equal(commits, 1);
  });

  it('refuses more than its queue holds', async () => {
    const group = groupWith(async (items) => items, { queueMax: 3 });
    const kept = [1, 2, 3].map((item) => group.submit(item));
    await assert.rejects(group.submit(4), CommitQueueFullError);
    assert.deepEqual(await Promise.all(kept), [1, 2, 3]);
    assert.equal(await group.submit(5), 5);
  });
});
