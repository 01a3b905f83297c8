import { proxySinks, workflowInfo } from '@temporalio/workflow';
import type { FlowLabels, FlowSinks } from '../../observability/metrics/order-flow';

const { orderFlow } = proxySinks<FlowSinks>();

/**
 * Counts for the worker of one workflow run. A count says which of its kind it is in the run, so that the worker knows
 * those that come again because their workflow task was run once more (decision 0041).
 */
export class FlowCounter {
  private readonly counts: Record<string, number> = {};

  count(metric: { name: string }, labels: FlowLabels): void {
    const kind = [metric.name, ...Object.values(labels)].join(' ');
    const nth = (this.counts[kind] ?? 0) + 1;
    this.counts[kind] = nth;
    // A replay counts along, so that what comes after it has its number, and tells nobody.
    if (!workflowInfo().unsafe.isReplaying) orderFlow.count(metric.name, labels, nth);
  }
}
