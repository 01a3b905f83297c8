import { metricMeter } from '@temporalio/workflow';
import { LIST_ALERTS_RAISED } from '../../observability/metrics/order-flow';
import type { ListAlert } from '../../domain/order-list/list-alerts';

/** Counts what went wrong with a list. The SDK leaves out what a replay does again. */
export function countAlerts(alerts: readonly ListAlert[]): void {
  const raised = metricMeter.createCounter(LIST_ALERTS_RAISED.name, '', LIST_ALERTS_RAISED.help);
  for (const { code } of alerts) raised.add(1, { code });
}
