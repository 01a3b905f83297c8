import type { MetricMeter } from '@temporalio/common';
import type { InjectedSinks, WorkerPlugin } from '@temporalio/worker';
import { LruMap } from '../../storage/lru-map';
import {
  LIST_ALERTS_RAISED,
  ORDER_ANOMALIES,
  ORDER_TRANSITIONS,
  ORDERS_DENIED,
  type FlowLabels,
  type FlowSinks,
} from './order-flow';

const COUNTED = [ORDER_TRANSITIONS, ORDER_ANOMALIES, ORDERS_DENIED, LIST_ALERTS_RAISED];
/** More than what a worker has in hand when tasks fail and are run again. */
const REMEMBERED_MAX = 20_000;

/**
 * Knows what workflows have counted. They count nothing while they replay, but a workflow task whose result did not reach
 * the server, or came too late for it, is run once more and is no replay then: what it counts comes again.
 */
export class FlowCounts {
  private readonly highest = new LruMap<number>(REMEMBERED_MAX);

  /** True for the count number `nth` of these labels in this run when it comes for the first time; remembers it then. */
  isNew(runId: string, metric: string, labels: FlowLabels, nth: number): boolean {
    const key = [runId, metric, ...Object.values(labels)].join(' ');
    if (nth <= (this.highest.get(key) ?? 0)) return false;
    this.highest.set(key, nth);
    return true;
  }
}

function flowSinks(meter: MetricMeter): InjectedSinks<FlowSinks> {
  const counts = new FlowCounts();
  const counters = new Map<string, ReturnType<MetricMeter['createCounter']>>(
    COUNTED.map(({ name, help }) => [name, meter.createCounter(name, '', help)]),
  );
  return {
    orderFlow: {
      count: {
        fn({ runId, namespace, taskQueue, workflowType }, metric, labels, nth) {
          if (!counts.isNew(runId, metric, labels, nth)) return;
          const counter = counters.get(metric);
          // The SDK logs what a sink throws, and goes on.
          if (counter === undefined) throw new Error(`workflows count ${metric}, and nobody keeps it`);
          counter.add(1, { ...labels, namespace, taskQueue, workflowType });
        },
      },
    },
  };
}

/**
 * Gives the workflows of a worker what they count with. Without a meter, as for a replay, the counts go nowhere: a replay
 * of an order that is still open runs its last step as if it were new.
 */
export function flowCountsPlugin(meter?: MetricMeter): WorkerPlugin {
  const sinks = meter === undefined ? { orderFlow: { count: { fn: () => undefined } } } : flowSinks(meter);
  return {
    name: 'steadfill-flow-counts',
    configureWorker: (options) => ({ ...options, sinks: { ...options.sinks, ...sinks } }),
    configureReplayWorker: (options) => ({ ...options, sinks: { ...options.sinks, ...sinks } }),
  };
}
