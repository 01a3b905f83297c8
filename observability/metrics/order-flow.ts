/**
 * What order workflows count. This file is part of the workflow bundle, so it imports nothing. Workflows count as they
 * decide, and their worker counts nothing twice.
 */
export const ORDER_TRANSITIONS = {
  name: 'steadfill_order_transitions_total',
  type: 'counter',
  help: 'Orders that came into a state, in the order workflow',
  source: 'worker-orders',
  labels: { state: 'states of the order lifecycle', venue: 'venues, or `none` before one is chosen' },
} as const;

export const ORDER_ANOMALIES = {
  name: 'steadfill_order_anomalies_total',
  type: 'counter',
  help: 'Reports of venues that broke a rule: recorded with the order, and for people to look at',
  source: 'worker-orders',
  labels: { code: 'error codes', venue: 'venues, or `none` before one is chosen' },
} as const;

export const ORDERS_DENIED = {
  name: 'steadfill_orders_denied_total',
  type: 'counter',
  help: 'Orders denied by our validation or risk, once for each reason',
  source: 'worker-orders',
  labels: { by: '`validation`, `risk`', reason: 'error codes' },
} as const;

export const LIST_ALERTS_RAISED = {
  name: 'steadfill_list_alerts_total',
  type: 'counter',
  help: 'What went wrong between the orders of a list, in the list workflow',
  source: 'worker-orders',
  labels: { code: 'alerts of lists' },
} as const;

export type FlowLabels = Readonly<Record<string, string>>;

/** Where workflows leave what they count: one more of this metric with these labels, the one number `nth` of the run. */
export type FlowSinks = {
  orderFlow: { count(metric: string, labels: FlowLabels, nth: number): void };
};
