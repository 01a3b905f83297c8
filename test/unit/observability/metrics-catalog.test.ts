import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Registry } from 'prom-client';
import { METRICS } from '../../../observability/metrics/catalog';
import type { MetricDefinition } from '../../../observability/metrics/definition';
import { promCounter, promGauge, promHistogram } from '../../../observability/metrics/prom-meters';
import { bucketOverrides } from '../../../observability/metrics/sdk-meters';
import { ERROR_CODES } from '../../../domain/errors/error-codes';
import { ACKNOWLEDGEMENT_OUTCOMES } from '../../../api/order-entry/acknowledgement';

// Goal: names, units and labels of metrics keep to Prometheus' conventions, and no label grows without end.
// Method: rules over the catalogue, and the catalogue against the code that sets the values.
const definitions: MetricDefinition[] = Object.values(METRICS);
const UNITS = /_(seconds|bytes|ratio)$/;
/** What identifies one of many: never a label. */
const UNBOUNDED = /order_?id|client|account|request|workflow|run_?id|exec|symbol|trader|user/i;

describe('the catalogue of metrics', () => {
  it('has every name once', () => {
    assert.equal(new Set(definitions.map(({ name }) => name)).size, definitions.length);
  });

  for (const { name, type, help, labels, buckets } of definitions) {
    it(`${name} keeps to the conventions`, () => {
      assert.match(name, /^(steadfill|process|nodejs)_[a-z0-9]+(_[a-z0-9]+)*$/);
      assert.equal(name.endsWith('_total'), type === 'counter', 'counters, and only they, end in _total');
      if (type === 'histogram') assert.match(name, UNITS, 'a histogram names its base unit');
      assert.doesNotMatch(name, /milli|minute|percent/, 'base units only');
      assert.ok(help.length > 10 && !help.endsWith('.'));
      assert.equal(buckets !== undefined, type === 'histogram');
      if (buckets !== undefined)
        assert.deepEqual(
          [...buckets],
          [...new Set(buckets)].sort((a, b) => a - b),
        );
    });

    it(`${name} has labels from closed sets only`, () => {
      for (const [label, set] of Object.entries(labels)) {
        assert.doesNotMatch(label, UNBOUNDED);
        assert.ok(set.length > 0, `the set of ${label} is said`);
      }
    });
  }

  it('names the outcomes that answers have', () => {
    const said = [...METRICS.orderAcknowledgement.labels.outcome.matchAll(/`(\w+)`/g)].map(
      ([, name]) => name,
    );
    assert.deepEqual(said, [...ACKNOWLEDGEMENT_OUTCOMES]);
  });

  it('has reasons of denials that are few enough to be labels', () => {
    assert.ok(Object.keys(ERROR_CODES).length < 100);
  });

  it('gives the SDK the same buckets as prom-client', async () => {
    const registry = new Registry();
    promHistogram(registry, METRICS.riskCheck).observe({ outcome: 'reserved' }, 0.01);
    const text = await registry.metrics();
    const bounds = [...text.matchAll(/le="([\d.]+)"/g)].map(([, bound]) => Number(bound));
    assert.deepEqual(bounds, bucketOverrides()[METRICS.riskCheck.name]);
  });

  it('makes instruments that refuse a label of no definition', () => {
    const registry = new Registry();
    const counter = promCounter(registry, METRICS.httpRequests);
    assert.throws(() => counter.inc({ orderId: 'x' } as never), /not included in initial labelset/);
    const gauge = promGauge(registry, METRICS.ordersStuck);
    assert.throws(() => gauge.set({ account: 'x' } as never, 1), /not included in initial labelset/);
  });
});
