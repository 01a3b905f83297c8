import type { MetricMeter } from '@temporalio/common';
import { METRICS } from './catalog';
import type { LabelsOf, MetricDefinition } from './definition';

/** Counts, sets or records one value; labels as the definition says. */
export type Count<D extends MetricDefinition> = (labels: LabelsOf<D>, by?: number) => void;
export type Set<D extends MetricDefinition> = (labels: LabelsOf<D>, value: number) => void;
export type Observe<D extends MetricDefinition> = (labels: LabelsOf<D>, value: number) => void;

/**
 * Metrics of a worker go through the SDK's own meter, so that a worker has one endpoint for the SDK's metrics and ours.
 * Without a metrics address the meter takes everything and keeps nothing.
 */
export function sdkGauge<D extends MetricDefinition>(meter: MetricMeter, definition: D): Set<D> {
  const gauge = meter.createGauge(definition.name, 'float', '', definition.help);
  return (labels, value) => gauge.set(value, labels);
}

export function sdkHistogram<D extends MetricDefinition>(meter: MetricMeter, definition: D): Observe<D> {
  const histogram = meter.createHistogram(definition.name, 'float', '', definition.help);
  // The SDK refuses negative values; a clock that was set back must not fail an activity.
  return (labels, value) => histogram.record(Math.max(0, value), labels);
}

/** Bucket bounds by metric for the SDK's exporter, which otherwise has its own idea of them. */
export function bucketOverrides(): Record<string, number[]> {
  const definitions: MetricDefinition[] = Object.values(METRICS);
  return Object.fromEntries(
    definitions.flatMap(({ name, buckets }) => (buckets === undefined ? [] : [[name, [...buckets]]])),
  );
}
