/** Processes of a system, as `run.json` names them; `every` stands for each that is a program of ours. */
export type MetricSource = 'api' | 'worker-orders' | 'worker-execution' | 'venue-simulator' | 'every';

/** What one metric means, once for the code that sets it, the documents, the dashboards and the alerts. */
export interface MetricDefinition {
  /** By Prometheus convention: base unit last, `_total` for counters. */
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  source: MetricSource;
  /** Each label with the closed set that its values come from. An order, a request or an account is never a label. */
  labels: Readonly<Record<string, string>>;
  /** Upper bounds in the unit of the metric; histograms only. */
  buckets?: readonly number[];
}

export type LabelsOf<D extends MetricDefinition> = Record<keyof D['labels'] & string, string>;
