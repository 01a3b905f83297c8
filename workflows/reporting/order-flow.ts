import { metricMeter } from '@temporalio/workflow';
import { ORDER_ANOMALIES, ORDER_TRANSITIONS, ORDERS_DENIED } from '../../observability/metrics/order-flow';
import type { OrderState } from '../../domain/order/order-types';

/** Validation has not chosen a venue yet; what the client asked for is free text and no label. */
const NO_VENUE = 'none';

/** Counts that an order came into its state. The SDK leaves out what a replay does again. */
export function countState({ state, terms, rejectedBy, reasons }: OrderState): void {
  const transitions = metricMeter.createCounter(ORDER_TRANSITIONS.name, '', ORDER_TRANSITIONS.help);
  transitions.add(1, { state, venue: terms?.venue ?? NO_VENUE });
  if (state !== 'rejected' || rejectedBy === undefined || rejectedBy === 'venue') return;
  const denied = metricMeter.createCounter(ORDERS_DENIED.name, '', ORDERS_DENIED.help);
  for (const reason of new Set(reasons.map(({ code }) => code))) denied.add(1, { by: rejectedBy, reason });
}

/** Counts a report that broke a rule, so that operations hear of it. */
export function countAnomaly({ terms }: OrderState, code: string): void {
  const anomalies = metricMeter.createCounter(ORDER_ANOMALIES.name, '', ORDER_ANOMALIES.help);
  anomalies.add(1, { code, venue: terms?.venue ?? NO_VENUE });
}
