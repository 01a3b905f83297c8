import type { MetricDefinition } from './definition';
import { LIST_ALERTS_RAISED, ORDER_ANOMALIES, ORDER_TRANSITIONS, ORDERS_DENIED } from './order-flow';

/** From a millisecond to the longest that a caller waits. */
const ANSWER_SECONDS = [
  0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10,
];
/** Parts of an answer are shorter than it. */
const STEP_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10];
/** Views may be behind by minutes while MongoDB is away. */
const LAG_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];

/** Every metric of ours. `docs/metrics.md`, the dashboards and the alerts are checked against this table. */
export const METRICS = {
  httpRequests: {
    name: 'steadfill_http_requests_total',
    type: 'counter',
    help: 'HTTP requests answered',
    source: 'api',
    labels: { method: 'HTTP methods', route: 'paths of the route table', status: 'HTTP statuses' },
  },
  httpDuration: {
    name: 'steadfill_http_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the first byte of a request to the end of its answer',
    source: 'api',
    labels: { method: 'HTTP methods', route: 'paths of the route table', status: 'HTTP statuses' },
    buckets: ANSWER_SECONDS,
  },
  httpInFlight: {
    name: 'steadfill_http_requests_in_flight',
    type: 'gauge',
    help: 'HTTP requests that are being answered, streams included',
    source: 'api',
    labels: {},
  },
  orderAcknowledgement: {
    name: 'steadfill_order_acknowledgement_seconds',
    type: 'histogram',
    help: 'Time from a well-formed order to its durable answer',
    source: 'api',
    labels: {
      outcome:
        '`accepted`, `repeated`, `denied`, `conflict`, `overloaded`, `unavailable`, `unknown`, `failed`',
      build: 'worker builds that run; `none` when no workflow answered',
    },
    buckets: ANSWER_SECONDS,
  },
  submitsShed: {
    name: 'steadfill_submits_shed_total',
    type: 'counter',
    help: 'New orders refused before anything was begun',
    source: 'api',
    labels: { reason: '`inFlight`, `latency`, `silence`, `eventLoop`' },
  },
  submitsInFlight: {
    name: 'steadfill_submits_in_flight',
    type: 'gauge',
    help: 'New orders that wait for their answer',
    source: 'api',
    labels: {},
  },
  submitsInFlightLimit: {
    name: 'steadfill_submits_in_flight_limit',
    type: 'gauge',
    help: 'New orders that are let in at once',
    source: 'api',
    labels: {},
  },
  orderTransitions: ORDER_TRANSITIONS,
  ordersDenied: ORDERS_DENIED,
  listAlertsRaised: LIST_ALERTS_RAISED,
  orderAnomalies: ORDER_ANOMALIES,
  riskCheck: {
    name: 'steadfill_risk_check_seconds',
    type: 'histogram',
    help: 'Time of one pre-trade risk check with its reservation',
    source: 'worker-orders',
    labels: { outcome: '`reserved`, `denied`, `failed`' },
    buckets: STEP_SECONDS,
  },
  viewLag: {
    name: 'steadfill_view_lag_seconds',
    type: 'histogram',
    help: 'Time from the oldest event of a record to its being in log, views and ledger',
    source: 'worker-orders',
    labels: {},
    buckets: LAG_SECONDS,
  },
  venueWire: {
    name: 'steadfill_venue_wire_seconds',
    type: 'histogram',
    help: "Time from handing a message to the venue's session to the venue's answer, the gateway's journal included",
    source: 'worker-execution',
    labels: {
      venue: 'venues',
      message: '`order`, `cancel`, `replace`, `status`',
      outcome: '`answered`, `notSent`, `unknown`',
    },
    buckets: STEP_SECONDS,
  },
  venueSessionUp: {
    name: 'steadfill_venue_session_up',
    type: 'gauge',
    help: '1 while the session with the venue is connected',
    source: 'worker-execution',
    labels: { venue: 'venues' },
  },
  reportsWaiting: {
    name: 'steadfill_venue_reports_waiting',
    type: 'gauge',
    help: 'Execution reports that are stored and not yet with their order',
    source: 'worker-execution',
    labels: { venue: 'venues' },
  },
  reservedCash: {
    name: 'steadfill_reserved_cash',
    type: 'gauge',
    help: 'Cash reserved for open orders over all accounts, in units of the currency',
    source: 'api',
    labels: { currency: 'currencies of accounts' },
  },
  ordersOpen: {
    name: 'steadfill_orders_open',
    type: 'gauge',
    help: 'Orders in the views that have not ended, counted up to 100,000 a state',
    source: 'api',
    labels: { state: 'states of the order lifecycle that are not final' },
  },
  ordersStuck: {
    name: 'steadfill_orders_stuck',
    type: 'gauge',
    help: 'Order workflows that began over a minute ago and still are in a state that should pass in seconds',
    source: 'api',
    labels: { state: '`new`, `validated`, `unknown`' },
  },
  taskQueueBacklog: {
    name: 'steadfill_task_queue_backlog',
    type: 'gauge',
    help: 'Tasks that wait in a Temporal task queue for a worker, as the server estimates',
    source: 'api',
    labels: { queue: 'task queues of this system', kind: '`workflow`, `activity`' },
  },
  taskQueueBacklogAge: {
    name: 'steadfill_task_queue_backlog_age_seconds',
    type: 'gauge',
    help: 'How long the oldest waiting task has waited',
    source: 'api',
    labels: { queue: 'task queues of this system', kind: '`workflow`, `activity`' },
  },
  taskQueuePollers: {
    name: 'steadfill_task_queue_pollers',
    type: 'gauge',
    help: 'Workers that asked the task queue for work within the last 90 seconds',
    source: 'api',
    labels: { queue: 'task queues of this system', kind: '`workflow`, `activity`' },
  },
  dependencyUp: {
    name: 'steadfill_dependency_up',
    type: 'gauge',
    help: '1 while the API can ask a server that the system stands on',
    source: 'api',
    labels: { dependency: '`temporal`, `mongodb`' },
  },
  reconciliationBreaks: {
    name: 'steadfill_reconciliation_breaks',
    type: 'gauge',
    help: 'Assets whose ledger does not sum to zero, ended orders that reserve, reports without an order',
    source: 'api',
    labels: { kind: '`ledger`, `reservation`, `unmatchedReport`' },
  },
  reconciliationTime: {
    name: 'steadfill_reconciliation_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When all reconciliation checks last came to an end',
    source: 'api',
    labels: {},
  },
  processCpu: {
    name: 'steadfill_process_cpu_cores',
    type: 'gauge',
    help: 'CPU cores that the process used on average over the last seconds',
    source: 'every',
    labels: {},
  },
  processMemory: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of the process',
    source: 'every',
    labels: {},
  },
  eventLoopLag: {
    name: 'nodejs_eventloop_lag_p99_seconds',
    type: 'gauge',
    help: 'Lag of the event loop of the main thread, 99th percentile of the last seconds',
    source: 'every',
    labels: {},
  },
  simulatorOrders: {
    name: 'steadfill_simulator_orders',
    type: 'gauge',
    help: 'Orders that the simulated venue has taken since its journal began',
    source: 'venue-simulator',
    labels: {},
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricKey = keyof typeof METRICS;
