import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { compare, decimal, isMultipleOf } from '../../../domain/money/decimal';
import { createSyntheticRows } from '../../../venues/simulator/market/synthetic-market';

// Goal: the made-up market is repeatable and sane. Method: an hour of it.
describe('synthetic market', () => {
  it('repeats with the same seed and differs with another', () => {
    const [a, b, c] = [createSyntheticRows(1), createSyntheticRows(1), createSyntheticRows(2)];
    assert.deepEqual(a(), b());
    assert.notDeepEqual(a(), c());
  });

  it('stays near its start, is never crossed, and shows enough for small and not for large orders', () => {
    const next = createSyntheticRows(7);
    for (let second = 0; second < 3_600; second += 1) {
      for (const { symbol, bid, ask, askSize } of next()) {
        assert.ok(bid !== undefined && ask !== undefined && askSize !== undefined);
        assert.ok(compare(bid, ask) < 0, `${symbol} ${bid}/${ask}`);
        assert.ok(isMultipleOf(bid, decimal('0.01')) && isMultipleOf(ask, decimal('0.01')));
        assert.ok(compare(askSize, decimal('1000')) > 0 && compare(askSize, decimal('50000')) < 0);
        if (symbol === 'SPY') assert.ok(compare(bid, decimal('164')) > 0 && compare(ask, decimal('172')) < 0);
      }
    }
  });
});
