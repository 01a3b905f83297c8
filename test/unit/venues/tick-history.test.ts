// Goal: the venue can say what its market was since a time, wherever a reader left off. Method: the history in memory.
import assert from 'node:assert/strict';
import { decimal } from '../../../domain/money/decimal';
import { TickHistory } from '../../../venues/simulator/core/tick-history';

const at = (ms: number): string => new Date(ms).toISOString();

describe('the history of ticks', () => {
  it('keeps what changed, with what stood before the time that was asked for', () => {
    const history = new TickHistory();
    history.quote('IBM', 1_000, { bid: decimal('9'), ask: decimal('11') });
    history.trade('IBM', 2_000, decimal('10'));
    history.trade('IBM', 2_500, decimal('10'));
    history.quote('IBM', 2_000, { ask: decimal('11') }, 'market time');
    history.trade('AIG', 2_600, decimal('50'));
    const page = history.since('IBM', 2_000, 100);
    assert.deepEqual(page.standing, { at: at(1_000), bid: '9', ask: '11' });
    assert.deepEqual(page.items, [
      { at: at(2_000), bid: '9', ask: '11', last: '10' },
      { at: at(2_000), ask: '11', last: '10', marketTime: 'market time' },
    ]);
    assert.deepEqual([page.complete, page.more], [true, false]);
    assert.deepEqual(history.since('NOPE', 0, 100), { items: [], complete: true, more: false });
  });

  it('never parts ticks of one time over two pages', () => {
    const history = new TickHistory();
    for (let price = 1; price <= 5; price += 1)
      history.trade('IBM', price <= 2 ? 1 : 2, decimal(String(price)));
    const first = history.since('IBM', 0, 3);
    assert.equal(first.items.length, 5);
    const small = history.since('IBM', 0, 1);
    assert.deepEqual([small.items.length, small.more], [2, true]);
  });

  it('never goes back in time, and says what it gave up', () => {
    const history = new TickHistory();
    for (let n = 0; n < 20_000; n += 1) history.trade('IBM', n, decimal(String(n + 1)));
    history.trade('IBM', 5, decimal('7'));
    assert.equal(history.since('IBM', 19_999, 100).items.at(-1)?.at, at(19_999));
    assert.equal(history.since('IBM', 1_999, 10).complete, false);
    assert.equal(history.since('IBM', 2_000, 10).complete, true);
  });
});
