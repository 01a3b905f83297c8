import assert from 'node:assert/strict';
import { KeptFresh } from '../../../storage/kept-fresh';
import { eventually } from '../../support/eventually';

const MINUTE_MS = 60_000;

/** What is read ahead, each five milliseconds, by a clock that the test sets. */
function watched(options: { keysMax?: number; read?: (keys: readonly string[]) => Promise<void> } = {}) {
  const clock = { nowMs: 0 };
  const readings: (readonly string[])[] = [];
  const fresh = new KeptFresh({
    everyMs: 5,
    keysMax: options.keysMax ?? 10,
    read: async (keys) => {
      readings.push(keys);
      await options.read?.(keys);
    },
    nowMs: () => clock.nowMs,
  });
  const after = async (count: number) =>
    await eventually(() => readings.length >= count && readings.at(-1), { intervalMs: 2 });
  return { clock, readings, fresh, after };
}

describe('what is kept fresh', () => {
  it('is read together, again and again, for a minute after its last use', async () => {
    const { clock, readings, fresh, after } = watched();
    fresh.note('ACC-1');
    fresh.note('ACC-2');
    assert.deepEqual(await after(3), ['ACC-1', 'ACC-2']);
    clock.nowMs = MINUTE_MS - 1;
    fresh.note('ACC-2');
    clock.nowMs = MINUTE_MS + 1;
    assert.deepEqual(await after(readings.length + 2), ['ACC-2']);
  });

  it('begins again with the next use when nothing was in use any more', async () => {
    const { clock, readings, fresh, after } = watched();
    fresh.note('ACC-1');
    await after(1);
    clock.nowMs = 2 * MINUTE_MS;
    // The next turn finds nothing to read and is the last; whether it was already does not matter to who comes now.
    fresh.note('ACC-3');
    assert.deepEqual(await after(readings.length + 2), ['ACC-3']);
  });

  it('is no more than so many, those used last', async () => {
    const { fresh, after } = watched({ keysMax: 2 });
    for (const key of ['a', 'b', 'c', 'b']) fresh.note(key);
    assert.deepEqual(await after(1), ['c', 'b']);
  });

  it('goes on being read after a fault', async () => {
    const { fresh, after } = watched({ read: async () => Promise.reject(new Error('down')) });
    fresh.note('ACC-1');
    assert.deepEqual(await after(3), ['ACC-1']);
  });
});
