import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { METRICS } from './catalog';
import type { MetricDefinition } from './definition';
import { coresUsed } from './process-watch';

const LOOK_MS = 5_000;

type LabelName<D extends MetricDefinition> = keyof D['labels'] & string;

function namesOf<D extends MetricDefinition>({ labels }: D): LabelName<D>[] {
  return Object.keys(labels) as LabelName<D>[];
}

export function promCounter<D extends MetricDefinition>(
  registry: Registry,
  definition: D,
): Counter<LabelName<D>> {
  const { name, help } = definition;
  return new Counter({ name, help, labelNames: namesOf(definition), registers: [registry] });
}

export function promHistogram<D extends MetricDefinition & { buckets: readonly number[] }>(
  registry: Registry,
  definition: D,
): Histogram<LabelName<D>> {
  const { name, help, buckets } = definition;
  const labelNames = namesOf(definition);
  return new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [registry] });
}

/**
 * `collect` runs when the registry is read and sets the current values. Gauges say the same in each of several API
 * processes, so that an aggregation over them takes the greatest and adds nothing up; `sum` says otherwise.
 */
export function promGauge<D extends MetricDefinition>(
  registry: Registry,
  definition: D,
  options: {
    collect?: (gauge: Gauge<LabelName<D>>) => Promise<void> | void;
    aggregator?: 'max' | 'sum';
  } = {},
): Gauge<LabelName<D>> {
  const { name, help } = definition;
  const { collect, aggregator = 'max' } = options;
  return new Gauge({
    name,
    help,
    labelNames: namesOf(definition),
    aggregator,
    registers: [registry],
    ...(collect === undefined
      ? {}
      : {
          collect: async function () {
            await collect(this);
          },
        }),
  });
}

/** The figures of this process: those that prom-client knows, and the CPU of the last seconds. */
export function promProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  const gauge = promGauge(registry, METRICS.processCpu, { aggregator: 'sum' });
  let cpu = process.cpuUsage();
  let atNs = process.hrtime.bigint();
  // By the clock and not by the reader, so that two readers do not take the time away from each other.
  setInterval(() => {
    gauge.set(coresUsed(process.cpuUsage(cpu), process.hrtime.bigint() - atNs));
    cpu = process.cpuUsage();
    atNs = process.hrtime.bigint();
  }, LOOK_MS).unref();
}
