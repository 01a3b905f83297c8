import type { MetricMeter } from '@temporalio/common';
import { METRICS } from '../observability/metrics/catalog';
import { sdkGauge, sdkHistogram } from '../observability/metrics/sdk-meters';
import type { SendResult } from '../activities/execution/execution.port';
import type { ReportingActivities } from '../activities/reporting/reporting.port';
import type { Risk } from '../activities/risk/risk.port';
import type { VenueAdapter } from '../venues/venue-port';

const SESSION_LOOK_MS = 1_000;
const secondsSince = (begunMs: number): number => (performance.now() - begunMs) / 1_000;

/** Risk, with the time of each check. Measuring is the worker's business: activities know nothing of it. */
export function measuredRisk({ activities, entry, ...rest }: Risk, meter: MetricMeter): Risk {
  const observe = sdkHistogram(meter, METRICS.riskCheck);
  const measured = async <T extends { outcome: string }>(check: () => Promise<T>): Promise<T> => {
    const begunMs = performance.now();
    let outcome = 'failed';
    try {
      const result = await check();
      outcome = result.outcome;
      return result;
    } finally {
      // An order whose identity another one has was not checked at all.
      if (outcome !== 'taken') observe({ outcome }, secondsSince(begunMs));
    }
  };
  return {
    ...rest,
    activities: {
      ...activities,
      reserveExposure: (input) => measured(() => activities.reserveExposure(input)),
    },
    entry: {
      ...entry,
      admit: (input, identity) => measured(() => entry.admit(input, identity)),
    },
  };
}

/** The reporting activities, with how far the views were behind when a record was in them. */
export function measuredReporting(
  activities: ReportingActivities,
  meter: MetricMeter,
  nowMs: () => number = Date.now,
): ReportingActivities {
  const observe = sdkHistogram(meter, METRICS.viewLag);
  return {
    ...activities,
    async recordOrder(input, settled) {
      await activities.recordOrder(input, settled);
      const [oldest] = input.events;
      if (oldest !== undefined) observe({}, (nowMs() - Date.parse(oldest.at)) / 1_000);
    },
  };
}

const OUTCOMES = { sent: 'answered', notSent: 'notSent', unknown: 'unknown' } as const;

/** A venue's adapter, with the time of each message until the venue answered. */
export function measuredAdapter(adapter: VenueAdapter, meter: MetricMeter): VenueAdapter {
  const observe = sdkHistogram(meter, METRICS.venueWire);
  const { venue } = adapter;
  const measured = async (message: string, call: () => Promise<SendResult>): Promise<SendResult> => {
    const begunMs = performance.now();
    const result = await call();
    observe({ venue, message, outcome: OUTCOMES[result.outcome] }, secondsSince(begunMs));
    return result;
  };
  return {
    venue,
    capabilities: adapter.capabilities,
    start: (onReports) => adapter.start(onReports),
    send: (order) => measured('order', () => adapter.send(order)),
    cancel: (cancel) => measured('cancel', () => adapter.cancel(cancel)),
    replace: (replace) => measured('replace', () => adapter.replace(replace)),
    status: async (order) => {
      const begunMs = performance.now();
      const result = await adapter.status(order);
      const outcome = result.outcome === 'unreachable' ? 'unknown' : 'answered';
      observe({ venue, message: 'status', outcome }, secondsSince(begunMs));
      return result;
    },
    sessionState: () => adapter.sessionState(),
    stop: () => adapter.stop(),
  };
}

export interface WatchedSession {
  adapter: Pick<VenueAdapter, 'venue' | 'sessionState'>;
  waitingCount: () => number;
}

/** Shows the state of a venue's session until it is stopped. */
export function watchSession(
  { adapter, waitingCount }: WatchedSession,
  meter: MetricMeter,
): { stop(): void } {
  const up = sdkGauge(meter, METRICS.venueSessionUp);
  const waiting = sdkGauge(meter, METRICS.reportsWaiting);
  const { venue } = adapter;
  const look = (): void => {
    up({ venue }, adapter.sessionState() === 'connected' ? 1 : 0);
    waiting({ venue }, waitingCount());
  };
  look();
  const timer = setInterval(look, SESSION_LOOK_MS).unref();
  return { stop: () => clearInterval(timer) };
}
