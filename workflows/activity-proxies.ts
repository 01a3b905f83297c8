import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { CorrectionActivities } from '../activities/corrections.port';
import type { ExecutionActivities } from '../activities/execution/execution.port';
import type { OrderEntryActivities } from '../activities/order-entry/order-entry.port';
import type { OrderStepActivities } from '../activities/order-steps.port';
import type { ListRecordActivities } from '../activities/reporting/list-record.port';
import type { ReportingActivities } from '../activities/reporting/reporting.port';
import type { RiskActivities } from '../activities/risk/risk.port';
import type { SettlementActivities } from '../activities/settlement/settlement.port';

/**
 * Entry steps run as local activities in the first workflow task. They may be tried for some seconds, while the
 * caller waits; then the order is denied, because an order that is accepted late is worse than one refused.
 */
const ENTRY = { startToCloseTimeout: '3s', scheduleToCloseTimeout: '7s' } as const;
/** Attempts are bounded too: the time limit of a local activity starts anew with every heartbeat of its task. */
const ENTRY_RETRY = { initialInterval: '100ms', maximumInterval: '1s', maximumAttempts: 8 } as const;

export const entry = proxyLocalActivities<OrderEntryActivities & RiskActivities & OrderStepActivities>({
  ...ENTRY,
  retry: ENTRY_RETRY,
});

/** Amendments are answered at once: one attempt, and the caller may repeat. */
export const amendment = proxyLocalActivities<OrderEntryActivities & RiskActivities>({
  startToCloseTimeout: '3s',
  retry: { maximumAttempts: 1 },
});

type Effects = ReportingActivities &
  ListRecordActivities &
  SettlementActivities &
  Pick<RiskActivities, 'applyExposure'> &
  Pick<OrderStepActivities, 'deliverEffects'>;

/** Effects are tried locally once, because signals and updates wait while a local activity runs … */
export const localEffects = proxyLocalActivities<Effects>({
  startToCloseTimeout: '2s',
  retry: { maximumAttempts: 1 },
});

/** … and otherwise go on as regular activities until they succeed, which nobody waits for. */
export const durableEffects = proxyActivities<Effects>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** What continues a closed order waits for MongoDB for as long as it takes. */
export const corrections = proxyActivities<CorrectionActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

/** Sends run where the session with the venue lives. A lost attempt is repeated; the gateway sends at most once. */
export function venueActivities(taskQueue: string): ExecutionActivities {
  return proxyActivities<ExecutionActivities>({
    taskQueue,
    startToCloseTimeout: '15s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
  });
}

/** How an effect was delivered: the end of a regular activity is an event of the history, that of a local one is not. */
export type DeliveredBy = 'local' | 'durable';

/** Tries `local`; when that fails, `durable`, which retries for as long as it takes. Tells which of them did it. */
export async function localThenDurable(
  local: () => Promise<void>,
  durable: () => Promise<void>,
): Promise<DeliveredBy> {
  try {
    await local();
    return 'local';
  } catch {
    // The cause is on record in the marker of the local activity; the durable activity has the last word.
    await durable();
    return 'durable';
  }
}
